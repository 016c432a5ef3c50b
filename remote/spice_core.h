/* spice-server's timers, watches and log lines, on our event loop. The library's callbacks carry no
 * data of ours, so there is one server, and one of these, in a process. */
#ifndef REMOTE_SPICE_CORE_H
#define REMOTE_SPICE_CORE_H

#include <spice.h>
#include <systemd/sd-event.h>

/* What spice_server_init wants. `event` must outlive the server. `channel_event` is called on the
 * loop's thread when a client's connection appears, has logged in, or is gone. */
SpiceCoreInterface *spice_core_prepare(
	sd_event *event, void (*channel_event)(int event, SpiceChannelEventInfo *info));

#endif
