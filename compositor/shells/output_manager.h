/* output-management and output-power-management: clients see and configure the outputs. */
#ifndef COMPOSITOR_SHELLS_OUTPUT_MANAGER_H
#define COMPOSITOR_SHELLS_OUTPUT_MANAGER_H

#include <wayland-server-core.h>

struct shells;

struct output_manager {
	struct shells *shells;
	struct wlr_output_manager_v1 *wlr;
	struct wl_event_source *publish; /* idle source; NULL: what is published is true */
	struct wl_listener apply, test, power;
	struct wl_listener added, removed, changed;
};

struct output_manager *output_manager_create(struct shells *shells);
void output_manager_destroy(struct output_manager *manager); /* NULL is legal */

#endif
