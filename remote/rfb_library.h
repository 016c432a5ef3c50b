/* libvncserver behind a socket of its own, with its handshake done: it gets complete, inspected
 * messages and never meets the network, so that it never waits. It keeps the client's pixel format
 * and the regions that were asked for and that changed, hands on keys, and encodes hextile. */
#ifndef REMOTE_RFB_LIBRARY_H
#define REMOTE_RFB_LIBRARY_H

#include <rfb/rfb.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "remote/rfb_buffer.h"

struct picture;

/* px: the largest rectangle for rfb_library_hextile; what it gives fits into the inner socket. */
#define RFB_HEXTILE_WIDTH 128
#define RFB_HEXTILE_HEIGHT 64

struct rfb_library {
	rfbScreenInfoPtr screen;
	rfbClientPtr client;
	int fd; /* our end of the inner socket */
	void (*keysym)(void *data, uint32_t keysym, bool pressed);
	void *data;
};

/* False if it is out of resources; finish is to be called in any case. `name` must stay. */
bool rfb_library_init(struct rfb_library *library, const struct picture *picture, const char *name,
	void (*keysym)(void *data, uint32_t keysym, bool pressed), void *data);
void rfb_library_finish(struct rfb_library *library);

/* Hands on one complete message (the first is ClientInit) of at most a few kilobytes, and adds the
 * answer to `out`. False if the library gave the client up. */
bool rfb_library_pass(
	struct rfb_library *library, const uint8_t *message, size_t count, struct rfb_buffer *out);

/* Adds the area of the picture as one rectangle. False as above. */
bool rfb_library_hextile(
	struct rfb_library *library, const rfbRectangle *area, struct rfb_buffer *out);

/* Another picture; all of it has changed. */
void rfb_library_set_picture(struct rfb_library *library, const struct picture *picture);

#endif
