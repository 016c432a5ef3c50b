#include "compositor/shells/xdg_popup.h"

#include <stdlib.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/types/wlr_xdg_shell.h>

#include "compositor/config.h"
#include "compositor/output.h"
#include "compositor/server.h"
#include "compositor/shells/assembly.h"
#include "compositor/shells/window.h"
#include "compositor/shells/xdg_shell.h"
#include "input/seat.h"
#include "util/mem.h"

/* The window geometry's corner of the toplevel, or of the layer surface, where the chain of parents
 * ends; layout px. `geometry` is that corner in surface px. Returns the surface there. */
static struct wlr_surface *find_root(
	struct wlr_xdg_popup *popup, double *lx, double *ly, struct wlr_box *geometry) {
	struct wlr_surface *parent = popup->parent;
	struct wlr_xdg_surface *surface;
	*geometry = (struct wlr_box){0};
	while (parent && (surface = wlr_xdg_surface_try_from_wlr_surface(parent))) {
		if (surface->role != WLR_XDG_SURFACE_ROLE_POPUP || !surface->popup) {
			*geometry = surface->current.geometry;
			break;
		}
		*lx -= surface->popup->current.geometry.x;
		*ly -= surface->popup->current.geometry.y;
		parent = surface->popup->parent;
	}
	return parent;
}

static struct output *find_output(struct xdg_popup *popup, double lx, double ly) {
	struct outputs *outputs = popup->xdg_shell->shells->server->outputs;
	const struct wlr_box *anchor = &popup->wlr->scheduled.rules.anchor_rect;
	struct output *output = output_at(
		outputs, lx + anchor->x + anchor->width / 2, ly + anchor->y + anchor->height / 2);
	output = output ? output : output_at(outputs, lx, ly);
	return output ? output : outputs_first(outputs);
}

/* As its rules allow; false if it isn't wholly within `area` even so. All in layout px; `x` and `y`
 * are the direct parent's corner, and `root` is where the root surface's origin lies. */
static bool fit(struct xdg_popup *popup, const struct wlr_box *area, const struct wlr_box *root,
	int x, int y) {
	struct wlr_box box = *area;
	box.x -= root->x;
	box.y -= root->y;
	struct wlr_xdg_popup *wlr = popup->wlr;
	wlr_xdg_positioner_rules_get_geometry(&wlr->scheduled.rules, &wlr->scheduled.geometry);
	wlr_xdg_popup_unconstrain_from_box(wlr, &box);
	struct wlr_box place = wlr->scheduled.geometry, common;
	place.x += x;
	place.y += y;
	return wlr_box_intersection(&common, &place, area) && wlr_box_equal(&common, &place);
}

/* Of a tiled window, whose neighbours may lie above the popup; NULL: another's. */
static const struct wlr_box *tiled_content(struct xdg_popup *popup, struct wlr_surface *root) {
	struct windows *windows = popup->xdg_shell->shells->windows;
	struct window *window = root ? window_from_surface(windows, root) : NULL;
	const struct view *view = window ? &window->view : NULL;
	bool tiled = view && view->output && view->output->layout == LAYOUT_GRID && !view->floating;
	return tiled ? &view->content_box : NULL;
}

static void unconstrain(struct xdg_popup *popup) {
	int x, y;
	wlr_scene_node_coords(&popup->tree->node.parent->node, &x, &y);
	struct output *output = find_output(popup, x, y);
	if (!output || !popup->wlr->parent) {
		wlr_xdg_surface_schedule_configure(popup->wlr->base);
		return;
	}
	double lx = x, ly = y;
	struct wlr_box geometry;
	struct wlr_surface *surface = find_root(popup->wlr, &lx, &ly, &geometry);
	struct wlr_box root = {.x = (int)lx - geometry.x, .y = (int)ly - geometry.y};
	const struct wlr_box *content = tiled_content(popup, surface);
	if (!content || !fit(popup, content, &root, x, y)) {
		bool layer = !surface || !wlr_xdg_surface_try_from_wlr_surface(surface);
		fit(popup, layer ? &output->box : &output->usable, &root, x, y);
	}
}

static void handle_xdg_popup_tree_destroy(struct wl_listener *listener, void *data) {
	struct xdg_popup *popup = wl_container_of(listener, popup, tree_destroy);
	popup->tree = NULL;
	wl_list_remove(&popup->tree_destroy.link);
	wl_list_init(&popup->tree_destroy.link);
}

/* wlroots checks no serial: a client that nobody uses right now may not grab the input. */
static bool may_grab(struct xdg_popup *popup) {
	const struct wl_client *client = popup->wlr->base->client->client;
	const struct wlr_seat_client *pointer = popup->wlr->seat->pointer_state.focused_client;
	const struct wlr_seat_client *keyboard = popup->wlr->seat->keyboard_state.focused_client;
	return (pointer && pointer->client == client) || (keyboard && keyboard->client == client);
}

