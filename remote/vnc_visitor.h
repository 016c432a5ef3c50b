/* The listener's side of one connection: its session process and the decisions about it. */
#ifndef REMOTE_VNC_VISITOR_H
#define REMOTE_VNC_VISITOR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "remote/display_opener.h"
#include "remote/vnc_channel.h"
#include "remote/vnc_door.h"
#include "remote/vnc_target.h"

struct tls_identity;
struct vnc_gate;
struct vnc_login;
struct vnc_logins;
struct vnc_options;
struct vnc_visitor;
struct web_caller;
struct web_desk;

struct vnc_host { /* what all visitors share; outlives them */
	sd_event *event;
	const struct vnc_options *options;
	struct tls_identity *identity; /* NULL: no TLS, nor users */
	struct vnc_logins *logins; /* NULL likewise */
	const char *password_file; /* without TLS; NULL: none is asked for */
	struct display_opener *opener;
	struct vnc_gate *gate;
	struct web_desk *desk; /* NULL: there is no door for the web */
	/* May this visitor, whose password was right, stay? False with what it is told. */
	bool (*admit)(struct vnc_visitor *visitor, const char **reason);
	/* The session is over; the callee destroys the visitor. */
	void (*gone)(struct vnc_visitor *visitor);
	void *data; /* the user's */
};

struct vnc_visitor {
	struct vnc_host *host;
	struct in6_addr address; /* zero: a unix socket */
	char name[INET6_ADDRSTRLEN + 16];
	bool in_tls; /* or on its way: it had its signature */
	bool admitted;
	TAILQ_ENTRY(vnc_visitor) link; /* the user's; in order of arrival */
	/* private */
	enum vnc_door_kind kind; /* of the door through which it came */
	int client; /* until the session has it */
	int channel;
	pid_t pid;
	uint8_t challenge[VNC_CHALLENGE_SIZE];
	bool answered, signed_once; /* a session may do either once */
	char user[64]; /* printable; empty without users */
	char wish[VNC_TARGET_MAX + 2]; /* the target that was asked for; empty: none */
	struct vnc_target target;
	bool view_only;
	char *refusal; /* NULL: none */
	struct vnc_login *login;
	struct web_caller *caller; /* NULL: it doesn't speak HTTP */
	bool entered; /* with a token */
	sd_event_source *client_source, *channel_source, *child_source;
	sd_event_source *verdict; /* when it may be told */
	sd_event_source *limit; /* of the handshake */
	struct display_request *request;
	char id[DISPLAY_SESSION_ID_SIZE]; /* mullion's for this session; empty: none yet */
};

/* Greets the client, and starts its session when it says something. Takes `client` on every path.
 * NULL after a log line, or if the client is gone. */
struct vnc_visitor *vnc_visitor_create(
	struct vnc_host *host, enum vnc_door_kind kind, int client, const struct in6_addr *address);
/* Kills the session if it still runs. */
void vnc_visitor_destroy(struct vnc_visitor *visitor);

#endif
