/* Who draws a window's frame: mullion does, by xdg-decoration and KDE's older protocol. */
#ifndef COMPOSITOR_SHELLS_DECORATION_H
#define COMPOSITOR_SHELLS_DECORATION_H

#include <wayland-server-core.h>

struct shells;

struct decoration_manager {
	struct wl_listener new_decoration;
};

struct decoration_manager *decoration_manager_create(struct shells *shells);
void decoration_manager_destroy(struct decoration_manager *manager); /* NULL is legal */

#endif
