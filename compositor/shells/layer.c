#include "compositor/shells/layer.h"

#include <stdlib.h>
#include <wlr/types/wlr_layer_shell_v1.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_xdg_shell.h>

#include "compositor/desktop.h"
#include "compositor/output.h"
#include "compositor/server.h"
#include "compositor/shells/assembly.h"
#include "compositor/shells/filter.h"
#include "compositor/shells/xdg_popup.h"
#include "compositor/shells/xdg_shell.h"
#include "util/mem.h"

#define LAYER_SHELL_VERSION 4
#define LAYERS (ZWLR_LAYER_SHELL_V1_LAYER_OVERLAY + 1)
#define USABLE_MIN 64 /* logical px; what bars must leave, else their zones are ignored */

static struct wlr_scene_tree *scene_layer(struct layer_shell *layer_shell, unsigned int layer) {
	const struct layers *layers = &layer_shell->shells->server->layers;
	switch (layer) {
	case ZWLR_LAYER_SHELL_V1_LAYER_BACKGROUND:
		return layers->background;
	case ZWLR_LAYER_SHELL_V1_LAYER_BOTTOM:
		return layers->bottom;
	case ZWLR_LAYER_SHELL_V1_LAYER_TOP:
		return layers->top;
	default:
		return layers->overlay;
	}
}

static bool takes_keyboard(const struct layer_surface *surface) {
	switch (surface->wlr->current.keyboard_interactive) {
	case ZWLR_LAYER_SURFACE_V1_KEYBOARD_INTERACTIVITY_NONE:
		return false;
	case ZWLR_LAYER_SURFACE_V1_KEYBOARD_INTERACTIVITY_EXCLUSIVE:
		return surface->clicked ||
			surface->wlr->current.layer >= ZWLR_LAYER_SHELL_V1_LAYER_TOP;
	default:
		return surface->clicked;
	}
}

/* The topmost surface of this output that has a claim. */
static struct layer_surface *claimant(struct output *output) {
	for (int layer = LAYERS - 1; layer >= 0; layer--) {
		struct layer_surface *surface;
		wl_list_for_each (surface, &output->layer_surfaces[layer], link) {
			if (surface->wlr->surface->mapped && takes_keyboard(surface)) {
				return surface;
			}
		}
	}
	return NULL;
}

static void update_keyboard(struct layer_shell *layer_shell) {
	struct server *server = layer_shell->shells->server;
	struct layer_surface *best = NULL;
	struct output *output;
	wl_list_for_each (output, &server->outputs->list, link) {
		struct layer_surface *surface = claimant(output);
		if (surface && (!best || surface->wlr->current.layer > best->wlr->current.layer)) {
			best = surface;
		}
	}
	struct wlr_surface *wanted = best ? best->wlr->surface : NULL;
	if (server->desktop->layer_focus != wanted) {
		xdg_popups_end_grabs(layer_shell->shells->xdg_shell,
			wanted ? wl_resource_get_client(wanted->resource) : NULL);
		desktop_set_layer_focus(server->desktop, wanted);
	}
}

static void arrange_layer(
	struct output *output, int layer, bool exclusive, struct wlr_box *usable) {
	struct layer_surface *surface;
	wl_list_for_each (surface, &output->layer_surfaces[layer], link) {
		if (!surface->wlr->initialized ||
			exclusive != (surface->wlr->current.exclusive_zone > 0)) {
			continue;
		}
		wlr_scene_layer_surface_v1_configure(surface->scene, &output->box, usable);
		const struct wlr_scene_node *node = &surface->scene->tree->node;
		wlr_scene_node_set_position(&surface->popups->node, node->x, node->y);
	}
}

