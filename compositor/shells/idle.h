/* Idle notification, and clients that inhibit it while they are seen. */
#ifndef COMPOSITOR_SHELLS_IDLE_H
#define COMPOSITOR_SHELLS_IDLE_H

#include <wayland-server-core.h>

struct shells;

struct idle {
	struct shells *shells;
	struct wlr_idle_notifier_v1 *notifier;
	struct wl_list inhibitors; /* idle_inhibitor.link */
	struct wl_listener new_inhibitor;
};

struct idle *idle_create(struct shells *shells);
void idle_destroy(struct idle *idle); /* NULL is legal */
void idle_notify_activity(struct idle *idle);
void idle_update(struct idle *idle); /* something was shown or hidden */

#endif
