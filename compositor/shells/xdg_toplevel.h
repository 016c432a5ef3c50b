/* An xdg toplevel as a view of kind "window". */
#ifndef COMPOSITOR_SHELLS_XDG_TOPLEVEL_H
#define COMPOSITOR_SHELLS_XDG_TOPLEVEL_H

#include "compositor/shells/window.h"

struct wlr_xdg_toplevel;
struct xdg_shell;

struct xdg_toplevel {
	struct window window;
	struct xdg_shell *xdg_shell;
	struct wlr_xdg_toplevel *wlr;
	struct wl_listener map, unmap, commit, destroy, set_title, set_app_id, set_parent;
	struct wl_listener request_move, request_resize, request_maximize, request_fullscreen;
};

void xdg_toplevel_create(struct xdg_shell *xdg_shell, struct wlr_xdg_toplevel *wlr);

#endif
