/* Popups: they follow their parent, above all windows, cut to their window geometry and outlined.
 * They stay on its output, within the parent's content where a grid leaves room for that. */
#ifndef COMPOSITOR_SHELLS_XDG_POPUP_H
#define COMPOSITOR_SHELLS_XDG_POPUP_H

#include <wayland-server-core.h>

#include "compositor/shells/outline.h"

struct wlr_scene_tree;
struct wlr_xdg_popup;
struct wlr_xdg_surface;
struct xdg_shell;

struct xdg_popup {
	struct xdg_shell *xdg_shell;
	struct wlr_xdg_popup *wlr;
	struct wlr_scene_tree *tree; /* NULL once the parent's is gone */
	struct wlr_scene_tree *content; /* of the surface, in `tree` */
	struct outline outline;
	struct wl_list link; /* xdg_shell.popups */
	struct wl_listener tree_destroy, commit, map, unmap, reposition, destroy;
};

/* `parent` is at the parent's window geometry; the popup destroys itself. xdg_surface.data of
 * whatever can be a parent holds that tree. */
void xdg_popup_create(
	struct xdg_shell *xdg_shell, struct wlr_xdg_popup *wlr, struct wlr_scene_tree *parent);

/* The parent moved: popups that asked for it are placed again. */
void xdg_popups_follow(struct wlr_xdg_surface *parent);
/* Something else takes the keyboard: popups that hold it are closed, but for this client's. */
void xdg_popups_end_grabs(struct xdg_shell *xdg_shell, const struct wl_client *except);

#endif
