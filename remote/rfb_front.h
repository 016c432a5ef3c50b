/* The handshake with a client before libvncserver sees a byte: protocol version and security type,
 * which is None, VNC authentication, or VeNCrypt with TLS and a user's name and password. Never
 * blocks, and reads no byte beyond the handshake's.
 * Sources: RFC 6143 sections 7.1 and 7.2; the community's rfbproto for VeNCrypt. */
#ifndef REMOTE_RFB_FRONT_H
#define REMOTE_RFB_FRONT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "remote/tls_stream.h"
#include "remote/vnc_channel.h"

#define RFB_NAME_MAX VNC_NOTE_TEXT_MAX /* bytes */
#define RFB_PASSWORD_MAX VNC_NOTE_TEXT_MAX /* bytes */

enum rfb_front_state {
	RFB_FRONT_VERSION,
	RFB_FRONT_SECURITY,
	RFB_FRONT_VENCRYPT_VERSION,
	RFB_FRONT_VENCRYPT_TYPE,
	RFB_FRONT_TLS,
	RFB_FRONT_LENGTHS, /* of name and password; a person may be typing them */
	RFB_FRONT_LOGIN,
	RFB_FRONT_RESPONSE, /* to the challenge; a person may be typing */
	RFB_FRONT_VERDICT, /* it is for the caller to accept or refuse */
	RFB_FRONT_DONE,
};

enum rfb_front_kind { RFB_FRONT_OPEN, RFB_FRONT_PASSWORD, RFB_FRONT_USERS };

struct rfb_front_terms {
	enum rfb_front_kind kind;
	bool x509_vnc; /* with RFB_FRONT_USERS: VNC authentication in TLS is offered too */
	uint8_t challenge[VNC_CHALLENGE_SIZE];
	const char *chain; /* of RFB_FRONT_USERS; must stay for the handshake */
	struct tls_signer signer;
};

struct rfb_front {
	struct stream *stream; /* NULL once it is given away */
	enum rfb_front_state state;
	struct rfb_front_terms terms;
	int minor; /* 3, 7 or 8 */
	bool encrypted; /* the stream is TLS */
	bool by_name; /* in RFB_FRONT_VERDICT: name and password, else the response */
	uint32_t name_length, password_length; /* bytes */
	/* What came of the present step; at last the response, or name and password, each closed
	 * by a NUL. */
	uint8_t buffer[RFB_NAME_MAX + RFB_PASSWORD_MAX + 2];
	size_t count;
};

/* What a server says first. Whoever accepts the connection sends it, so that those who answer
 * nothing cost nothing. False if the client is gone. */
bool rfb_front_greet(int fd);

/* Takes a socket's stream; the client was greeted. */
void rfb_front_init(
	struct rfb_front *front, struct stream *stream, const struct rfb_front_terms *terms);
void rfb_front_finish(struct rfb_front *front);
/* Reads what has come; to be called when the fd gets readable or writable. False, with *error (a
 * static string), if the client is gone or breaks the protocol. */
bool rfb_front_dispatch(struct rfb_front *front, const char **error);

/* In RFB_FRONT_VERDICT, by name. */
const char *rfb_front_name(const struct rfb_front *front);
const char *rfb_front_password(const struct rfb_front *front);
void rfb_front_forget(struct rfb_front *front); /* wipes them */
/* In RFB_FRONT_VERDICT: lets the client go on (the next byte is its ClientInit). */
bool rfb_front_accept(struct rfb_front *front);
/* In RFB_FRONT_VERDICT: tells the client as well as its version allows. */
void rfb_front_refuse(struct rfb_front *front, const char *reason);

#endif
