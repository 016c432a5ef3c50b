/* sd-bus as the server of a peer-to-peer connection, for any D-Bus client.
 *
 * GDBus sends its first message right behind the handshake's BEGIN. sd-bus (252 and newer) may
 * read both at once, and then waits for further input before it looks at the message: the client
 * hangs until its time-out, now and then. */
#ifndef UTIL_BUS_SERVER_H
#define UTIL_BUS_SERVER_H

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

/* In the place of sd_bus_start and sd_bus_attach_event, for a connection that was set up with
 * sd_bus_set_fd and sd_bus_set_server: looks at such a message in time. A negative errno on
 * failure. */
int bus_server_start(sd_bus *bus, sd_event *event);

#endif
