/* A client's WebSocket frames, looked at as they come: masked, binary, without extensions, within
 * limits. Source: RFC 6455. */
#ifndef REMOTE_WEB_FRAMES_H
#define REMOTE_WEB_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WEB_MESSAGE_MAX (512 * 1024) /* bytes: an RFB message with a clipboard's text, twice */
#define WEB_FRAGMENTS_MAX 64 /* of a message */
#define WEB_CONTROL_MAX 125 /* bytes */
#define WEB_FRAME_HEAD_MAX 10 /* bytes, of one of ours */

enum web_opcode {
	WEB_OPCODE_CONTINUATION = 0,
	WEB_OPCODE_TEXT = 1,
	WEB_OPCODE_BINARY = 2,
	WEB_OPCODE_CLOSE = 8,
	WEB_OPCODE_PING = 9,
	WEB_OPCODE_PONG = 10,
};

struct web_frames {
	uint8_t head[14];
	size_t head_count;
	uint64_t left; /* bytes of the payload that are still to come */
	unsigned int mask_index;
	bool within; /* a message whose last frame hasn't come */
	size_t message; /* bytes so far */
	unsigned int fragments; /* so far */
	uint8_t control[WEB_CONTROL_MAX]; /* the payload of a ping or close frame */
	size_t control_count;
};

enum web_frames_event {
	WEB_FRAMES_SHORT, /* all bytes are used */
	WEB_FRAMES_DATA, /* *data is some of a message, *size bytes within `bytes` */
	WEB_FRAMES_PING, /* `control` is to be sent back */
	WEB_FRAMES_CLOSE, /* it wants to end */
	WEB_FRAMES_BAD, /* *code is what the close frame says, *error a static string */
};

/* What *used of the bytes, which are unmasked where they lie, amount to. */
enum web_frames_event web_frames_next(struct web_frames *frames, uint8_t *bytes, size_t count,
	size_t *used, uint8_t **data, size_t *size, uint16_t *code, const char **error);

/* The head of a frame that we send: whole, and without a mask. How many bytes. */
size_t web_frame_head(uint8_t head[WEB_FRAME_HEAD_MAX], enum web_opcode opcode, size_t size);

#define WEB_ACCEPT_SIZE 29 /* with the NUL */
/* The answer to Sec-WebSocket-Key; false if that isn't 16 bytes in base64. */
bool web_socket_accept(const char *key, char accept[WEB_ACCEPT_SIZE]);

#endif
