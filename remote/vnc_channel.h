/* The packets between the listener and a session, over a socketpair of type SOCK_SEQPACKET. Both
 * ends are the same program, yet the listener takes a session's for hostile. */
#ifndef REMOTE_VNC_CHANNEL_H
#define REMOTE_VNC_CHANNEL_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "remote/packet.h"

#define VNC_CHALLENGE_SIZE 16 /* bytes, as VNC authentication has it */
#define VNC_NOTE_BYTES_MAX 512 /* TLS_SIGNATURE_MAX */
#define VNC_NOTE_TEXT_MAX 255 /* bytes */

enum vnc_note_kind {
	/* from the listener */
	VNC_NOTE_START = 1, /* flags, bytes: the challenge; with VNC_FLAG_TLS carries the
			       certificates, as tls_identity_chain_fd */
	VNC_NOTE_LAYOUT, /* right before ACCEPTED; carries what layout_file_make made */
	VNC_NOTE_ACCEPTED, /* flags, head, secret: the desktop's name; carries a Display1
			      connection */
	VNC_NOTE_REFUSED, /* text: what the client is told, if it isn't in yet */
	VNC_NOTE_DISPLAY, /* carries a Display1 connection in place of a lost one */
	VNC_NOTE_SIGNED, /* bytes: the signature; none if it isn't to be had */
	VNC_NOTE_WEB_SITE, /* right after START with VNC_FLAG_WEB; text: how clients log in; carries
			      what web_site_make made */
	VNC_NOTE_WEB_ANSWER, /* see web_asks.h */
	/* from the session */
	VNC_NOTE_RESPONSE, /* bytes: to the challenge; also sent when there is no password */
	VNC_NOTE_LOGIN, /* text: user or user@target, secret: the password */
	VNC_NOTE_SIGN, /* number: GnuTLS's algorithm, bytes: the hash; once only */
	VNC_NOTE_DISPLAY_WANTED, /* the Display1 connection is gone */
	VNC_NOTE_WEB_ASK, /* see web_asks.h */
};

enum vnc_note_flag {
	/* of START */
	VNC_FLAG_PASSWORD = 1, /* VNC authentication */
	VNC_FLAG_TLS = 2, /* VeNCrypt with a user's name and password */
	VNC_FLAG_X509_VNC = 4, /* or, in it, VNC authentication */
	VNC_FLAG_VERBOSE = 8,
	VNC_FLAG_WEB = 64, /* the client speaks HTTP */
	/* of ACCEPTED */
	VNC_FLAG_VIEW_ONLY = 16,
	VNC_FLAG_RESIZE = 32, /* the client may change the size of what it sees */
};

struct vnc_note {
	uint32_t kind; /* enum vnc_note_kind */
	uint32_t flags; /* enum vnc_note_flag */
	uint32_t head; /* which console of the target */
	uint32_t number;
	uint32_t size; /* of what is in `bytes` */
	uint8_t bytes[VNC_NOTE_BYTES_MAX];
	char text[VNC_NOTE_TEXT_MAX + 1];
	char secret[VNC_NOTE_TEXT_MAX + 1];
};
static_assert(sizeof(struct vnc_note) == 20 + 512 + 256 + 256, "no padding in what is sent");

/* False if there are too many. */
bool vnc_note_set_bytes(struct vnc_note *note, const void *bytes, size_t size);

/* Doesn't take `passed`, which is -1 for none. False if the peer is gone or doesn't read. */
bool vnc_note_send(int channel, const struct vnc_note *note, int passed);

/* Never blocks. *passed is the fd that came along, the caller's, or -1; the texts are terminated
 * and `size` is possible.
 * PACKET_ENDED: the peer is gone, or sent what is no note. */
enum packet_result vnc_note_receive(int channel, struct vnc_note *note, int *passed);

#endif
