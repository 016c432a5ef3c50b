#include "compositor/output.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wlr/backend.h>
#include <wlr/backend/headless.h>
#include <wlr/backend/wayland.h>
#include <wlr/backend/x11.h>
#include <wlr/config.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_output_layout.h>

#include "compositor/backend.h"
#include "compositor/config.h"
#include "compositor/desktop.h"
#include "compositor/mirror.h"
#include "compositor/options.h"
#include "compositor/server.h"
#include "compositor/shells.h"
#include "compositor/software_cursor.h"
#include "compositor/state.h"
#include "util/log.h"
#include "util/mem.h"
#include "vm-display/frame.h"

#define PLACE_MAX 1000000 /* logical px, of an output's corner */

static void color_to_floats(uint32_t color, float out[static 4]) {
	out[0] = (color >> 16 & 0xff) / 255.0f;
	out[1] = (color >> 8 & 0xff) / 255.0f;
	out[2] = (color & 0xff) / 255.0f;
	out[3] = 1;
}

static void handle_output_frame(struct wl_listener *listener, void *data) {
	struct output *output = wl_container_of(listener, output, frame);
	wl_signal_emit_mutable(&output->outputs->events.frame, output);
	if (software_cursor_is_in_the_way(output)) {
		software_cursor_commit(output);
	} else {
		wlr_scene_output_commit(output->scene_output, NULL);
	}
	wl_signal_emit_mutable(&output->outputs->events.composed, output);
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	wlr_scene_output_send_frame_done(output->scene_output, &now);
}

static void handle_output_precommit(struct wl_listener *listener, void *data) {
	struct output *output = wl_container_of(listener, output, precommit);
	const struct wlr_output_event_precommit *event = data;
	if (event->state->committed & WLR_OUTPUT_STATE_BUFFER) {
		backend_finish_drawing(output->outputs->server);
	}
}

static void handle_output_commit(struct wl_listener *listener, void *data) {
	struct output *output = wl_container_of(listener, output, commit);
	const struct wlr_output_event_commit *event = data;
	if (!output->mirrored) {
		mirror_commit(output->mirror, event->state);
	}
}

/* A nested window was resized, or closed parts of its state, by its host. */
static void handle_output_request_state(struct wl_listener *listener, void *data) {
	struct output *output = wl_container_of(listener, output, request_state);
	const struct wlr_output_event_request_state *event = data;
	wlr_output_commit_state(output->wlr, event->state);
}

static void place_background(struct output *output) {
	float color[4];
	color_to_floats(output->outputs->server->config->background, color);
	wlr_scene_rect_set_color(output->background, color);
	wlr_scene_rect_set_size(output->background, output->box.width, output->box.height);
	wlr_scene_node_set_position(&output->background->node, output->box.x, output->box.y);
}

static void update_geometry(struct output *output) {
	struct wlr_box box;
	if (!output->placed) {
		return;
	}
	wlr_output_layout_get_box(output->outputs->layout, output->wlr, &box);
	if (wlr_box_equal(&box, &output->box)) {
		return;
	}
	output->box = box;
	output->usable = box;
	place_background(output);
	wl_signal_emit_mutable(&output->outputs->events.changed, output);
}

static void handle_layout_change(struct wl_listener *listener, void *data) {
	struct outputs *outputs = wl_container_of(listener, outputs, layout_change);
	struct output *output;
	wl_list_for_each (output, &outputs->list, link) {
		update_geometry(output);
	}
}

static bool is_nested_window(struct wlr_output *wlr) {
	if (wlr_output_is_wl(wlr)) {
		return true;
	}
#if WLR_HAS_X11_BACKEND
	return wlr_output_is_x11(wlr);
#else
	return false;
#endif
}

