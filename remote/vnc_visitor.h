/* The listener's side of one connection: its session process and the decisions about it. */
#ifndef REMOTE_VNC_VISITOR_H
#define REMOTE_VNC_VISITOR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "remote/vnc_channel.h"

struct display_opener;
struct display_request;
struct vnc_gate;
struct vnc_options;
struct vnc_visitor;

struct vnc_host { /* what all visitors share; outlives them */
	sd_event *event;
	const struct vnc_options *options;
	const char *password_file; /* NULL: none is asked for */
	struct display_opener *opener;
	struct vnc_gate *gate;
	/* May this visitor, who knows the password, stay? False with what it is told. */
	bool (*admit)(struct vnc_visitor *visitor, const char **reason);
	/* The session is over; the callee destroys the visitor. */
	void (*gone)(struct vnc_visitor *visitor);
	void *data; /* the user's */
};

struct vnc_visitor {
	struct vnc_host *host;
	struct in6_addr address;
	char name[INET6_ADDRSTRLEN];
	bool admitted;
	TAILQ_ENTRY(vnc_visitor) link; /* the user's; in order of arrival */
	/* private */
	int channel;
	pid_t pid;
	uint8_t challenge[VNC_CHALLENGE_SIZE], response[VNC_CHALLENGE_SIZE];
	bool answered; /* the response came */
	sd_event_source *channel_source, *child_source;
	sd_event_source *verdict; /* when it may be told */
	sd_event_source *limit; /* of the handshake */
	struct display_request *request;
};

/* Starts the session. Takes `client` on every path. NULL after a log line. */
struct vnc_visitor *vnc_visitor_create(
	struct vnc_host *host, int client, const struct in6_addr *address);
/* Kills the session if it still runs. */
void vnc_visitor_destroy(struct vnc_visitor *visitor);

#endif
