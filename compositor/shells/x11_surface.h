/* An X11 window: a view of kind "window", or, where it rules its own place (menus, tooltips), a
 * surface above all windows. */
#ifndef COMPOSITOR_SHELLS_X11_SURFACE_H
#define COMPOSITOR_SHELLS_X11_SURFACE_H

#include "compositor/shells/outline.h"
#include "compositor/shells/window.h"

struct wlr_xwayland_surface;

struct x11_surface {
	struct window window; /* mapped unless override-redirect */
	struct wlr_xwayland_surface *wlr;
	struct wlr_scene_tree *unmanaged; /* where it is mapped and override-redirect, else NULL */
	struct outline outline; /* of `unmanaged` */
	struct wl_listener associate, dissociate, destroy, map, unmap, commit;
	struct wl_listener set_title, set_class, set_parent, set_geometry, set_override_redirect;
	struct wl_listener request_configure, request_move, request_resize, request_fullscreen;
	struct wl_listener request_activate;
};

/* It destroys itself. */
void x11_surface_create(struct shells *shells, struct wlr_xwayland_surface *wlr);

#endif
