/* Accepts and counts connections, starts a session process for each, and decides who may come in:
 * it alone reads passwords and the private key, and asks mullion for displays. */
#ifndef REMOTE_VNC_LISTENER_H
#define REMOTE_VNC_LISTENER_H

#include <systemd/sd-event.h>

#define VNC_SESSIONS_MAX 32 /* past the handshake */
#define VNC_STRANGERS_MAX 32 /* in the handshake; the oldest goes when another one comes */
#define VNC_STRANGERS_PER_ADDRESS_MAX 8 /* likewise */
#define VNC_SESSIONS_PER_ADDRESS_MAX 24
#define VNC_STRANGER_SECONDS 120 /* when the session's own limit hasn't ended it */

struct display_opener;
struct tls_identity;
struct vnc_door;
struct vnc_listener;
struct vnc_options;

struct vnc_listener_keys { /* must stay */
	struct tls_identity *identity; /* with it, clients log in as users, over TLS */
	const char *users_file;
	const char *password_file; /* without it; NULL: no password is asked for */
	const char *runtime; /* mullion's runtime folder */
};

/* `options`, `opener` and the doors must stay. Says on standard output where it listens. NULL after
 * a log line. */
struct vnc_listener *vnc_listener_create(sd_event *event, const struct vnc_options *options,
	const struct vnc_listener_keys *keys, const struct vnc_door *doors, size_t count,
	struct display_opener *opener);
/* Ends all sessions. NULL is legal. */
void vnc_listener_destroy(struct vnc_listener *listener);

#endif