static void output_destroy(struct output *output) {
	struct outputs *outputs = output->outputs;
	bool was_window = is_nested_window(output->wlr);
	wl_list_remove(&output->frame.link);
	wl_list_remove(&output->request_state.link);
	wl_list_remove(&output->precommit.link);
	wl_list_remove(&output->commit.link);
	wl_list_remove(&output->destroy.link);
	wl_list_remove(&output->link);
	if (!outputs->closing && !output_is_headless(output)) {
		state_remember_output(outputs->server->state, output);
	}
	wl_signal_emit_mutable(&outputs->events.removed, output);
	if (output->placed && !output_is_headless(output) && outputs->server->seat) {
		seat_remove_output(outputs->server->seat, output->wlr);
	}
	wlr_scene_node_destroy(&output->background->node);
	mirror_destroy(output->mirror);
	free(output);
	if (wl_list_empty(&outputs->list) && !outputs->closing && was_window) {
		log_info("the window was closed; the guests go on");
		server_quit(outputs->server, EXIT_SUCCESS);
	} else if (wl_list_empty(&outputs->list) && !outputs->closing) {
		log_info("no output is left; 'mullionctl output create NAME WxH' makes one");
	}
}

static void handle_output_destroy(struct wl_listener *listener, void *data) {
	struct output *output = wl_container_of(listener, output, destroy);
	output_destroy(output);
}

static struct wlr_output_mode *find_mode(
	struct wlr_output *wlr, int width, int height, double refresh) {
	struct wlr_output_mode *mode, *best = NULL;
	wl_list_for_each (mode, &wlr->modes, link) {
		bool fits = mode->width == width && mode->height == height &&
			(refresh < 0 || abs(mode->refresh - (int)(refresh * 1000)) < 500);
		if (fits && (!best || mode->refresh > best->refresh)) {
			best = mode;
		}
	}
	return best;
}

static bool set_state_mode(struct output *output, struct wlr_output_state *state, int width,
	int height, double refresh) {
	struct wlr_output_mode *mode = find_mode(output->wlr, width, height, refresh);
	if (mode) {
		wlr_output_state_set_mode(state, mode);
		return true;
	}
	if (!wl_list_empty(&output->wlr->modes) && refresh < 0) {
		refresh = 0;
	}
	wlr_output_state_set_custom_mode(state, width, height, refresh > 0 ? refresh * 1000 : 0);
	return true;
}

static const char *const transform_names[] = {
	"normal", "90", "180", "270", "flipped", "flipped-90", "flipped-180", "flipped-270"};

const char *output_transform_name(enum wl_output_transform transform) {
	return transform_names[transform];
}

static enum wl_output_transform parse_transform(const char *name) {
	for (int i = 0; i < 8; i++) {
		if (strcmp(name, transform_names[i]) == 0) {
			return i;
		}
	}
	return WL_OUTPUT_TRANSFORM_NORMAL;
}

static bool check_change(const struct control_output_change *change, char **error) {
	if ((change->width >= 0 && (change->width < 1 || change->width > FRAME_SIDE_MAX)) ||
		(change->height >= 0 && (change->height < 1 || change->height > FRAME_SIDE_MAX)) ||
		(change->width >= 0) != (change->height >= 0)) {
		*error = xasprintf("a mode is WIDTHxHEIGHT, each from 1 to %d", FRAME_SIDE_MAX);
		return false;
	}
	if (change->scale >= 0 && !(change->scale >= 0.25 && change->scale <= 8)) {
		*error = xstrdup("the scale is a number from 0.25 to 8");
		return false;
	}
	if ((change->x != INT_MIN && abs(change->x) > PLACE_MAX) ||
		(change->y != INT_MIN && abs(change->y) > PLACE_MAX)) {
		*error = xasprintf("a position is at most %d px from 0,0", PLACE_MAX);
		return false;
	}
	return true;
}

static void put_into_layout(struct output *output) {
	struct outputs *outputs = output->outputs;
	struct wlr_output_layout_output *placed = output->fixed
		? wlr_output_layout_add(outputs->layout, output->wlr, output->x, output->y)
		: wlr_output_layout_add_auto(outputs->layout, output->wlr);
	wlr_scene_output_layout_add_output(outputs->scene_layout, placed, output->scene_output);
}

static void take_in(struct output *output) {
	output->placed = true;
	wlr_scene_node_set_enabled(&output->background->node, true);
	put_into_layout(output);
	if (!output_is_headless(output)) {
		seat_add_output(output->outputs->server->seat, output->wlr);
	}
	wl_signal_emit_mutable(&output->outputs->events.enabled, output);
}

