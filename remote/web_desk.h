/* The listener's part of the web: answers what web sessions ask (web_asks.h), and alone knows
 * users, keys and tokens. */
#ifndef REMOTE_WEB_DESK_H
#define REMOTE_WEB_DESK_H

#include <netinet/in.h>
#include <stdbool.h>
#include <systemd/sd-event.h>

struct vnc_gate;
struct vnc_logins;
struct vnc_note;
struct vnc_options;
struct web_caller;
struct web_desk;
struct web_key;

struct web_desk_terms { /* must stay */
	sd_event *event;
	const struct vnc_options *options;
	struct vnc_logins *logins; /* NULL: no users */
	const char *users_file; /* NULL likewise */
	const char *password_file; /* without users; NULL: no password is asked for */
	struct vnc_gate *gate;
	const char *runtime; /* the runtime folder: the control bus's socket is there */
	const char *name; /* of the first door, by which the next server knows what is its */
};

/* NULL after a log line. */
struct web_desk *web_desk_create(const struct web_desk_terms *terms);
void web_desk_destroy(struct web_desk *desk); /* no caller may be left; NULL is legal */
/* Sends a new session the VNC_NOTE_WEB_SITE. */
bool web_desk_send_site(const struct web_desk *desk, int channel);
/* A session of the user's was ended by force: the pages have to log in again. */
void web_desk_drop_user(struct web_desk *desk, const char *user);

struct web_caller_terms {
	int channel; /* to its session; the caller's user's */
	struct in6_addr address;
	const char *name; /* of the client, for the log; must stay */
	/* The client may have what `token` names, if the user finds room for it; the callee answers
	 * nothing. */
	void (*entered)(void *data, const struct web_key *token);
	void *data;
};

/* One web session. */
struct web_caller *web_caller_create(struct web_desk *desk, const struct web_caller_terms *terms);
void web_caller_destroy(struct web_caller *caller); /* NULL is legal */
/* A note of kind VNC_NOTE_WEB_ASK. */
void web_caller_handle(struct web_caller *caller, struct vnc_note *note);

#endif
