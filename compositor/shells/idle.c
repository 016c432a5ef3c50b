#include "compositor/shells/idle.h"

#include <stdbool.h>
#include <stdlib.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_idle_inhibit_v1.h>
#include <wlr/types/wlr_idle_notify_v1.h>

#include "compositor/server.h"
#include "compositor/shells/assembly.h"
#include "compositor/shells/window.h"
#include "input/seat.h"
#include "util/mem.h"

struct idle_inhibitor {
	struct idle *idle;
	struct wlr_idle_inhibitor_v1 *wlr;
	struct wl_list link; /* idle.inhibitors */
	struct wl_listener map, unmap, destroy;
};

static bool is_seen(struct idle_inhibitor *inhibitor) {
	struct wlr_surface *surface = inhibitor->wlr->surface;
	const struct window *window =
		window_from_surface(inhibitor->idle->shells->windows, surface);
	return surface->mapped && (!window || window->view.shown);
}

void idle_update(struct idle *idle) {
	bool inhibited = false;
	struct idle_inhibitor *inhibitor;
	wl_list_for_each (inhibitor, &idle->inhibitors, link) {
		inhibited = inhibited || is_seen(inhibitor);
	}
	wlr_idle_notifier_v1_set_inhibited(idle->notifier, inhibited);
}

static void handle_idle_inhibitor_map(struct wl_listener *listener, void *data) {
	struct idle_inhibitor *inhibitor = wl_container_of(listener, inhibitor, map);
	idle_update(inhibitor->idle);
}

static void handle_idle_inhibitor_unmap(struct wl_listener *listener, void *data) {
	struct idle_inhibitor *inhibitor = wl_container_of(listener, inhibitor, unmap);
	idle_update(inhibitor->idle);
}

static void handle_idle_inhibitor_destroy(struct wl_listener *listener, void *data) {
	struct idle_inhibitor *inhibitor = wl_container_of(listener, inhibitor, destroy);
	wl_list_remove(&inhibitor->link);
	wl_list_remove(&inhibitor->map.link);
	wl_list_remove(&inhibitor->unmap.link);
	wl_list_remove(&inhibitor->destroy.link);
	idle_update(inhibitor->idle);
	free(inhibitor);
}

static void handle_idle_new_inhibitor(struct wl_listener *listener, void *data) {
	struct idle *idle = wl_container_of(listener, idle, new_inhibitor);
	struct idle_inhibitor *inhibitor = xcalloc(1, sizeof(*inhibitor));
	inhibitor->idle = idle;
	inhibitor->wlr = data;
	wl_list_insert(&idle->inhibitors, &inhibitor->link);
	inhibitor->map.notify = handle_idle_inhibitor_map;
	wl_signal_add(&inhibitor->wlr->surface->events.map, &inhibitor->map);
	inhibitor->unmap.notify = handle_idle_inhibitor_unmap;
	wl_signal_add(&inhibitor->wlr->surface->events.unmap, &inhibitor->unmap);
	inhibitor->destroy.notify = handle_idle_inhibitor_destroy;
	wl_signal_add(&inhibitor->wlr->events.destroy, &inhibitor->destroy);
	idle_update(idle);
}

struct idle *idle_create(struct shells *shells) {
	struct wl_display *display = shells->server->display;
	struct wlr_idle_notifier_v1 *notifier = wlr_idle_notifier_v1_create(display);
	struct wlr_idle_inhibit_manager_v1 *inhibit = wlr_idle_inhibit_v1_create(display);
	if (!notifier || !inhibit) {
		return NULL;
	}
	struct idle *idle = xcalloc(1, sizeof(*idle));
	idle->shells = shells;
	idle->notifier = notifier;
	wl_list_init(&idle->inhibitors);
	idle->new_inhibitor.notify = handle_idle_new_inhibitor;
	wl_signal_add(&inhibit->events.new_inhibitor, &idle->new_inhibitor);
	return idle;
}

void idle_destroy(struct idle *idle) {
	if (!idle) {
		return;
	}
	wl_list_remove(&idle->new_inhibitor.link);
	free(idle);
}

void idle_notify_activity(struct idle *idle) {
	wlr_idle_notifier_v1_notify_activity(idle->notifier, seat_wlr(idle->shells->server->seat));
}
