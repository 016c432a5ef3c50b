#include <stdlib.h>
#include <wlr/types/wlr_xcursor_manager.h>
#include <wlr/util/edges.h>
#include <wlr/xcursor.h>

#include "compositor/desktop.h"
#include "compositor/output.h"
#include "compositor/server.h"
#include "compositor/state.h"
#include "compositor/view.h"

#define CONTENT_SIDE_MIN 64 /* logical px */

static void smallest_box(struct desktop *desktop, int *width, int *height) {
	struct view *view = desktop->grabbed;
	*width = *height = CONTENT_SIDE_MIN;
	if (view->impl->min_size) {
		view->impl->min_size(view, width, height);
	}
	*width = *width > CONTENT_SIDE_MIN ? *width : CONTENT_SIDE_MIN;
	*height = *height > CONTENT_SIDE_MIN ? *height : CONTENT_SIDE_MIN;
	border_outer_size(desktop->server->config, width, height);
}

/* One axis of a resize: the edge that is held moves by `delta`, the other one stays. */
static void resize_axis(int *position, int *size, int delta, bool first_edge, int smallest) {
	int wanted = first_edge ? *size - delta : *size + delta;
	wanted = wanted > smallest ? wanted : smallest;
	if (first_edge) {
		*position += *size - wanted;
	}
	*size = wanted;
}

/* Onto another output the view goes as that one's layout has it. */
static void drag_to(struct desktop *desktop, struct view *view, const struct wlr_box *box) {
	struct output *output =
		output_at(desktop->server->outputs, box->x + box->width / 2, box->y + 1);
	if (!view->floating && output && output->layout != LAYOUT_FREE) {
		desktop_move_to_output(desktop, view, output);
	} else {
		desktop_move_view(desktop, view, box);
	}
}

static void handle_grab_motion(void *data, double dx, double dy) {
	struct desktop *desktop = data;
	struct wlr_box box = desktop->grab_box;
	if (desktop->grab_edges == WLR_EDGE_NONE) {
		box.x += dx;
		box.y += dy;
	} else {
		int width, height;
		smallest_box(desktop, &width, &height);
		if (desktop->grab_edges & (WLR_EDGE_LEFT | WLR_EDGE_RIGHT)) {
			resize_axis(
				&box.x, &box.width, dx, desktop->grab_edges & WLR_EDGE_LEFT, width);
		}
		if (desktop->grab_edges & (WLR_EDGE_TOP | WLR_EDGE_BOTTOM)) {
			resize_axis(&box.y, &box.height, dy, desktop->grab_edges & WLR_EDGE_TOP,
				height);
		}
	}
	drag_to(desktop, desktop->grabbed, &box);
}

static void handle_grab_end(void *data) {
	struct desktop *desktop = data;
	struct view *view = desktop->grabbed;
	desktop->grabbed = NULL;
	/* What was held back while it changed all the time is told now. */
	view->impl->configure(view, &view->content_box);
	state_changed(desktop->server->state);
}

bool desktop_moves_view(const struct view *view) {
	return view->output && (view->floating || view->output->layout == LAYOUT_FREE);
}

static const char *edge_cursor(uint32_t edges) {
	return edges == WLR_EDGE_NONE ? "grabbing" : wlr_xcursor_get_resize_name(edges);
}

void desktop_begin_grab(struct desktop *desktop, struct view *view, uint32_t edges) {
	if (!desktop_moves_view(view) || desktop->locked) {
		return;
	}
	seat_cancel_grab(desktop->server->seat);
	desktop->grabbed = view;
	desktop->grab_box = view->box;
	desktop->grab_edges = edges;
	seat_begin_grab(desktop->server->seat,
		&(struct seat_grab){
			.motion = handle_grab_motion,
			.end = handle_grab_end,
			.data = desktop,
			.cursor = edge_cursor(edges),
		});
}
