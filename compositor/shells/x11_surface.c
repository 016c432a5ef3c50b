#include "compositor/shells/x11_surface.h"

#include <assert.h>
#include <stdlib.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/util/edges.h>
#include <wlr/xwayland.h>

#include "compositor/config.h"
#include "compositor/desktop.h"
#include "compositor/floating.h"
#include "compositor/output.h"
#include "compositor/server.h"
#include "compositor/shells/assembly.h"
#include "compositor/shells/xdg_popup.h"
#include "util/mem.h"

static const struct view_impl x11_view_impl;

static struct x11_surface *x11_from_view(struct view *view) {
	assert(view->impl == &x11_view_impl);
	struct x11_surface *surface = wl_container_of(view, surface, window.view);
	return surface;
}

/* X11 clients place their menus by what they believe of their own place, so that must be true. */
static void send_geometry(struct x11_surface *surface) {
	const struct wlr_box *content = &surface->window.view.content_box;
	const struct wlr_scene_node *corner = &surface->window.popups->node;
	struct wlr_xwayland_surface *wlr = surface->wlr;
	int width = content->width > 1 ? content->width : 1;
	int height = content->height > 1 ? content->height : 1;
	if (wlr->x != corner->x || wlr->y != corner->y || wlr->width != width ||
		wlr->height != height) {
		wlr_xwayland_surface_configure(wlr, corner->x, corner->y, width, height);
	}
}

static void x11_configure(struct view *view, const struct wlr_box *content) {
	struct x11_surface *surface = x11_from_view(view);
	window_place(&surface->window);
	send_geometry(surface);
	wlr_xwayland_surface_set_fullscreen(surface->wlr, window_is_fullscreen(&surface->window));
}

static void x11_activate(struct view *view, bool active) {
	struct x11_surface *surface = x11_from_view(view);
	xdg_popups_end_grabs(surface->window.shells->xdg_shell, NULL);
	wlr_xwayland_surface_activate(surface->wlr, active);
	if (active) {
		wlr_xwayland_surface_restack(surface->wlr, NULL, XCB_STACK_MODE_ABOVE);
	}
	window_activate(&surface->window, active);
}

static void x11_set_shown(struct view *view, bool shown) {
	window_show(&x11_from_view(view)->window, shown);
}

static void x11_close(struct view *view) {
	wlr_xwayland_surface_close(x11_from_view(view)->wlr);
}

static void x11_min_size(struct view *view, int *width, int *height) {
	const xcb_size_hints_t *hints = x11_from_view(view)->wlr->size_hints;
	if (hints && hints->flags & XCB_ICCCM_SIZE_HINT_P_MIN_SIZE) {
		*width = hints->min_width;
		*height = hints->min_height;
	}
}

static const struct view_impl x11_view_impl = {
	.kind = "window",
	.configure = x11_configure,
	.activate = x11_activate,
	.set_opacity = window_view_set_opacity,
	.set_shown = x11_set_shown,
	.close = x11_close,
	.set_fullscreen = window_view_set_fullscreen,
	.is_fullscreen = window_view_is_fullscreen,
	.target_at = window_view_target_at,
	.min_size = x11_min_size,
	.app_id = window_view_app_id,
};

static struct wlr_box surface_geometry(struct x11_surface *surface) {
	const struct wlr_surface_state *state = &surface->wlr->surface->current;
	return (struct wlr_box){.width = state->width, .height = state->height};
}

static void map_unmanaged(struct x11_surface *surface) {
	struct server *server = surface->window.shells->server;
	struct wlr_xwayland_surface *wlr = surface->wlr;
	/* A tree of ours around it: wlr_scene destroys its own together with the surface. */
	surface->unmanaged = wlr_scene_tree_create(server->layers.popups);
	wlr_scene_subsurface_tree_create(surface->unmanaged, wlr->surface);
	wlr_scene_node_set_position(&surface->unmanaged->node, wlr->x, wlr->y);
	outline_init(&surface->outline, surface->unmanaged, server->config->window_label);
	struct wlr_box geometry = surface_geometry(surface);
	outline_place(&surface->outline, &geometry);
	seat_rebase(server->seat);
	/* What is typed into a guest, or a Wayland window, isn't X11's to take. */
	const struct view *focused = server->desktop->focused;
	bool ours = focused && focused->focused && focused->impl == &x11_view_impl;
	if (ours && wlr_xwayland_or_surface_wants_focus(wlr)) {
		seat_focus_surface(server->seat, wlr->surface);
	}
}