/* Shadows, or whatever lies outside the window geometry, would lie outside the outline. */
static void cut(struct xdg_popup *popup) {
	struct wlr_box geometry;
	wlr_xdg_surface_get_geometry(popup->wlr->base, &geometry);
	bool visible = !wlr_box_empty(&geometry); /* an empty box would mean "don't clip" */
	wlr_scene_node_set_enabled(&popup->content->node, visible);
	if (visible) {
		wlr_scene_subsurface_tree_set_clip(&popup->content->node, &geometry);
	}
	geometry.x = geometry.y = 0;
	outline_place(&popup->outline, &geometry);
}

static void handle_xdg_popup_commit(struct wl_listener *listener, void *data) {
	struct xdg_popup *popup = wl_container_of(listener, popup, commit);
	if (popup->tree) {
		cut(popup);
	}
	if (!popup->wlr->base->initial_commit || !popup->tree) {
		return;
	}
	if (popup->wlr->seat && !may_grab(popup)) {
		wlr_xdg_popup_destroy(popup->wlr);
		return;
	}
	unconstrain(popup);
}

static void handle_xdg_popup_map(struct wl_listener *listener, void *data) {
	struct xdg_popup *popup = wl_container_of(listener, popup, map);
	seat_rebase(popup->xdg_shell->shells->server->seat);
}

static void handle_xdg_popup_unmap(struct wl_listener *listener, void *data) {
	struct xdg_popup *popup = wl_container_of(listener, popup, unmap);
	seat_rebase(popup->xdg_shell->shells->server->seat);
}

static void handle_xdg_popup_reposition(struct wl_listener *listener, void *data) {
	struct xdg_popup *popup = wl_container_of(listener, popup, reposition);
	if (popup->tree) {
		unconstrain(popup);
	}
}

static void handle_xdg_popup_destroy(struct wl_listener *listener, void *data) {
	struct xdg_popup *popup = wl_container_of(listener, popup, destroy);
	popup->wlr->base->data = NULL;
	if (popup->tree) {
		wlr_scene_node_destroy(&popup->tree->node);
	}
	wl_list_remove(&popup->commit.link);
	wl_list_remove(&popup->map.link);
	wl_list_remove(&popup->unmap.link);
	wl_list_remove(&popup->reposition.link);
	wl_list_remove(&popup->destroy.link);
	wl_list_remove(&popup->link);
	free(popup);
}

void xdg_popup_create(
	struct xdg_shell *xdg_shell, struct wlr_xdg_popup *wlr, struct wlr_scene_tree *parent) {
	struct xdg_popup *popup = xcalloc(1, sizeof(*popup));
	popup->xdg_shell = xdg_shell;
	popup->wlr = wlr;
	popup->tree = wlr_scene_xdg_surface_create(parent, wlr->base);
	if (!popup->tree) {
		free(popup);
		return;
	}
	struct wlr_scene_node *content = wl_container_of(popup->tree->children.next, content, link);
	popup->content = wlr_scene_tree_from_node(content);
	outline_init(&popup->outline, popup->tree, xdg_shell->shells->server->config->window_label);
	wlr->base->data = popup->tree;
	wl_list_insert(&xdg_shell->popups, &popup->link);
	popup->tree_destroy.notify = handle_xdg_popup_tree_destroy;
	wl_signal_add(&popup->tree->node.events.destroy, &popup->tree_destroy);
	popup->commit.notify = handle_xdg_popup_commit;
	wl_signal_add(&wlr->base->surface->events.commit, &popup->commit);
	popup->map.notify = handle_xdg_popup_map;
	wl_signal_add(&wlr->base->surface->events.map, &popup->map);
	popup->unmap.notify = handle_xdg_popup_unmap;
	wl_signal_add(&wlr->base->surface->events.unmap, &popup->unmap);
	popup->reposition.notify = handle_xdg_popup_reposition;
	wl_signal_add(&wlr->events.reposition, &popup->reposition);
	popup->destroy.notify = handle_xdg_popup_destroy;
	wl_signal_add(&wlr->events.destroy, &popup->destroy);
}

void xdg_popups_follow(struct wlr_xdg_surface *parent) {
	struct wlr_xdg_popup *popup;
	wl_list_for_each (popup, &parent->popups, link) {
		if (popup->current.reactive && popup->base->initialized && popup->base->data) {
			wlr_xdg_positioner_rules_get_geometry(
				&popup->scheduled.rules, &popup->scheduled.geometry);
			wl_signal_emit_mutable(&popup->events.reposition, NULL);
		}
	}
}

static struct xdg_popup *find_grab(struct xdg_shell *xdg_shell, const struct wl_client *except) {
	struct xdg_popup *popup;
	wl_list_for_each (popup, &xdg_shell->popups, link) {
		if (popup->wlr->seat && popup->wlr->base->client->client != except) {
			return popup;
		}
	}
	return NULL;
}

/* Other popups go together with one, so the list is searched from its start each time. */
void xdg_popups_end_grabs(struct xdg_shell *xdg_shell, const struct wl_client *except) {
	struct xdg_popup *popup;
	while ((popup = find_grab(xdg_shell, except))) {
		wlr_xdg_popup_destroy(popup->wlr);
	}
}
