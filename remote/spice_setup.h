/* spice-server, as the options want it. */
#ifndef REMOTE_SPICE_SETUP_H
#define REMOTE_SPICE_SETUP_H

#include <spice.h>
#include <stdbool.h>
#include <systemd/sd-event.h>

struct spice_options;

/* Reads the certificates. NULL after a log line. */
SpiceServer *spice_setup_create(const struct spice_options *options, const char *runtime,
	sd_event *event, void (*channel_event)(int event, SpiceChannelEventInfo *info));

/* The next client must know this password; it is good for as long as a log-in may take. */
void spice_setup_ticket(
	SpiceServer *server, const struct spice_options *options, const char *ticket);

/* Becomes an unprivileged user where we are root. False after a log line. */
bool spice_setup_give_up_root(void);

#endif
