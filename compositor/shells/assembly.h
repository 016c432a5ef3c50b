/* What the parts of the shells room know of each other. */
#ifndef COMPOSITOR_SHELLS_ASSEMBLY_H
#define COMPOSITOR_SHELLS_ASSEMBLY_H

#include <wayland-server-core.h>

struct server;

struct shells {
	struct server *server;
	struct windows *windows;
	struct xdg_shell *xdg_shell;
	struct decoration_manager *decoration;
	struct layer_shell *layer_shell;
	struct session_lock *lock;
	struct selection *selection;
	struct idle *idle;
	struct activation *activation;
	struct output_manager *output_manager;
	struct virtual_input *virtual_input;
	struct wlr_foreign_toplevel_manager_v1 *foreign_manager;
	struct xwayland *xwayland; /* NULL: no X11 programs */
	struct sandbox *sandbox;
};

#endif