static void unmap_unmanaged(struct x11_surface *surface) {
	struct server *server = surface->window.shells->server;
	if (!surface->unmanaged) {
		return;
	}
	wlr_scene_node_destroy(&surface->unmanaged->node);
	surface->unmanaged = NULL;
	seat_rebase(server->seat);
	struct view *focused = server->desktop->focused;
	bool had_focus =
		seat_wlr(server->seat)->keyboard_state.focused_surface == surface->wlr->surface;
	if (had_focus && focused && focused->focused) {
		focused->impl->activate(focused, true);
	}
}

static struct window *parent_window(struct x11_surface *surface) {
	const struct wlr_xwayland_surface *parent = surface->wlr->parent;
	struct windows *windows = surface->window.shells->windows;
	return parent && parent->surface ? window_from_surface(windows, parent->surface) : NULL;
}

static bool has_fixed_size(const xcb_size_hints_t *hints) {
	uint32_t both = XCB_ICCCM_SIZE_HINT_P_MIN_SIZE | XCB_ICCCM_SIZE_HINT_P_MAX_SIZE;
	return hints && (hints->flags & both) == both && hints->min_width > 0 &&
		hints->min_height > 0 && hints->min_width == hints->max_width &&
		hints->min_height == hints->max_height;
}

static void handle_x11_surface_map(struct wl_listener *listener, void *data) {
	struct x11_surface *surface = wl_container_of(listener, surface, map);
	struct wlr_xwayland_surface *wlr = surface->wlr;
	if (wlr->override_redirect) {
		map_unmanaged(surface);
		return;
	}
	struct wlr_box geometry = surface_geometry(surface);
	struct window_wishes wishes = {
		.title = wlr->title,
		.app_id = wlr->class,
		.parent = parent_window(surface),
		.floating = wlr->parent || wlr->modal || has_fixed_size(wlr->size_hints),
	};
	window_map(&surface->window, &x11_view_impl, wlr->surface, &geometry, &wishes);
	if (wlr->fullscreen) {
		window_set_fullscreen(&surface->window, true, NULL);
		wlr_xwayland_surface_set_fullscreen(wlr, window_is_fullscreen(&surface->window));
	}
}

static void handle_x11_surface_unmap(struct wl_listener *listener, void *data) {
	struct x11_surface *surface = wl_container_of(listener, surface, unmap);
	unmap_unmanaged(surface);
	window_unmap(&surface->window);
}

static void handle_x11_surface_commit(struct wl_listener *listener, void *data) {
	struct x11_surface *surface = wl_container_of(listener, surface, commit);
	if (surface->window.mapped) {
		struct wlr_box geometry = surface_geometry(surface);
		window_commit(&surface->window, &geometry);
		send_geometry(surface);
	} else if (surface->unmanaged) {
		struct wlr_box geometry = surface_geometry(surface);
		outline_place(&surface->outline, &geometry);
	}
}

static void handle_x11_surface_associate(struct wl_listener *listener, void *data) {
	struct x11_surface *surface = wl_container_of(listener, surface, associate);
	struct wlr_surface *wlr = surface->wlr->surface;
	surface->map.notify = handle_x11_surface_map;
	wl_signal_add(&wlr->events.map, &surface->map);
	surface->unmap.notify = handle_x11_surface_unmap;
	wl_signal_add(&wlr->events.unmap, &surface->unmap);
	surface->commit.notify = handle_x11_surface_commit;
	wl_signal_add(&wlr->events.commit, &surface->commit);
}

