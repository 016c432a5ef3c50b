#include "compositor/shells/window.h"

#include <stdlib.h>
#include <wlr/types/wlr_compositor.h>

#include "compositor/config.h"
#include "compositor/desktop.h"
#include "compositor/floating.h"
#include "compositor/output.h"
#include "compositor/server.h"
#include "compositor/shells.h"
#include "compositor/shells/assembly.h"
#include "compositor/shells/filter.h"
#include "compositor/shells/idle.h"
#include "util/mem.h"
#include "util/utf8.h"

#define APP_ID_MAX 128 /* bytes */

static void handle_buffer_opacity(struct wlr_scene_buffer *buffer, int sx, int sy, void *data) {
	const double *opacity = data;
	wlr_scene_buffer_set_opacity(buffer, (float)*opacity);
}

static void apply_opacity(struct window *window, double opacity) {
	wlr_scene_node_for_each_buffer(&window->tree->node, handle_buffer_opacity, &opacity);
}

/* wlr_scene makes a surface opaque with every commit, and subsurfaces come at any time: what is
 * translucent is made so again just before it is composed. */
static void handle_outputs_frame(struct wl_listener *listener, void *data) {
	struct windows *windows = wl_container_of(listener, windows, frame);
	struct window *window;
	wl_list_for_each (window, &windows->list, link) {
		if (window->view.opacity < 1) {
			apply_opacity(window, window->view.opacity);
		}
	}
	if (windows->rebase) {
		windows->rebase = false;
		seat_rebase(windows->shells->server->seat);
	}
}

struct windows *windows_create(struct shells *shells) {
	struct windows *windows = xcalloc(1, sizeof(*windows));
	windows->shells = shells;
	wl_list_init(&windows->list);
	windows->frame.notify = handle_outputs_frame;
	wl_signal_add(&shells->server->outputs->events.frame, &windows->frame);
	return windows;
}

void windows_destroy(struct windows *windows) {
	if (!windows) {
		return;
	}
	wl_list_remove(&windows->frame.link);
	free(windows);
}

struct window *window_from_surface(struct windows *windows, struct wlr_surface *surface) {
	struct wlr_surface *root = wlr_surface_get_root_surface(surface);
	struct window *window;
	wl_list_for_each (window, &windows->list, link) {
		if (window->surface == root) {
			return window;
		}
	}
	return NULL;
}

void window_init(struct window *window, struct shells *shells) {
	window->shells = shells;
	wl_list_init(&window->link);
	window->popups = wlr_scene_tree_create(shells->server->layers.popups);
	wlr_scene_node_set_enabled(&window->popups->node, false);
}

void window_finish(struct window *window) {
	window_unmap(window);
	wlr_scene_node_destroy(&window->popups->node);
	window->popups = NULL;
}

/* Asked for no size in particular the client chose one, which the free layout respects. */
static void take_natural_size(struct window *window) {
	struct view *view = &window->view;
	if (!view->output || view->output->layout != LAYOUT_FREE || view->floating) {
		return;
	}
	const struct wlr_box *area = &view->output->usable;
	struct wlr_box box = view->box;
	box.width += window->geometry.width - view->content_box.width;
	box.height += window->geometry.height - view->content_box.height;
	box.width = box.width < area->width ? box.width : area->width;
	box.height = box.height < area->height ? box.height : area->height;
	desktop_move_view(view->desktop, view, &box);
}

void window_map(struct window *window, const struct view_impl *impl, struct wlr_surface *surface,
	const struct wlr_box *geometry, const struct window_wishes *wishes) {
	struct server *server = window->shells->server;
	char *id = xasprintf("w%u", ++server->desktop->next_window);
	const char *title = wishes->title ? wishes->title : wishes->app_id ? wishes->app_id : "";
	view_init(&window->view, impl, server->desktop, id, title, server->config->window_label);
	free(id);
	window->view.floating = wishes->floating;
	floating_set_size(&window->view, geometry->width, geometry->height);
	if (wishes->parent) {
		floating_set_parent(&window->view, &wishes->parent->view);
	}
	window_set_app_id(window, wishes->app_id);
	window->surface = surface;
	window->geometry = *geometry;
	window->tree = wlr_scene_subsurface_tree_create(window->view.content, surface);
	filter_update(window->tree);
	window->mapped = true;
	wl_list_insert(window->shells->windows->list.prev, &window->link);
	wlr_scene_node_set_enabled(&window->popups->node, true);
	view_map(&window->view);
	take_natural_size(window);
}

void window_unmap(struct window *window) {
	if (!window->mapped) {
		return;
	}
	window_set_fullscreen(window, false, NULL);
	view_unmap(&window->view); /* it is still asked things in there */
	window->mapped = false;
	window->tree = NULL;
	wl_list_remove(&window->link);
	wl_list_init(&window->link);
	wlr_scene_node_set_enabled(&window->popups->node, false);
	view_finish(&window->view);
	window->surface = NULL;
	free(window->app_id);
	window->app_id = NULL;
}

