#include "compositor/shells/selection.h"

#include <stdlib.h>
#include <wlr/types/wlr_data_control_v1.h>
#include <wlr/types/wlr_data_device.h>
#include <wlr/types/wlr_primary_selection.h>
#include <wlr/types/wlr_primary_selection_v1.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_seat.h>

#include "compositor/server.h"
#include "compositor/shells/assembly.h"
#include "input/seat.h"
#include "util/mem.h"

#define ICON_SIDE_MAX 256 /* logical px; no more of what is dragged is shown */

static struct wlr_seat *seat_of(struct selection *selection) {
	return seat_wlr(selection->shells->server->seat);
}

static void handle_seat_request_set_selection(struct wl_listener *listener, void *data) {
	struct selection *selection = wl_container_of(listener, selection, request_set_selection);
	const struct wlr_seat_request_set_selection_event *event = data;
	wlr_seat_set_selection(seat_of(selection), event->source, event->serial);
}

static void handle_seat_request_set_primary_selection(struct wl_listener *listener, void *data) {
	struct selection *selection =
		wl_container_of(listener, selection, request_set_primary_selection);
	const struct wlr_seat_request_set_primary_selection_event *event = data;
	wlr_seat_set_primary_selection(seat_of(selection), event->source, event->serial);
}

static void handle_seat_request_start_drag(struct wl_listener *listener, void *data) {
	struct selection *selection = wl_container_of(listener, selection, request_start_drag);
	const struct wlr_seat_request_start_drag_event *event = data;
	struct wlr_seat *seat = seat_of(selection);
	struct wlr_touch_point *point;
	if (wlr_seat_validate_pointer_grab_serial(seat, event->origin, event->serial)) {
		wlr_seat_start_pointer_drag(seat, event->drag, event->serial);
	} else if (wlr_seat_validate_touch_grab_serial(
			   seat, event->origin, event->serial, &point)) {
		wlr_seat_start_touch_drag(seat, event->drag, event->serial, point);
	} else {
		wlr_data_source_destroy(event->drag->source);
	}
}

static void handle_icon_destroy(struct wl_listener *listener, void *data) {
	struct selection *selection = wl_container_of(listener, selection, icon_destroy);
	wl_list_remove(&selection->icon_destroy.link);
	wl_list_init(&selection->icon_destroy.link);
	selection->icon = NULL;
}

static void handle_seat_start_drag(struct wl_listener *listener, void *data) {
	struct selection *selection = wl_container_of(listener, selection, start_drag);
	const struct wlr_drag *drag = data;
	struct server *server = selection->shells->server;
	if (!drag->icon || selection->icon) {
		return;
	}
	selection->icon = wlr_scene_drag_icon_create(server->layers.drag, drag->icon);
	if (!selection->icon) {
		return;
	}
	/* Above everything, it mustn't cover more than a cursor does. */
	struct wlr_box clip = {.width = ICON_SIDE_MAX, .height = ICON_SIDE_MAX};
	wlr_scene_subsurface_tree_set_clip(&selection->icon->node, &clip);
	selection->icon_destroy.notify = handle_icon_destroy;
	wl_signal_add(&selection->icon->node.events.destroy, &selection->icon_destroy);
	double lx, ly;
	seat_cursor_position(server->seat, &lx, &ly);
	selection_cursor_moved(selection, lx, ly);
}

struct selection *selection_create(struct shells *shells) {
	struct wl_display *display = shells->server->display;
	if (!wlr_data_device_manager_create(display) ||
		!wlr_primary_selection_v1_device_manager_create(display) ||
		!wlr_data_control_manager_v1_create(display)) {
		return NULL;
	}
	struct selection *selection = xcalloc(1, sizeof(*selection));
	selection->shells = shells;
	wl_list_init(&selection->icon_destroy.link);
	struct wlr_seat *seat = seat_of(selection);
	selection->request_set_selection.notify = handle_seat_request_set_selection;
	wl_signal_add(&seat->events.request_set_selection, &selection->request_set_selection);
	selection->request_set_primary_selection.notify = handle_seat_request_set_primary_selection;
	wl_signal_add(&seat->events.request_set_primary_selection,
		&selection->request_set_primary_selection);
	selection->request_start_drag.notify = handle_seat_request_start_drag;
	wl_signal_add(&seat->events.request_start_drag, &selection->request_start_drag);
	selection->start_drag.notify = handle_seat_start_drag;
	wl_signal_add(&seat->events.start_drag, &selection->start_drag);
	return selection;
}

void selection_destroy(struct selection *selection) {
	if (!selection) {
		return;
	}
	wl_list_remove(&selection->request_set_selection.link);
	wl_list_remove(&selection->request_set_primary_selection.link);
	wl_list_remove(&selection->request_start_drag.link);
	wl_list_remove(&selection->start_drag.link);
	wl_list_remove(&selection->icon_destroy.link);
	free(selection);
}

void selection_cursor_moved(struct selection *selection, double lx, double ly) {
	if (selection->icon) {
		wlr_scene_node_set_position(&selection->icon->node, (int)lx, (int)ly);
	}
}
