#include "compositor/shells/xwayland.h"

#include <stdlib.h>
#include <wlr/types/wlr_xcursor_manager.h>
#include <wlr/xwayland.h>
#include <wlr/xwayland/shell.h>

#include "compositor/config.h"
#include "compositor/server.h"
#include "compositor/shells/assembly.h"
#include "compositor/shells/x11_surface.h"
#include "input/seat.h"
#include "util/log.h"
#include "util/mem.h"

#define CURSOR_SIZE 24 /* px */

static void handle_xwayland_ready(struct wl_listener *listener, void *data) {
	struct xwayland *xwayland = wl_container_of(listener, xwayland, ready);
	const struct config *config = xwayland->shells->server->config;
	/* It is the window manager's now, which closes it. wlroots 0.18 would close it a second
	 * time when Xwayland goes, and the window manager then wait for whoever got the number. */
	xwayland->wlr->server->wm_fd[0] = -1;
	struct wlr_xcursor_manager *manager = wlr_xcursor_manager_create(
		config->cursor_theme, config->cursor_size > 0 ? config->cursor_size : CURSOR_SIZE);
	if (!manager) {
		return;
	}
	if (wlr_xcursor_manager_load(manager, 1)) {
		struct wlr_xcursor *cursor = wlr_xcursor_manager_get_xcursor(manager, "default", 1);
		if (cursor) {
			const struct wlr_xcursor_image *image = cursor->images[0];
			wlr_xwayland_set_cursor(xwayland->wlr, image->buffer, image->width * 4,
				image->width, image->height, image->hotspot_x, image->hotspot_y);
		}
	}
	wlr_xcursor_manager_destroy(manager);
}

static void handle_xwayland_new_surface(struct wl_listener *listener, void *data) {
	struct xwayland *xwayland = wl_container_of(listener, xwayland, new_surface);
	x11_surface_create(xwayland->shells, data);
}

struct xwayland *xwayland_create(struct shells *shells) {
	struct server *server = shells->server;
	if (!server->config->xwayland) {
		return NULL;
	}
	struct wlr_xwayland *wlr = wlr_xwayland_create(server->display, server->compositor, true);
	if (!wlr) {
		log_info("no X11 programs: Xwayland isn't there");
		return NULL;
	}
	struct xwayland *xwayland = xcalloc(1, sizeof(*xwayland));
	xwayland->shells = shells;
	xwayland->wlr = wlr;
	wlr_xwayland_set_seat(wlr, seat_wlr(server->seat));
	xwayland->ready.notify = handle_xwayland_ready;
	wl_signal_add(&wlr->events.ready, &xwayland->ready);
	xwayland->new_surface.notify = handle_xwayland_new_surface;
	wl_signal_add(&wlr->events.new_surface, &xwayland->new_surface);
	return xwayland;
}

void xwayland_destroy(struct xwayland *xwayland) {
	if (!xwayland) {
		return;
	}
	wl_list_remove(&xwayland->ready.link);
	wl_list_remove(&xwayland->new_surface.link);
	wlr_xwayland_destroy(xwayland->wlr);
	free(xwayland);
}

const char *xwayland_display(const struct xwayland *xwayland) {
	return xwayland->wlr->display_name;
}

bool xwayland_owns_global(const struct xwayland *xwayland, const struct wl_global *global) {
	return xwayland->wlr->shell_v1 && xwayland->wlr->shell_v1->global == global;
}

bool xwayland_is_client(const struct xwayland *xwayland, const struct wl_client *client) {
	return xwayland->wlr->server && xwayland->wlr->server->client == client;
}