static void handle_x11_surface_dissociate(struct wl_listener *listener, void *data) {
	struct x11_surface *surface = wl_container_of(listener, surface, dissociate);
	struct wl_listener *listeners[] = {&surface->map, &surface->unmap, &surface->commit};
	for (size_t i = 0; i < sizeof(listeners) / sizeof(listeners[0]); i++) {
		wl_list_remove(&listeners[i]->link);
		wl_list_init(&listeners[i]->link);
	}
}

static void handle_x11_surface_destroy(struct wl_listener *listener, void *data) {
	struct x11_surface *surface = wl_container_of(listener, surface, destroy);
	struct wl_listener *listeners[] = {&surface->associate, &surface->dissociate,
		&surface->destroy, &surface->map, &surface->unmap, &surface->commit,
		&surface->set_title, &surface->set_class, &surface->set_parent,
		&surface->set_geometry, &surface->set_override_redirect,
		&surface->request_configure, &surface->request_move, &surface->request_resize,
		&surface->request_fullscreen, &surface->request_activate};
	for (size_t i = 0; i < sizeof(listeners) / sizeof(listeners[0]); i++) {
		wl_list_remove(&listeners[i]->link);
	}
	unmap_unmanaged(surface);
	window_finish(&surface->window);
	free(surface);
}

static void handle_x11_surface_set_title(struct wl_listener *listener, void *data) {
	struct x11_surface *surface = wl_container_of(listener, surface, set_title);
	window_set_title(&surface->window, surface->wlr->title);
}

static void handle_x11_surface_set_class(struct wl_listener *listener, void *data) {
	struct x11_surface *surface = wl_container_of(listener, surface, set_class);
	if (surface->window.mapped) {
		window_set_app_id(&surface->window, surface->wlr->class);
	}
}

static void handle_x11_surface_set_parent(struct wl_listener *listener, void *data) {
	struct x11_surface *surface = wl_container_of(listener, surface, set_parent);
	window_set_parent(&surface->window, parent_window(surface));
}

static void handle_x11_surface_set_geometry(struct wl_listener *listener, void *data) {
	struct x11_surface *surface = wl_container_of(listener, surface, set_geometry);
	if (surface->unmanaged) {
		wlr_scene_node_set_position(
			&surface->unmanaged->node, surface->wlr->x, surface->wlr->y);
	}
}

static void handle_x11_surface_set_override_redirect(struct wl_listener *listener, void *data) {
	struct x11_surface *surface = wl_container_of(listener, surface, set_override_redirect);
	if (surface->wlr->surface && surface->wlr->surface->mapped) {
		handle_x11_surface_unmap(&surface->unmap, NULL);
		handle_x11_surface_map(&surface->map, NULL);
	}
}

/* A window gets what it asks for until it is on the desktop, which then decides. */
static void handle_x11_surface_request_configure(struct wl_listener *listener, void *data) {
	struct x11_surface *surface = wl_container_of(listener, surface, request_configure);
	const struct wlr_xwayland_surface_configure_event *event = data;
	const struct wlr_scene_node *corner = &surface->window.popups->node;
	const struct wlr_box *content = &surface->window.view.content_box;
	if (surface->window.mapped && surface->window.view.floating) {
		floating_set_size(&surface->window.view, event->width, event->height);
	}
	if (surface->window.mapped && !wlr_box_empty(content)) {
		wlr_xwayland_surface_configure(
			surface->wlr, corner->x, corner->y, content->width, content->height);
	} else {
		wlr_xwayland_surface_configure(
			surface->wlr, event->x, event->y, event->width, event->height);
	}
}

/* Only while the user holds a button down on this very window. */
static void begin_grab(struct x11_surface *surface, uint32_t edges) {
	struct server *server = surface->window.shells->server;
	const struct wlr_seat_pointer_state *pointer = &seat_wlr(server->seat)->pointer_state;
	if (surface->window.mapped && pointer->button_count > 0 &&
		pointer->focused_surface == surface->window.surface) {
		desktop_begin_grab(server->desktop, &surface->window.view, edges);
	}
}

