#include "compositor/shells/lock.h"

#include <stdlib.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_session_lock_v1.h>

#include "compositor/desktop.h"
#include "compositor/output.h"
#include "compositor/server.h"
#include "compositor/shells/assembly.h"
#include "compositor/shells/filter.h"
#include "compositor/shells/xdg_popup.h"
#include "util/log.h"
#include "util/mem.h"

struct lock_surface {
	struct session_lock *lock;
	struct wlr_session_lock_surface_v1 *wlr;
	struct wlr_scene_tree *tree;
	struct wl_list link; /* session_lock.surfaces */
	struct wl_listener map, destroy;
};

static void place(struct lock_surface *surface) {
	struct outputs *outputs = surface->lock->shells->server->outputs;
	const struct output *output = output_from_wlr(outputs, surface->wlr->output);
	if (!output) {
		return;
	}
	wlr_scene_node_set_enabled(&surface->tree->node, output->placed);
	if (!output->placed) {
		return;
	}
	wlr_scene_node_set_position(&surface->tree->node, output->box.x, output->box.y);
	wlr_session_lock_surface_v1_configure(surface->wlr, output->box.width, output->box.height);
}

static void focus(struct session_lock *lock) {
	if (!lock->cover) {
		return; /* unlocked: the desktop decides */
	}
	struct wlr_surface *wanted = NULL;
	struct lock_surface *surface;
	wl_list_for_each (surface, &lock->surfaces, link) {
		wanted = surface->wlr->surface->mapped ? surface->wlr->surface : wanted;
	}
	seat_focus_surface(lock->shells->server->seat, wanted);
}

static void handle_lock_surface_map(struct wl_listener *listener, void *data) {
	struct lock_surface *surface = wl_container_of(listener, surface, map);
	filter_update(surface->tree);
	focus(surface->lock);
}

static void handle_lock_surface_destroy(struct wl_listener *listener, void *data) {
	struct lock_surface *surface = wl_container_of(listener, surface, destroy);
	wl_list_remove(&surface->link);
	wl_list_remove(&surface->map.link);
	wl_list_remove(&surface->destroy.link);
	focus(surface->lock);
	wlr_scene_node_destroy(&surface->tree->node);
	free(surface);
}

static void handle_lock_new_surface(struct wl_listener *listener, void *data) {
	struct session_lock *lock = wl_container_of(listener, lock, new_surface);
	struct lock_surface *surface = xcalloc(1, sizeof(*surface));
	surface->lock = lock;
	surface->wlr = data;
	/* A tree of ours around it: wlr_scene destroys its own together with the surface. */
	surface->tree = wlr_scene_tree_create(lock->shells->server->layers.lock);
	wlr_scene_subsurface_tree_create(surface->tree, surface->wlr->surface);
	wl_list_insert(lock->surfaces.prev, &surface->link);
	surface->map.notify = handle_lock_surface_map;
	wl_signal_add(&surface->wlr->surface->events.map, &surface->map);
	surface->destroy.notify = handle_lock_surface_destroy;
	wl_signal_add(&surface->wlr->events.destroy, &surface->destroy);
	place(surface);
}

static void cover_outputs(struct session_lock *lock) {
	struct wlr_box box;
	wlr_output_layout_get_box(lock->shells->server->outputs->layout, NULL, &box);
	wlr_scene_node_set_position(&lock->cover->node, box.x, box.y);
	wlr_scene_rect_set_size(lock->cover, box.width, box.height);
}

static void handle_outputs_changed(struct wl_listener *listener, void *data) {
	struct session_lock *lock = wl_container_of(listener, lock, output_changed);
	const struct output *output = data;
	if (lock->cover) {
		cover_outputs(lock);
	}
	struct lock_surface *surface;
	wl_list_for_each (surface, &lock->surfaces, link) {
		if (surface->wlr->output == output->wlr) {
			place(surface);
		}
	}
}

static void create_cover(struct session_lock *lock) {
	static const float color[4] = {0.07f, 0.07f, 0.09f, 1};
	lock->cover = wlr_scene_rect_create(lock->shells->server->layers.lock, 0, 0, color);
	wlr_scene_node_lower_to_bottom(&lock->cover->node);
	cover_outputs(lock);
}

static void handle_lock_unlock(struct wl_listener *listener, void *data) {
	struct session_lock *lock = wl_container_of(listener, lock, unlock);
	wlr_scene_node_destroy(&lock->cover->node);
	lock->cover = NULL;
	desktop_set_locked(lock->shells->server->desktop, false, NULL);
}

static void forget_locker(struct session_lock *lock) {
	wl_list_remove(&lock->new_surface.link);
	wl_list_remove(&lock->unlock.link);
	wl_list_remove(&lock->destroy.link);
	lock->wlr = NULL;
}

static void handle_lock_destroy(struct wl_listener *listener, void *data) {
	struct session_lock *lock = wl_container_of(listener, lock, destroy);
	forget_locker(lock);
	if (lock->cover) {
		log_info("the screen locker died: the session stays locked until another one "
			 "unlocks it");
	}
}

static void take_locker(struct session_lock *lock, struct wlr_session_lock_v1 *wlr) {
	lock->wlr = wlr;
	lock->new_surface.notify = handle_lock_new_surface;
	wl_signal_add(&wlr->events.new_surface, &lock->new_surface);
	lock->unlock.notify = handle_lock_unlock;
	wl_signal_add(&wlr->events.unlock, &lock->unlock);
	lock->destroy.notify = handle_lock_destroy;
	wl_signal_add(&wlr->events.destroy, &lock->destroy);
}

/* From here on no frame shows anything of the session: the scene changes at once. */
static void handle_lock_manager_new_lock(struct wl_listener *listener, void *data) {
	struct session_lock *lock = wl_container_of(listener, lock, new_lock);
	struct wlr_session_lock_v1 *wlr = data;
	if (lock->wlr) {
		wlr_session_lock_v1_destroy(wlr);
		return;
	}
	take_locker(lock, wlr);
	if (!lock->cover) {
		create_cover(lock);
	}
	xdg_popups_end_grabs(lock->shells->xdg_shell, NULL);
	struct wl_client *client = wl_resource_get_client(wlr->resource);
	desktop_set_locked(lock->shells->server->desktop, true, client);
	focus(lock);
	wlr_session_lock_v1_send_locked(wlr);
}

struct session_lock *session_lock_create(struct shells *shells) {
	struct wlr_session_lock_manager_v1 *manager =
		wlr_session_lock_manager_v1_create(shells->server->display);
	if (!manager) {
		return NULL;
	}
	struct session_lock *lock = xcalloc(1, sizeof(*lock));
	lock->shells = shells;
	wl_list_init(&lock->surfaces);
	lock->new_lock.notify = handle_lock_manager_new_lock;
	wl_signal_add(&manager->events.new_lock, &lock->new_lock);
	lock->output_changed.notify = handle_outputs_changed;
	wl_signal_add(&shells->server->outputs->events.changed, &lock->output_changed);
	return lock;
}

void session_lock_destroy(struct session_lock *lock) {
	if (!lock) {
		return;
	}
	wl_list_remove(&lock->new_lock.link);
	wl_list_remove(&lock->output_changed.link);
	free(lock);
}