void layer_shell_arrange(struct layer_shell *layer_shell, struct output *output) {
	struct wlr_box usable = output->box;
	for (int layer = LAYERS - 1; layer >= 0; layer--) {
		arrange_layer(output, layer, true, &usable);
	}
	struct wlr_box within;
	if (!wlr_box_intersection(&within, &usable, &output->box) || within.width < USABLE_MIN ||
		within.height < USABLE_MIN) {
		usable = within = output->box;
	}
	for (int layer = LAYERS - 1; layer >= 0; layer--) {
		arrange_layer(output, layer, false, &usable);
	}
	output->usable = within;
}

static void arrange_and_lay_out(struct layer_shell *layer_shell, struct output *output) {
	struct wlr_box before = output->usable;
	layer_shell_arrange(layer_shell, output);
	if (!wlr_box_equal(&before, &output->usable)) {
		desktop_arrange(layer_shell->shells->server->desktop, output);
	}
	seat_rebase(layer_shell->shells->server->seat);
}

/* A popup counts as the surface that it was opened from. */
static struct wlr_surface *find_root(struct wlr_surface *surface) {
	struct wlr_xdg_surface *xdg;
	while (surface) {
		surface = wlr_surface_get_root_surface(surface);
		xdg = wlr_xdg_surface_try_from_wlr_surface(surface);
		if (!xdg || xdg->role != WLR_XDG_SURFACE_ROLE_POPUP || !xdg->popup) {
			break;
		}
		surface = xdg->popup->parent;
	}
	return surface;
}

void layer_shell_click(struct layer_shell *layer_shell, struct wlr_surface *surface) {
	struct wlr_surface *root = find_root(surface);
	struct output *output;
	wl_list_for_each (output, &layer_shell->shells->server->outputs->list, link) {
		for (int layer = 0; layer < LAYERS; layer++) {
			struct layer_surface *other;
			wl_list_for_each (other, &output->layer_surfaces[layer], link) {
				other->clicked = other->wlr->surface == root;
			}
		}
	}
	update_keyboard(layer_shell);
}

static void handle_layer_surface_map(struct wl_listener *listener, void *data) {
	struct layer_surface *surface = wl_container_of(listener, surface, map);
	arrange_and_lay_out(surface->layer_shell, surface->output);
	update_keyboard(surface->layer_shell);
}

static void handle_layer_surface_unmap(struct wl_listener *listener, void *data) {
	struct layer_surface *surface = wl_container_of(listener, surface, unmap);
	surface->clicked = false;
	update_keyboard(surface->layer_shell);
	if (surface->output) {
		arrange_and_lay_out(surface->layer_shell, surface->output);
	}
}

static void move_to_layer(struct layer_surface *surface) {
	unsigned int layer = surface->wlr->current.layer;
	wl_list_remove(&surface->link);
	wl_list_insert(&surface->output->layer_surfaces[layer], &surface->link);
	wlr_scene_node_reparent(
		&surface->scene->tree->node, scene_layer(surface->layer_shell, layer));
}

/* Each arrangement configures every surface of the output: only when there is a reason. */
static void handle_layer_surface_commit(struct wl_listener *listener, void *data) {
	struct layer_surface *surface = wl_container_of(listener, surface, commit);
	struct wlr_layer_surface_v1 *wlr = surface->wlr;
	filter_update(surface->scene->tree);
	if (!surface->output || (!wlr->initial_commit && wlr->current.committed == 0)) {
		return;
	}
	if (wlr->current.committed & WLR_LAYER_SURFACE_V1_STATE_LAYER) {
		move_to_layer(surface);
	}
	arrange_and_lay_out(surface->layer_shell, surface->output);
	update_keyboard(surface->layer_shell);
}

static void handle_layer_surface_new_popup(struct wl_listener *listener, void *data) {
	struct layer_surface *surface = wl_container_of(listener, surface, new_popup);
	xdg_popup_create(surface->layer_shell->shells->xdg_shell, data, surface->popups);
}

static void handle_layer_surface_destroy(struct wl_listener *listener, void *data) {
	struct layer_surface *surface = wl_container_of(listener, surface, destroy);
	wl_list_remove(&surface->link);
	wl_list_remove(&surface->map.link);
	wl_list_remove(&surface->unmap.link);
	wl_list_remove(&surface->commit.link);
	wl_list_remove(&surface->new_popup.link);
	wl_list_remove(&surface->destroy.link);
	wlr_scene_node_destroy(&surface->popups->node);
	free(surface);
}

