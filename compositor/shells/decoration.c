#include "compositor/shells/decoration.h"

#include <stdlib.h>
#include <wlr/types/wlr_server_decoration.h>
#include <wlr/types/wlr_xdg_decoration_v1.h>

#include "compositor/server.h"
#include "compositor/shells/assembly.h"
#include "util/mem.h"

struct decoration {
	struct wlr_xdg_toplevel_decoration_v1 *wlr;
	struct wl_listener commit, request_mode, destroy;
};

static void set_mode(struct decoration *decoration) {
	struct wlr_xdg_surface *base = decoration->wlr->toplevel->base;
	if (base->initialized) {
		wlr_xdg_toplevel_decoration_v1_set_mode(
			decoration->wlr, WLR_XDG_TOPLEVEL_DECORATION_V1_MODE_SERVER_SIDE);
	}
}

/* A toplevel takes no configure before its first commit. */
static void handle_decoration_commit(struct wl_listener *listener, void *data) {
	struct decoration *decoration = wl_container_of(listener, decoration, commit);
	if (decoration->wlr->toplevel->base->initial_commit) {
		set_mode(decoration);
	}
}

static void handle_decoration_request_mode(struct wl_listener *listener, void *data) {
	struct decoration *decoration = wl_container_of(listener, decoration, request_mode);
	set_mode(decoration);
}

static void handle_decoration_destroy(struct wl_listener *listener, void *data) {
	struct decoration *decoration = wl_container_of(listener, decoration, destroy);
	wl_list_remove(&decoration->commit.link);
	wl_list_remove(&decoration->request_mode.link);
	wl_list_remove(&decoration->destroy.link);
	free(decoration);
}

static void handle_decoration_manager_new_decoration(struct wl_listener *listener, void *data) {
	struct wlr_xdg_toplevel_decoration_v1 *wlr = data;
	struct decoration *decoration = xcalloc(1, sizeof(*decoration));
	decoration->wlr = wlr;
	decoration->commit.notify = handle_decoration_commit;
	wl_signal_add(&wlr->toplevel->base->surface->events.commit, &decoration->commit);
	decoration->request_mode.notify = handle_decoration_request_mode;
	wl_signal_add(&wlr->events.request_mode, &decoration->request_mode);
	decoration->destroy.notify = handle_decoration_destroy;
	wl_signal_add(&wlr->events.destroy, &decoration->destroy);
	set_mode(decoration);
}

struct decoration_manager *decoration_manager_create(struct shells *shells) {
	struct wl_display *display = shells->server->display;
	struct wlr_xdg_decoration_manager_v1 *xdg = wlr_xdg_decoration_manager_v1_create(display);
	struct wlr_server_decoration_manager *kde = wlr_server_decoration_manager_create(display);
	if (!xdg || !kde) {
		return NULL;
	}
	wlr_server_decoration_manager_set_default_mode(
		kde, WLR_SERVER_DECORATION_MANAGER_MODE_SERVER);
	struct decoration_manager *manager = xcalloc(1, sizeof(*manager));
	manager->new_decoration.notify = handle_decoration_manager_new_decoration;
	wl_signal_add(&xdg->events.new_toplevel_decoration, &manager->new_decoration);
	return manager;
}

void decoration_manager_destroy(struct decoration_manager *manager) {
	if (!manager) {
		return;
	}
	wl_list_remove(&manager->new_decoration.link);
	free(manager);
}
