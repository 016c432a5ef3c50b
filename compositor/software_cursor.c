#include "compositor/software_cursor.h"

#include <wlr/render/pass.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_scene.h>

#include "compositor/backend.h"
#include "compositor/mirror.h"
#include "compositor/output.h"
#include "compositor/server.h"

static bool is_painted(const struct wlr_output_cursor *cursor) {
	return cursor->enabled && cursor->visible && cursor != cursor->output->hardware_cursor;
}

bool software_cursor_is_in_the_way(const struct output *output) {
	const struct wlr_output_cursor *cursor;
	if (output->mirror->listeners == 0) {
		return false;
	}
	wl_list_for_each (cursor, &output->wlr->cursors, link) {
		if (is_painted(cursor)) {
			return true;
		}
	}
	return false;
}

/* What is below the cursors is composed anew each time, so that they are never painted twice over
 * the same px. The picture doesn't change by that: it is no damage of the commit's. */
static void renew_what_is_below(struct output *output) {
	struct wlr_output_cursor *cursor;
	wl_list_for_each (cursor, &output->wlr->cursors, link) {
		struct wlr_box box = {.x = cursor->x - cursor->hotspot_x,
			.y = cursor->y - cursor->hotspot_y,
			.width = cursor->width,
			.height = cursor->height};
		if (is_painted(cursor)) {
			wlr_damage_ring_add_box(&output->scene_output->damage_ring, &box);
		}
	}
}

/* With no cursor in the output's list, the scene paints none; nor may it show a window's buffer
 * itself, which can't be painted into. */
static bool compose_without(struct output *output, struct wlr_output_state *state) {
	struct wlr_output *wlr = output->wlr;
	struct wl_list hidden;
	wl_list_init(&hidden);
	wl_list_insert_list(&hidden, &wlr->cursors);
	wl_list_init(&wlr->cursors);
	wlr_output_lock_attach_render(wlr, true);
	bool ok = wlr_scene_output_build_state(output->scene_output, state, NULL);
	wlr_output_lock_attach_render(wlr, false);
	wl_list_insert_list(&wlr->cursors, &hidden);
	return ok && (state->committed & WLR_OUTPUT_STATE_BUFFER);
}

static bool paint(struct output *output, struct wlr_output_state *state) {
	struct wlr_output *wlr = output->wlr;
	struct wlr_render_pass *pass =
		wlr_renderer_begin_buffer_pass(wlr->renderer, state->buffer, NULL);
	if (!pass) {
		return false;
	}
	wlr_output_add_software_cursors_to_render_pass(wlr, pass, NULL);
	return wlr_render_pass_submit(pass);
}

bool software_cursor_commit(struct output *output) {
	if (!output->wlr->needs_frame) {
		return true;
	}
	struct wlr_output_state state;
	wlr_output_state_init(&state);
	renew_what_is_below(output);
	bool ok = compose_without(output, &state);
	if (ok) {
		backend_finish_drawing(output->outputs->server);
		mirror_commit(output->mirror, &state);
		output->mirrored = true;
		ok = paint(output, &state) && wlr_output_commit_state(output->wlr, &state);
		output->mirrored = false;
	}
	wlr_output_state_finish(&state);
	return ok;
}