void window_set_parent(struct window *window, struct window *parent) {
	if (window->mapped && (!parent || parent->mapped)) {
		floating_set_parent(&window->view, parent ? &parent->view : NULL);
	}
}

void window_set_title(struct window *window, const char *title) {
	if (!window->mapped) {
		return;
	}
	view_set_title(&window->view, title ? title : window->app_id ? window->app_id : "");
}

void window_set_app_id(struct window *window, const char *app_id) {
	free(window->app_id);
	window->app_id = app_id ? utf8_sanitize(app_id, APP_ID_MAX) : NULL;
	shells_view_changed(&window->view);
}

/* Subsurfaces come, go and move with their parent's commit. */
static bool has_subsurfaces(const struct wlr_surface *surface) {
	return !wl_list_empty(&surface->current.subsurfaces_above) ||
		!wl_list_empty(&surface->current.subsurfaces_below);
}

void window_commit(struct window *window, const struct wlr_box *geometry) {
	bool changed = !wlr_box_equal(&window->geometry, geometry);
	bool had_subsurfaces = window->subsurfaces;
	if (changed) {
		window->geometry = *geometry;
		window_place(window);
		floating_set_size(&window->view, geometry->width, geometry->height);
	}
	filter_update(window->tree);
	window->subsurfaces = has_subsurfaces(window->surface);
	if (changed || window->subsurfaces || had_subsurfaces) {
		window->shells->windows->rebase = true;
	}
}

bool window_set_fullscreen(struct window *window, bool fullscreen, struct output *output) {
	struct desktop *desktop = window->shells->server->desktop;
	struct view *view = &window->view;
	if (!window->mapped || window->fullscreen == fullscreen) {
		return window->fullscreen == fullscreen;
	}
	if (!fullscreen) {
		window->fullscreen = false;
		view->floating = window->floats;
		desktop_arrange(desktop, view->output);
		if (view->output && view->output->layout == LAYOUT_SINGLE) {
			desktop_set_layout(desktop, view->output, window->layout_before);
		}
		return true;
	}
	if (desktop->focused != view || !view->output) {
		return false;
	}
	if (output && output->placed && output != view->output) {
		desktop_assign(desktop, view, output);
	}
	window->layout_before = view->output->layout;
	window->floats = view->floating;
	view->floating = false;
	window->fullscreen = true;
	desktop_set_layout(desktop, view->output, LAYOUT_SINGLE);
	return true;
}

bool window_is_fullscreen(const struct window *window) {
	const struct output *output = window->view.output;
	return window->fullscreen && output && output->layout == LAYOUT_SINGLE;
}

void window_view_set_fullscreen(struct view *view, bool fullscreen, struct output *output) {
	window_set_fullscreen(window_from_view(view), fullscreen, output);
}

bool window_view_is_fullscreen(const struct view *view) {
	const struct window *window = wl_container_of(view, window, view);
	return window_is_fullscreen(window);
}

struct window *window_from_view(struct view *view) {
	struct window *window = wl_container_of(view, window, view);
	return window;
}

/* A window smaller than its box is centred; a larger one is cut. */
void window_place(struct window *window) {
	const struct wlr_box *content = &window->view.content_box;
	const struct wlr_box *geometry = &window->geometry;
	struct wlr_box clip = *geometry;
	clip.width = clip.width < content->width ? clip.width : content->width;
	clip.height = clip.height < content->height ? clip.height : content->height;
	bool visible = !wlr_box_empty(&clip); /* an empty box would mean "don't clip" */
	wlr_scene_node_set_enabled(&window->tree->node, visible);
	if (!visible) {
		return;
	}
	int x = (content->width - clip.width) / 2;
	int y = (content->height - clip.height) / 2;
	wlr_scene_subsurface_tree_set_clip(&window->tree->node, &clip);
	wlr_scene_node_set_position(&window->tree->node, x - geometry->x, y - geometry->y);
	wlr_scene_node_set_position(&window->popups->node, content->x + x, content->y + y);
}

void window_activate(struct window *window, bool active) {
	if (active) {
		seat_focus_surface(window->shells->server->seat, window->surface);
	}
}

void window_show(struct window *window, bool shown) {
	wlr_scene_node_set_enabled(&window->popups->node, shown);
	idle_update(window->shells->idle);
}

void window_view_set_opacity(struct view *view, double opacity) {
	apply_opacity(window_from_view(view), opacity);
}

struct seat_target window_view_target_at(struct view *view, double lx, double ly) {
	struct window *window = window_from_view(view);
	struct seat_target target = {.view = view};
	struct wlr_scene_node *node =
		wlr_scene_node_at(&window->tree->node, lx, ly, &target.x, &target.y);
	if (node && node->type == WLR_SCENE_NODE_BUFFER) {
		struct wlr_scene_surface *surface =
			wlr_scene_surface_try_from_buffer(wlr_scene_buffer_from_node(node));
		target.surface = surface ? surface->surface : NULL;
	}
	target.kind = target.surface ? SEAT_TARGET_SURFACE : SEAT_TARGET_NONE;
	return target;
}

const char *window_view_app_id(struct view *view) {
	return window_from_view(view)->app_id;
}
