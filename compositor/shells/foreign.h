/* foreign-toplevel-management: windows as task bars see them. */
#ifndef COMPOSITOR_SHELLS_FOREIGN_H
#define COMPOSITOR_SHELLS_FOREIGN_H

#include <stdbool.h>
#include <wayland-server-core.h>

struct output;
struct window;
struct wlr_foreign_toplevel_manager_v1;

struct foreign_toplevel {
	struct window *window;
	struct wlr_foreign_toplevel_handle_v1 *wlr;
	struct output *output;
	struct wl_listener request_activate, request_close, request_fullscreen, output_removed;
};

/* NULL if memory is short; all functions accept that. */
struct foreign_toplevel *foreign_toplevel_create(
	struct wlr_foreign_toplevel_manager_v1 *manager, struct window *window);
void foreign_toplevel_destroy(struct foreign_toplevel *toplevel);
void foreign_toplevel_set_title(struct foreign_toplevel *toplevel, const char *title);
void foreign_toplevel_set_app_id(struct foreign_toplevel *toplevel, const char *app_id);
/* Tells what of the window's state changed. */
void foreign_toplevel_update(struct foreign_toplevel *toplevel);

#endif
