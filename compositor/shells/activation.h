/* xdg-activation: a client hands its focus on to another one. */
#ifndef COMPOSITOR_SHELLS_ACTIVATION_H
#define COMPOSITOR_SHELLS_ACTIVATION_H

#include <wayland-server-core.h>

struct shells;

struct activation {
	struct shells *shells;
	struct wl_listener request_activate;
};

struct activation *activation_create(struct shells *shells);
void activation_destroy(struct activation *activation); /* NULL is legal */

#endif
