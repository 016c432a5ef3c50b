/* A session before its client is admitted, whatever the client speaks. */
#ifndef REMOTE_ENTRANCE_H
#define REMOTE_ENTRANCE_H

#include <stdbool.h>
#include <systemd/sd-event.h>

struct entrance;
struct relay;
struct vnc_note;

/* Whose session it is. */
struct entrance_host {
	sd_event *event;
	int channel; /* to the listener; its notes go through `note` */
	const char *peer; /* the client's name, for the log */
	/* The client is gone, broke the protocol or was too slow: the last call. NULL: it was done,
	 * and nothing is to be said. */
	void (*failed)(void *data, const char *why);
	void *data;
};

struct entrance_impl {
	/* A note of the listener's that isn't one of the session's own. Takes `passed`. */
	void (*note)(struct entrance *entrance, const struct vnc_note *note, int passed);
	/* While `waits`: lets the client in. *fd is the caller's, its next byte is ClientInit;
	 * *relay carries its bytes, or is NULL. False if the client is gone. */
	bool (*accept)(struct entrance *entrance, int *fd, struct relay **relay);
	/* While `waits`. */
	void (*refuse)(struct entrance *entrance, const char *reason);
	void (*destroy)(struct entrance *entrance);
};

struct entrance {
	const struct entrance_impl *impl;
	struct entrance_host host;
	bool waits; /* for the listener's yes or no */
};

/* RFB; takes `client`, and `chain` (-1: none): the certificates of tls_identity_chain_fd. `start`
 * is the listener's first note. NULL after a log line. */
struct entrance *rfb_entrance_create(
	const struct entrance_host *host, const struct vnc_note *start, int client, int chain);
/* HTTP, until the client asks for a WebSocket; as above. */
struct entrance *web_entrance_create(
	const struct entrance_host *host, const struct vnc_note *start, int client, int chain);
void entrance_handle_note(struct entrance *entrance, const struct vnc_note *note, int passed);
bool entrance_accept(struct entrance *entrance, int *fd, struct relay **relay);
void entrance_refuse(struct entrance *entrance, const char *reason);
void entrance_destroy(struct entrance *entrance); /* NULL is legal */

#endif
