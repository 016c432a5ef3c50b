#include "compositor/shells/xdg_toplevel.h"

#include <assert.h>
#include <stdlib.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/types/wlr_xdg_shell.h>
#include <wlr/util/edges.h>

#include "compositor/desktop.h"
#include "compositor/output.h"
#include "compositor/server.h"
#include "compositor/shells/assembly.h"
#include "compositor/shells/xdg_popup.h"
#include "compositor/shells/xdg_shell.h"
#include "util/mem.h"

#define EDGES_ALL (WLR_EDGE_TOP | WLR_EDGE_BOTTOM | WLR_EDGE_LEFT | WLR_EDGE_RIGHT)

static const struct view_impl toplevel_view_impl;

static struct xdg_toplevel *toplevel_from_view(struct view *view) {
	assert(view->impl == &toplevel_view_impl);
	struct xdg_toplevel *toplevel = wl_container_of(view, toplevel, window.view);
	return toplevel;
}

/* Sends a configure only if something differs from what was sent last. */
static void send_state(struct xdg_toplevel *toplevel) {
	struct wlr_xdg_toplevel *wlr = toplevel->wlr;
	const struct view *view = &toplevel->window.view;
	enum layout_mode layout = view->output ? view->output->layout : LAYOUT_FREE;
	bool free = layout == LAYOUT_FREE || view->floating;
	uint32_t tiled = free ? WLR_EDGE_NONE : EDGES_ALL;
	bool maximized = layout == LAYOUT_SINGLE && !view->floating;
	bool fullscreen = window_is_fullscreen(&toplevel->window);
	bool resizing = view->desktop->grabbed == view && view->desktop->grab_edges;
	if (wlr->scheduled.tiled != tiled) {
		wlr_xdg_toplevel_set_tiled(wlr, tiled);
	}
	if (wlr->scheduled.maximized != maximized) {
		wlr_xdg_toplevel_set_maximized(wlr, maximized);
	}
	if (wlr->scheduled.fullscreen != fullscreen) {
		wlr_xdg_toplevel_set_fullscreen(wlr, fullscreen);
	}
	if (wlr->scheduled.resizing != resizing) {
		wlr_xdg_toplevel_set_resizing(wlr, resizing);
	}
}

static void toplevel_configure(struct view *view, const struct wlr_box *content) {
	struct xdg_toplevel *toplevel = toplevel_from_view(view);
	struct wlr_xdg_toplevel *wlr = toplevel->wlr;
	int width = content->width > 1 ? content->width : 1;
	int height = content->height > 1 ? content->height : 1;
	send_state(toplevel);
	if (wlr->scheduled.width != width || wlr->scheduled.height != height) {
		wlr_xdg_toplevel_set_size(wlr, width, height);
	}
	window_place(&toplevel->window);
	xdg_popups_follow(wlr->base);
}

static void toplevel_activate(struct view *view, bool active) {
	struct xdg_toplevel *toplevel = toplevel_from_view(view);
	struct wlr_xdg_surface *base = toplevel->wlr->base;
	xdg_popups_end_grabs(toplevel->xdg_shell, active ? base->client->client : NULL);
	if (toplevel->wlr->scheduled.activated != active) {
		wlr_xdg_toplevel_set_activated(toplevel->wlr, active);
	}
	window_activate(&toplevel->window, active);
}

static void toplevel_set_shown(struct view *view, bool shown) {
	struct xdg_toplevel *toplevel = toplevel_from_view(view);
	if (toplevel->wlr->scheduled.suspended != !shown) {
		wlr_xdg_toplevel_set_suspended(toplevel->wlr, !shown);
	}
	window_show(&toplevel->window, shown);
}

static void toplevel_close(struct view *view) {
	wlr_xdg_toplevel_send_close(toplevel_from_view(view)->wlr);
}

static void toplevel_min_size(struct view *view, int *width, int *height) {
	const struct wlr_xdg_toplevel_state *state = &toplevel_from_view(view)->wlr->current;
	*width = state->min_width;
	*height = state->min_height;
}

static const struct view_impl toplevel_view_impl = {
	.kind = "window",
	.configure = toplevel_configure,
	.activate = toplevel_activate,
	.set_opacity = window_view_set_opacity,
	.set_shown = toplevel_set_shown,
	.close = toplevel_close,
	.set_fullscreen = window_view_set_fullscreen,
	.is_fullscreen = window_view_is_fullscreen,
	.target_at = window_view_target_at,
	.min_size = toplevel_min_size,
	.app_id = window_view_app_id,
};

static struct wlr_box surface_geometry(struct xdg_toplevel *toplevel) {
	struct wlr_box geometry;
	wlr_xdg_surface_get_geometry(toplevel->wlr->base, &geometry);
	return geometry;
}

