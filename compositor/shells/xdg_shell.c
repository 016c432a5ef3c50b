#include "compositor/shells/xdg_shell.h"

#include <stdlib.h>
#include <wlr/types/wlr_xdg_shell.h>

#include "compositor/server.h"
#include "compositor/shells/assembly.h"
#include "compositor/shells/xdg_popup.h"
#include "compositor/shells/xdg_toplevel.h"
#include "util/mem.h"

#define XDG_SHELL_VERSION 6

static void handle_xdg_shell_new_toplevel(struct wl_listener *listener, void *data) {
	struct xdg_shell *xdg_shell = wl_container_of(listener, xdg_shell, new_toplevel);
	xdg_toplevel_create(xdg_shell, data);
}

/* A popup without a parent yet becomes a layer surface's, which says so itself. */
static void handle_xdg_shell_new_popup(struct wl_listener *listener, void *data) {
	struct xdg_shell *xdg_shell = wl_container_of(listener, xdg_shell, new_popup);
	struct wlr_xdg_popup *popup = data;
	if (!popup->parent) {
		return;
	}
	struct wlr_xdg_surface *parent = wlr_xdg_surface_try_from_wlr_surface(popup->parent);
	if (parent && parent->data) {
		xdg_popup_create(xdg_shell, popup, parent->data);
	}
}

struct xdg_shell *xdg_shell_create(struct shells *shells) {
	struct wlr_xdg_shell *wlr =
		wlr_xdg_shell_create(shells->server->display, XDG_SHELL_VERSION);
	if (!wlr) {
		return NULL;
	}
	struct xdg_shell *xdg_shell = xcalloc(1, sizeof(*xdg_shell));
	xdg_shell->shells = shells;
	xdg_shell->wlr = wlr;
	wl_list_init(&xdg_shell->popups);
	xdg_shell->new_toplevel.notify = handle_xdg_shell_new_toplevel;
	wl_signal_add(&wlr->events.new_toplevel, &xdg_shell->new_toplevel);
	xdg_shell->new_popup.notify = handle_xdg_shell_new_popup;
	wl_signal_add(&wlr->events.new_popup, &xdg_shell->new_popup);
	return xdg_shell;
}

void xdg_shell_destroy(struct xdg_shell *xdg_shell) {
	if (!xdg_shell) {
		return;
	}
	wl_list_remove(&xdg_shell->new_toplevel.link);
	wl_list_remove(&xdg_shell->new_popup.link);
	free(xdg_shell);
}
