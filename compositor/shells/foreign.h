/* foreign-toplevel-management: windows and guests as task bars see them. */
#ifndef COMPOSITOR_SHELLS_FOREIGN_H
#define COMPOSITOR_SHELLS_FOREIGN_H

#include <stdbool.h>
#include <wayland-server-core.h>

struct output;
struct view;
struct wlr_foreign_toplevel_manager_v1;

struct foreign_toplevel {
	struct view *view;
	struct wlr_foreign_toplevel_handle_v1 *wlr;
	struct output *output;
	struct wl_listener request_activate, request_close, request_fullscreen, output_removed;
};

/* NULL if memory is short; all functions accept that. */
struct foreign_toplevel *foreign_toplevel_create(
	struct wlr_foreign_toplevel_manager_v1 *manager, struct view *view);
void foreign_toplevel_destroy(struct foreign_toplevel *toplevel);
/* Tells what of the view's title and state changed. */
void foreign_toplevel_update(struct foreign_toplevel *toplevel);

#endif