static void take_out(struct output *output) {
	struct outputs *outputs = output->outputs;
	output->placed = false;
	if (!output_is_headless(output)) {
		seat_remove_output(outputs->server->seat, output->wlr);
	}
	wlr_output_layout_remove(outputs->layout, output->wlr);
	wlr_scene_node_set_enabled(&output->background->node, false);
	output->box = output->usable = (struct wlr_box){0};
	wl_signal_emit_mutable(&outputs->events.disabled, output);
	wl_signal_emit_mutable(&outputs->events.changed, output);
}

/* What of a change is the desktop's, after the output itself took the rest. */
static void apply_place(struct output *output, const struct control_output_change *change) {
	bool moved = change->x != INT_MIN && change->y != INT_MIN;
	if (moved) {
		output->fixed = true;
		output->x = change->x;
		output->y = change->y;
	}
	if (change->enabled == 0 && output->placed) {
		take_out(output);
	} else if (change->enabled > 0 && !output->placed) {
		take_in(output);
	} else if (moved && output->placed) {
		put_into_layout(output);
	}
}

bool output_configure(
	struct output *output, const struct control_output_change *change, char **error) {
	if (!check_change(change, error)) {
		return false;
	}
	struct wlr_output_state state;
	wlr_output_state_init(&state);
	if (change->enabled >= 0) {
		wlr_output_state_set_enabled(&state, change->enabled);
	}
	if (change->width > 0) {
		set_state_mode(output, &state, change->width, change->height, change->refresh);
	}
	if (change->scale > 0) {
		wlr_output_state_set_scale(&state, change->scale);
	}
	if (change->transform) {
		wlr_output_state_set_transform(&state, parse_transform(change->transform));
	}
	bool ok = wlr_output_commit_state(output->wlr, &state);
	wlr_output_state_finish(&state);
	if (!ok) {
		*error = xasprintf("output %s doesn't take this mode", output->wlr->name);
		return false;
	}
	apply_place(output, change);
	state_changed(output->outputs->server->state);
	return true;
}

/* What the host's title bar says. */
static void name_window(struct wlr_output *wlr) {
	if (wlr_output_is_wl(wlr)) {
		wlr_wl_output_set_title(wlr, "mullion");
	}
#if WLR_HAS_X11_BACKEND
	if (wlr_output_is_x11(wlr)) {
		wlr_x11_output_set_title(wlr, "mullion");
	}
#endif
}

static bool enable_output(struct output *output) {
	struct wlr_output *wlr = output->wlr;
	struct wlr_output_state state;
	wlr_output_state_init(&state);
	wlr_output_state_set_enabled(&state, true);
	struct wlr_output_mode *mode = wlr_output_preferred_mode(wlr);
	const struct output_option *asked = &output->outputs->server->options->outputs[0];
	if (mode) {
		wlr_output_state_set_mode(&state, mode);
	} else if (is_nested_window(wlr) && output->outputs->server->options->output_count > 0) {
		wlr_output_state_set_custom_mode(&state, asked->width, asked->height, 0);
	}
	bool ok = wlr_output_commit_state(wlr, &state);
	wlr_output_state_finish(&state);
	return ok;
}

static void add_listeners(struct output *output) {
	output->frame.notify = handle_output_frame;
	wl_signal_add(&output->wlr->events.frame, &output->frame);
	output->request_state.notify = handle_output_request_state;
	wl_signal_add(&output->wlr->events.request_state, &output->request_state);
	output->precommit.notify = handle_output_precommit;
	wl_signal_add(&output->wlr->events.precommit, &output->precommit);
	output->commit.notify = handle_output_commit;
	wl_signal_add(&output->wlr->events.commit, &output->commit);
	output->destroy.notify = handle_output_destroy;
	wl_signal_add(&output->wlr->events.destroy, &output->destroy);
}

static void configure_by_file(struct output *output) {
	const struct control_output_change *change =
		config_output(output->outputs->server->config, output->wlr->name);
	char *error = NULL;
	if (change && !output_configure(output, change, &error)) {
		log_error("%s", error);
		free(error);
	}
}