static void handle_x11_surface_request_move(struct wl_listener *listener, void *data) {
	struct x11_surface *surface = wl_container_of(listener, surface, request_move);
	begin_grab(surface, WLR_EDGE_NONE);
}

static void handle_x11_surface_request_resize(struct wl_listener *listener, void *data) {
	struct x11_surface *surface = wl_container_of(listener, surface, request_resize);
	const struct wlr_xwayland_resize_event *event = data;
	begin_grab(surface, event->edges);
}

static void handle_x11_surface_request_fullscreen(struct wl_listener *listener, void *data) {
	struct x11_surface *surface = wl_container_of(listener, surface, request_fullscreen);
	window_set_fullscreen(&surface->window, surface->wlr->fullscreen, NULL);
	wlr_xwayland_surface_set_fullscreen(surface->wlr, window_is_fullscreen(&surface->window));
}

/* X11 programs may pass the focus among themselves. */
static void handle_x11_surface_request_activate(struct wl_listener *listener, void *data) {
	struct x11_surface *surface = wl_container_of(listener, surface, request_activate);
	struct desktop *desktop = surface->window.shells->server->desktop;
	if (surface->window.mapped && desktop->focused &&
		desktop->focused->impl == &x11_view_impl) {
		desktop_focus(desktop, &surface->window.view);
	}
}

static void listen_to_state(struct x11_surface *surface) {
	struct wlr_xwayland_surface *wlr = surface->wlr;
	surface->associate.notify = handle_x11_surface_associate;
	wl_signal_add(&wlr->events.associate, &surface->associate);
	surface->dissociate.notify = handle_x11_surface_dissociate;
	wl_signal_add(&wlr->events.dissociate, &surface->dissociate);
	surface->destroy.notify = handle_x11_surface_destroy;
	wl_signal_add(&wlr->events.destroy, &surface->destroy);
	surface->set_title.notify = handle_x11_surface_set_title;
	wl_signal_add(&wlr->events.set_title, &surface->set_title);
	surface->set_class.notify = handle_x11_surface_set_class;
	wl_signal_add(&wlr->events.set_class, &surface->set_class);
	surface->set_parent.notify = handle_x11_surface_set_parent;
	wl_signal_add(&wlr->events.set_parent, &surface->set_parent);
	surface->set_geometry.notify = handle_x11_surface_set_geometry;
	wl_signal_add(&wlr->events.set_geometry, &surface->set_geometry);
	surface->set_override_redirect.notify = handle_x11_surface_set_override_redirect;
	wl_signal_add(&wlr->events.set_override_redirect, &surface->set_override_redirect);
}

static void listen_to_requests(struct x11_surface *surface) {
	struct wlr_xwayland_surface *wlr = surface->wlr;
	surface->request_configure.notify = handle_x11_surface_request_configure;
	wl_signal_add(&wlr->events.request_configure, &surface->request_configure);
	surface->request_move.notify = handle_x11_surface_request_move;
	wl_signal_add(&wlr->events.request_move, &surface->request_move);
	surface->request_resize.notify = handle_x11_surface_request_resize;
	wl_signal_add(&wlr->events.request_resize, &surface->request_resize);
	surface->request_fullscreen.notify = handle_x11_surface_request_fullscreen;
	wl_signal_add(&wlr->events.request_fullscreen, &surface->request_fullscreen);
	surface->request_activate.notify = handle_x11_surface_request_activate;
	wl_signal_add(&wlr->events.request_activate, &surface->request_activate);
}

void x11_surface_create(struct shells *shells, struct wlr_xwayland_surface *wlr) {
	struct x11_surface *surface = xcalloc(1, sizeof(*surface));
	surface->wlr = wlr;
	window_init(&surface->window, shells);
	wl_list_init(&surface->map.link);
	wl_list_init(&surface->unmap.link);
	wl_list_init(&surface->commit.link);
	listen_to_state(surface);
	listen_to_requests(surface);
}