/* Protocol: a request is answered by a configure even if it changes nothing. */
static void answer_request(struct xdg_toplevel *toplevel) {
	if (toplevel->wlr->base->initialized) {
		wlr_xdg_surface_schedule_configure(toplevel->wlr->base);
	}
}

static void apply_fullscreen_request(struct xdg_toplevel *toplevel) {
	const struct wlr_xdg_toplevel_requested *requested = &toplevel->wlr->requested;
	struct outputs *outputs = toplevel->window.shells->server->outputs;
	struct output *output = requested->fullscreen_output
		? output_from_wlr(outputs, requested->fullscreen_output)
		: NULL;
	window_set_fullscreen(&toplevel->window, requested->fullscreen, output);
	send_state(toplevel);
}

static struct window *parent_window(struct xdg_toplevel *toplevel) {
	struct wlr_xdg_toplevel *parent = toplevel->wlr->parent;
	struct windows *windows = toplevel->window.shells->windows;
	return parent ? window_from_surface(windows, parent->base->surface) : NULL;
}

static bool has_fixed_size(const struct wlr_xdg_toplevel_state *state) {
	return state->min_width > 0 && state->min_height > 0 &&
		state->min_width == state->max_width && state->min_height == state->max_height;
}

static void handle_xdg_toplevel_map(struct wl_listener *listener, void *data) {
	struct xdg_toplevel *toplevel = wl_container_of(listener, toplevel, map);
	struct wlr_xdg_toplevel *wlr = toplevel->wlr;
	struct wlr_box geometry = surface_geometry(toplevel);
	struct window_wishes wishes = {
		.title = wlr->title,
		.app_id = wlr->app_id,
		.parent = parent_window(toplevel),
		.floating = wlr->parent || has_fixed_size(&wlr->current),
	};
	window_map(&toplevel->window, &toplevel_view_impl, wlr->base->surface, &geometry, &wishes);
	if (wlr->requested.fullscreen) {
		apply_fullscreen_request(toplevel);
	}
}

static void handle_xdg_toplevel_unmap(struct wl_listener *listener, void *data) {
	struct xdg_toplevel *toplevel = wl_container_of(listener, toplevel, unmap);
	window_unmap(&toplevel->window);
}

/* The first configure leaves the size to the client; the layout decides when it is mapped. */
static void configure_first(struct xdg_toplevel *toplevel) {
	struct desktop *desktop = toplevel->window.shells->server->desktop;
	const struct output *output = desktop_focused_output(desktop);
	wlr_xdg_toplevel_set_wm_capabilities(
		toplevel->wlr, WLR_XDG_TOPLEVEL_WM_CAPABILITIES_FULLSCREEN);
	if (output && !wlr_box_empty(&output->usable)) {
		wlr_xdg_toplevel_set_bounds(
			toplevel->wlr, output->usable.width, output->usable.height);
	}
	wlr_xdg_toplevel_set_size(toplevel->wlr, 0, 0);
}

static void handle_xdg_toplevel_commit(struct wl_listener *listener, void *data) {
	struct xdg_toplevel *toplevel = wl_container_of(listener, toplevel, commit);
	if (toplevel->wlr->base->initial_commit) {
		configure_first(toplevel);
	} else if (toplevel->window.mapped) {
		struct wlr_box geometry = surface_geometry(toplevel);
		window_commit(&toplevel->window, &geometry);
	}
}

static void handle_xdg_toplevel_destroy(struct wl_listener *listener, void *data) {
	struct xdg_toplevel *toplevel = wl_container_of(listener, toplevel, destroy);
	struct wl_listener *listeners[] = {&toplevel->map, &toplevel->unmap, &toplevel->commit,
		&toplevel->destroy, &toplevel->set_title, &toplevel->set_app_id,
		&toplevel->set_parent, &toplevel->request_move, &toplevel->request_resize,
		&toplevel->request_maximize, &toplevel->request_fullscreen};
	for (size_t i = 0; i < sizeof(listeners) / sizeof(listeners[0]); i++) {
		wl_list_remove(&listeners[i]->link);
	}
	toplevel->wlr->base->data = NULL;
	window_finish(&toplevel->window);
	free(toplevel);
}

static void handle_xdg_toplevel_set_title(struct wl_listener *listener, void *data) {
	struct xdg_toplevel *toplevel = wl_container_of(listener, toplevel, set_title);
	window_set_title(&toplevel->window, toplevel->wlr->title);
}

static void handle_xdg_toplevel_set_app_id(struct wl_listener *listener, void *data) {
	struct xdg_toplevel *toplevel = wl_container_of(listener, toplevel, set_app_id);
	if (toplevel->window.mapped) {
		window_set_app_id(&toplevel->window, toplevel->wlr->app_id);
	}
}