/* How it was in the last session, or before it was unplugged. */
static void configure_by_state(struct output *output) {
	struct state *state = output->outputs->server->state;
	struct control_output_change change = config_no_output_change();
	char *error = NULL;
	if (!state_restore_output(state, output->wlr->name, &change)) {
		return;
	}
	if (wl_list_empty(&output->wlr->modes)) {
		/* A window's size is its host's, a headless one's was said when it was made. */
		change.width = change.height = -1;
		change.refresh = -1;
	}
	if (!output_configure(output, &change, &error)) {
		log_error("%s", error);
		free(error);
	}
}

static void handle_new_output(struct wl_listener *listener, void *data) {
	struct outputs *outputs = wl_container_of(listener, outputs, new_output);
	struct server *server = outputs->server;
	struct wlr_output *wlr = data;
	if (wlr->non_desktop || !wlr_output_init_render(wlr, server->allocator, server->renderer)) {
		return;
	}
	if (outputs->next_name) {
		wlr_output_set_name(wlr, outputs->next_name);
	}
	struct output *output = xcalloc(1, sizeof(*output));
	output->outputs = outputs;
	output->wlr = wlr;
	output->layout = state_output_layout(server->state, wlr->name, server->config->layout);
	for (int i = 0; i < 4; i++) {
		wl_list_init(&output->layer_surfaces[i]);
	}
	wlr->data = output;
	if (!output_is_headless(output)) {
		seat_add_output(server->seat, wlr);
	}
	name_window(wlr);
	if (!enable_output(output)) {
		log_error("output %s can't be enabled", wlr->name);
	}
	float color[4] = {0, 0, 0, 1};
	output->background = wlr_scene_rect_create(server->layers.background, 0, 0, color);
	output->mirror = mirror_create(output);
	add_listeners(output);
	wl_list_insert(outputs->list.prev, &output->link);
	output->scene_output = wlr_scene_output_create(server->scene, wlr);
	output->placed = true;
	put_into_layout(output);
	configure_by_file(output);
	configure_by_state(output);
	wl_signal_emit_mutable(&outputs->events.added, output);
	update_geometry(output);
	wlr_output_schedule_frame(wlr);
}

struct outputs *outputs_create(struct server *server) {
	struct outputs *outputs = xcalloc(1, sizeof(*outputs));
	outputs->server = server;
	outputs->layout = wlr_output_layout_create(server->display);
	outputs->scene_layout = wlr_scene_attach_output_layout(server->scene, outputs->layout);
	wl_list_init(&outputs->list);
	wl_signal_init(&outputs->events.added);
	wl_signal_init(&outputs->events.removed);
	wl_signal_init(&outputs->events.enabled);
	wl_signal_init(&outputs->events.disabled);
	wl_signal_init(&outputs->events.changed);
	wl_signal_init(&outputs->events.frame);
	wl_signal_init(&outputs->events.composed);
	outputs->new_output.notify = handle_new_output;
	wl_signal_add(&server->backend->events.new_output, &outputs->new_output);
	outputs->layout_change.notify = handle_layout_change;
	wl_signal_add(&outputs->layout->events.change, &outputs->layout_change);
	return outputs;
}

void outputs_destroy(struct outputs *outputs) {
	if (!outputs) {
		return;
	}
	wl_list_remove(&outputs->new_output.link);
	wl_list_remove(&outputs->layout_change.link);
	free(outputs);
}

struct output *output_by_name(struct outputs *outputs, const char *name) {
	struct output *output;
	wl_list_for_each (output, &outputs->list, link) {
		if (strcmp(output->wlr->name, name) == 0) {
			return output;
		}
	}
	return NULL;
}

struct output *output_at(struct outputs *outputs, double lx, double ly) {
	struct wlr_output *wlr = wlr_output_layout_output_at(outputs->layout, lx, ly);
	return wlr ? wlr->data : NULL;
}

struct output *output_from_wlr(struct outputs *outputs, const struct wlr_output *wlr) {
	return wlr ? wlr->data : NULL;
}

