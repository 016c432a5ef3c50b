/* Clients that have closed their sending half. libwayland would wait for the rest of a message that
 * never comes, and be woken for it without end; such a client is disconnected when everything that
 * it had said is done. */
#ifndef COMPOSITOR_HANGUP_H
#define COMPOSITOR_HANGUP_H

#include <systemd/sd-event.h>
#include <wayland-server-core.h>

struct hangups;

struct hangups *hangups_create(sd_event *event, struct wl_display *display);
void hangups_destroy(struct hangups *hangups); /* after the clients; NULL is legal */

#endif
