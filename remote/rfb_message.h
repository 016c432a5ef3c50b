/* What a client may send after the handshake, looked at before anything is done with it: only
 * complete messages of the types below are handled, and some handed on to libvncserver. Source: RFC
 * 6143 section 7.5, and the community's rfbproto for types 150, 248, 251 and 255. */
#ifndef REMOTE_RFB_MESSAGE_H
#define REMOTE_RFB_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RFB_ENCODINGS_MAX 512
#define RFB_CUT_TEXT_MAX (256 * 1024) /* bytes */
#define RFB_HEAD_MAX 20 /* bytes that rfb_message_inspect looks at, at most */

enum rfb_message_type {
	RFB_MESSAGE_SET_PIXEL_FORMAT = 0,
	RFB_MESSAGE_SET_ENCODINGS = 2,
	RFB_MESSAGE_UPDATE_REQUEST = 3,
	RFB_MESSAGE_KEY = 4,
	RFB_MESSAGE_POINTER = 5,
	RFB_MESSAGE_CUT_TEXT = 6,
	RFB_MESSAGE_CONTINUOUS = 150, /* EnableContinuousUpdates, and the end of them */
	RFB_MESSAGE_FENCE = 248,
	RFB_MESSAGE_SET_DESKTOP_SIZE = 251,
	RFB_MESSAGE_QEMU = 255, /* extended key events and, of their own lengths, rfb_audio.h */
};

#define RFB_MESSAGE_SERVER_CUT_TEXT 3
#define RFB_POINTER_IS_EXTENDED 0x80 /* in the mask, where extended buttons were agreed on */

enum rfb_message_verdict {
	RFB_MESSAGE_SHORT, /* the head isn't there yet */
	RFB_MESSAGE_KNOWN, /* *length is the whole message's, in bytes */
	RFB_MESSAGE_BAD, /* *error says why */
};

/* `head` holds the first `count` bytes of a message (all that there are, if fewer than
 * RFB_HEAD_MAX). `buttons`: extended mouse buttons were agreed on. *error is a static string. */
enum rfb_message_verdict rfb_message_inspect(
	const uint8_t *head, size_t count, bool buttons, size_t *length, const char **error);

#endif