struct output *outputs_first(struct outputs *outputs) {
	struct output *output;
	wl_list_for_each (output, &outputs->list, link) {
		if (output->placed) {
			return output;
		}
	}
	return NULL;
}

static bool check_new_output(
	struct outputs *outputs, const char *name, int width, int height, char **error) {
	if (width < 1 || height < 1 || width > FRAME_SIDE_MAX || height > FRAME_SIDE_MAX) {
		*error = xasprintf("an output's sides are from 1 to %d px", FRAME_SIDE_MAX);
	} else if (!name[0] || strlen(name) > 31 ||
		strspn(name,
			"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			"abcdefghijklmnopqrstuvwxyz0123456789-_.") != strlen(name)) {
		*error = xstrdup("an output's name has 1 to 31 letters, digits, '-', '_' or '.'");
	} else if (output_by_name(outputs, name)) {
		*error = xasprintf("there is an output '%s' already", name);
	} else if (wl_list_length(&outputs->list) >= 60) {
		*error = xstrdup("there can be no more than 60 outputs");
	} else {
		return true;
	}
	return false;
}

struct output *outputs_create_headless(
	struct outputs *outputs, const char *name, int width, int height, char **error) {
	if (!check_new_output(outputs, name, width, height, error)) {
		return NULL;
	}
	outputs->next_name = name;
	struct wlr_output *wlr = wlr_headless_add_output(outputs->server->headless, width, height);
	outputs->next_name = NULL;
	if (!wlr || !wlr->data) {
		*error = xstrdup("the output can't be made");
		return NULL;
	}
	state_changed(outputs->server->state);
	return wlr->data;
}

bool output_is_headless(const struct output *output) {
	return wlr_output_is_headless(output->wlr);
}

bool output_remove(struct output *output, char **error) {
	if (!output_is_headless(output)) {
		*error = xasprintf(
			"output %s is not headless; 'mullionctl output configure %s --disable' "
			"turns it off",
			output->wlr->name, output->wlr->name);
		return false;
	}
	struct server *server = output->outputs->server;
	wlr_output_destroy(output->wlr);
	state_changed(server->state);
	return true;
}

/* wlroots may have made headless outputs of its own, by its environment. */
static void free_name(struct outputs *outputs, char *name, size_t size) {
	int number = 1;
	do {
		snprintf(name, size, "HEADLESS-%d", number++);
	} while (output_by_name(outputs, name));
}

static bool create_asked(struct outputs *outputs) {
	const struct options *options = outputs->server->options;
	struct output *first = outputs_first(outputs);
	int i = first && is_nested_window(first->wlr) ? 1 : 0; /* the window has taken the first */
	for (; i < options->output_count; i++) {
		const struct output_option *asked = &options->outputs[i];
		char name[32];
		snprintf(name, sizeof(name), "%s", asked->name);
		if (!name[0]) {
			free_name(outputs, name, sizeof(name));
		}
		char *error = NULL;
		if (!outputs_create_headless(outputs, name, asked->width, asked->height, &error)) {
			log_error("%s", error);
			free(error);
			return false;
		}
	}
	return true;
}

/* Those that were on may be gone since the last session. */
static void enable_one(struct outputs *outputs) {
	struct control_output_change change = config_no_output_change();
	change.enabled = true;
	struct output *output;
	wl_list_for_each (output, &outputs->list, link) {
		char *error = NULL;
		if (outputs_first(outputs) || output_configure(output, &change, &error)) {
			return;
		}
		free(error);
	}
}

bool outputs_create_initial(struct outputs *outputs) {
	if (!create_asked(outputs)) {
		return false;
	}
	state_restore_outputs(outputs->server->state);
	enable_one(outputs);
	char *error = NULL;
	if (wl_list_empty(&outputs->list) &&
		!outputs_create_headless(outputs, "HEADLESS-1", 1920, 1080, &error)) {
		log_error("%s", error);
		free(error);
		return false;
	}
	return true;
}

void outputs_reconfigure(struct outputs *outputs) {
	struct output *output;
	wl_list_for_each (output, &outputs->list, link) {
		place_background(output);
		configure_by_file(output);
	}
}