static void listen(struct layer_surface *surface) {
	struct wlr_layer_surface_v1 *wlr = surface->wlr;
	surface->map.notify = handle_layer_surface_map;
	wl_signal_add(&wlr->surface->events.map, &surface->map);
	surface->unmap.notify = handle_layer_surface_unmap;
	wl_signal_add(&wlr->surface->events.unmap, &surface->unmap);
	surface->commit.notify = handle_layer_surface_commit;
	wl_signal_add(&wlr->surface->events.commit, &surface->commit);
	surface->new_popup.notify = handle_layer_surface_new_popup;
	wl_signal_add(&wlr->events.new_popup, &surface->new_popup);
	surface->destroy.notify = handle_layer_surface_destroy;
	wl_signal_add(&wlr->events.destroy, &surface->destroy);
}

static void handle_layer_shell_new_surface(struct wl_listener *listener, void *data) {
	struct layer_shell *layer_shell = wl_container_of(listener, layer_shell, new_surface);
	struct wlr_layer_surface_v1 *wlr = data;
	struct server *server = layer_shell->shells->server;
	struct output *output = wlr->output ? output_from_wlr(server->outputs, wlr->output)
					    : desktop_focused_output(server->desktop);
	if (!output || !output->placed) {
		wlr_layer_surface_v1_destroy(wlr);
		return;
	}
	wlr->output = output->wlr;
	struct layer_surface *surface = xcalloc(1, sizeof(*surface));
	surface->layer_shell = layer_shell;
	surface->output = output;
	surface->wlr = wlr;
	surface->scene = wlr_scene_layer_surface_v1_create(
		scene_layer(layer_shell, wlr->pending.layer), wlr);
	surface->popups = wlr_scene_tree_create(server->layers.layer_popups);
	wl_list_insert(&output->layer_surfaces[wlr->pending.layer], &surface->link);
	listen(surface);
}

/* Surfaces on an output that vanishes, or is disabled, are closed, as the protocol has it. */
static void handle_layer_shell_output_removed(struct wl_listener *listener, void *data) {
	struct output *output = data;
	for (int layer = 0; layer < LAYERS; layer++) {
		struct wl_list *surfaces = &output->layer_surfaces[layer];
		while (!wl_list_empty(surfaces)) {
			struct layer_surface *surface =
				wl_container_of(surfaces->next, surface, link);
			surface->output = NULL;
			wlr_layer_surface_v1_destroy(surface->wlr);
		}
	}
}

struct layer_shell *layer_shell_create(struct shells *shells) {
	struct server *server = shells->server;
	struct wlr_layer_shell_v1 *wlr =
		wlr_layer_shell_v1_create(server->display, LAYER_SHELL_VERSION);
	if (!wlr) {
		return NULL;
	}
	struct layer_shell *layer_shell = xcalloc(1, sizeof(*layer_shell));
	layer_shell->shells = shells;
	layer_shell->new_surface.notify = handle_layer_shell_new_surface;
	wl_signal_add(&wlr->events.new_surface, &layer_shell->new_surface);
	layer_shell->output_removed.notify = handle_layer_shell_output_removed;
	wl_signal_add(&server->outputs->events.removed, &layer_shell->output_removed);
	layer_shell->output_disabled.notify = handle_layer_shell_output_removed;
	wl_signal_add(&server->outputs->events.disabled, &layer_shell->output_disabled);
	return layer_shell;
}

void layer_shell_destroy(struct layer_shell *layer_shell) {
	if (!layer_shell) {
		return;
	}
	wl_list_remove(&layer_shell->new_surface.link);
	wl_list_remove(&layer_shell->output_removed.link);
	wl_list_remove(&layer_shell->output_disabled.link);
	free(layer_shell);
}
