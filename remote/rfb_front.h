/* The handshake with a client before libvncserver sees a byte: protocol version and security type
 * (None or VNC authentication). Never blocks, and reads no byte beyond the handshake's.
 * Source: RFC 6143 sections 7.1 and 7.2. */
#ifndef REMOTE_RFB_FRONT_H
#define REMOTE_RFB_FRONT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "remote/vnc_channel.h"

enum rfb_front_state {
	RFB_FRONT_VERSION,
	RFB_FRONT_SECURITY,
	RFB_FRONT_RESPONSE,
	RFB_FRONT_VERDICT, /* it is for the caller to accept or refuse */
	RFB_FRONT_DONE,
};

struct rfb_front {
	int fd; /* the caller's; non-blocking */
	enum rfb_front_state state;
	bool password; /* else no authentication */
	int minor; /* 3, 7 or 8 */
	uint8_t challenge[VNC_CHALLENGE_SIZE];
	uint8_t buffer[VNC_CHALLENGE_SIZE]; /* what came of the present step; the response at last
					     */
	size_t count;
};

/* Greets the client. False if it is gone. `challenge` is of VNC_CHALLENGE_SIZE bytes. */
bool rfb_front_init(struct rfb_front *front, int fd, bool password, const uint8_t *challenge);
/* Reads what has come; to be called when the fd gets readable. False, with *error (a static
 * string), if the client is gone or breaks the protocol. */
bool rfb_front_dispatch(struct rfb_front *front, const char **error);
/* In RFB_FRONT_VERDICT: lets the client go on (the next byte is its ClientInit). */
bool rfb_front_accept(struct rfb_front *front);
/* In RFB_FRONT_VERDICT: tells the client as well as its version allows. */
void rfb_front_refuse(struct rfb_front *front, const char *reason);

#endif
