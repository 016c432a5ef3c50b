/* Nests libwayland's event loop in sd-event, which is the one loop of every mullion program. */
#ifndef COMPOSITOR_LOOP_H
#define COMPOSITOR_LOOP_H

#include <systemd/sd-event.h>
#include <wayland-server-core.h>

/* The display must outlive the returned source; NULL on failure. */
sd_event_source *loop_nest_wayland(sd_event *event, struct wl_display *display);

/* us of CLOCK_MONOTONIC, as of this turn of the loop. */
uint64_t loop_now(sd_event *event);

#endif
