/* X11 programs, through an Xwayland that starts when the first of them connects. */
#ifndef COMPOSITOR_SHELLS_XWAYLAND_H
#define COMPOSITOR_SHELLS_XWAYLAND_H

#include <stdbool.h>
#include <wayland-server-core.h>

struct shells;
struct wlr_xwayland;

struct xwayland {
	struct shells *shells;
	struct wlr_xwayland *wlr;
	struct wl_listener ready, new_surface;
};

/* NULL where Xwayland isn't installed, or the configuration doesn't want it. */
struct xwayland *xwayland_create(struct shells *shells);
void xwayland_destroy(struct xwayland *xwayland); /* NULL is legal */
const char *xwayland_display(const struct xwayland *xwayland);

/* Whether this global is for Xwayland alone, and whether the client is Xwayland. */
bool xwayland_owns_global(const struct xwayland *xwayland, const struct wl_global *global);
bool xwayland_is_client(const struct xwayland *xwayland, const struct wl_client *client);

#endif
