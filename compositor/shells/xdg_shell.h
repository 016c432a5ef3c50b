/* xdg-shell: where toplevels and popups come from. */
#ifndef COMPOSITOR_SHELLS_XDG_SHELL_H
#define COMPOSITOR_SHELLS_XDG_SHELL_H

#include <wayland-server-core.h>

struct shells;

struct xdg_shell {
	struct shells *shells;
	struct wlr_xdg_shell *wlr;
	struct wl_list popups; /* popup.link */
	struct wl_listener new_toplevel, new_popup;
};

struct xdg_shell *xdg_shell_create(struct shells *shells);
void xdg_shell_destroy(struct xdg_shell *xdg_shell); /* NULL is legal */

#endif