static void handle_xdg_toplevel_set_parent(struct wl_listener *listener, void *data) {
	struct xdg_toplevel *toplevel = wl_container_of(listener, toplevel, set_parent);
	window_set_parent(&toplevel->window, parent_window(toplevel));
}

/* Only while the user holds a button down on this very client. */
static void begin_grab(struct xdg_toplevel *toplevel, struct wlr_seat_client *seat_client,
	uint32_t serial, uint32_t edges) {
	struct server *server = toplevel->window.shells->server;
	struct wlr_seat *seat = seat_wlr(server->seat);
	const struct wlr_seat_client *focused = seat->pointer_state.focused_client;
	if (toplevel->window.mapped && seat_client && seat_client == focused &&
		focused->client == toplevel->wlr->base->client->client &&
		wlr_seat_validate_pointer_grab_serial(seat, NULL, serial)) {
		desktop_begin_grab(server->desktop, &toplevel->window.view, edges);
	}
}

static void handle_xdg_toplevel_request_move(struct wl_listener *listener, void *data) {
	struct xdg_toplevel *toplevel = wl_container_of(listener, toplevel, request_move);
	const struct wlr_xdg_toplevel_move_event *event = data;
	begin_grab(toplevel, event->seat, event->serial, WLR_EDGE_NONE);
}

static void handle_xdg_toplevel_request_resize(struct wl_listener *listener, void *data) {
	struct xdg_toplevel *toplevel = wl_container_of(listener, toplevel, request_resize);
	const struct wlr_xdg_toplevel_resize_event *event = data;
	if (event->edges != WLR_EDGE_NONE) {
		begin_grab(toplevel, event->seat, event->serial, event->edges);
	}
}

static void handle_xdg_toplevel_request_maximize(struct wl_listener *listener, void *data) {
	struct xdg_toplevel *toplevel = wl_container_of(listener, toplevel, request_maximize);
	answer_request(toplevel);
}

static void handle_xdg_toplevel_request_fullscreen(struct wl_listener *listener, void *data) {
	struct xdg_toplevel *toplevel = wl_container_of(listener, toplevel, request_fullscreen);
	if (toplevel->window.mapped) {
		apply_fullscreen_request(toplevel);
	}
	answer_request(toplevel);
}

static void listen_to_surface(struct xdg_toplevel *toplevel) {
	struct wlr_surface *surface = toplevel->wlr->base->surface;
	toplevel->map.notify = handle_xdg_toplevel_map;
	wl_signal_add(&surface->events.map, &toplevel->map);
	toplevel->unmap.notify = handle_xdg_toplevel_unmap;
	wl_signal_add(&surface->events.unmap, &toplevel->unmap);
	toplevel->commit.notify = handle_xdg_toplevel_commit;
	wl_signal_add(&surface->events.commit, &toplevel->commit);
}

static void listen_to_toplevel(struct xdg_toplevel *toplevel) {
	struct wlr_xdg_toplevel *wlr = toplevel->wlr;
	toplevel->destroy.notify = handle_xdg_toplevel_destroy;
	wl_signal_add(&wlr->events.destroy, &toplevel->destroy);
	toplevel->set_title.notify = handle_xdg_toplevel_set_title;
	wl_signal_add(&wlr->events.set_title, &toplevel->set_title);
	toplevel->set_app_id.notify = handle_xdg_toplevel_set_app_id;
	wl_signal_add(&wlr->events.set_app_id, &toplevel->set_app_id);
	toplevel->set_parent.notify = handle_xdg_toplevel_set_parent;
	wl_signal_add(&wlr->events.set_parent, &toplevel->set_parent);
	toplevel->request_move.notify = handle_xdg_toplevel_request_move;
	wl_signal_add(&wlr->events.request_move, &toplevel->request_move);
	toplevel->request_resize.notify = handle_xdg_toplevel_request_resize;
	wl_signal_add(&wlr->events.request_resize, &toplevel->request_resize);
	toplevel->request_maximize.notify = handle_xdg_toplevel_request_maximize;
	wl_signal_add(&wlr->events.request_maximize, &toplevel->request_maximize);
	toplevel->request_fullscreen.notify = handle_xdg_toplevel_request_fullscreen;
	wl_signal_add(&wlr->events.request_fullscreen, &toplevel->request_fullscreen);
}

void xdg_toplevel_create(struct xdg_shell *xdg_shell, struct wlr_xdg_toplevel *wlr) {
	struct xdg_toplevel *toplevel = xcalloc(1, sizeof(*toplevel));
	toplevel->xdg_shell = xdg_shell;
	toplevel->wlr = wlr;
	window_init(&toplevel->window, xdg_shell->shells);
	wlr->base->data = toplevel->window.popups;
	listen_to_surface(toplevel);
	listen_to_toplevel(toplevel);
}
