/* Bytes to be sent, or being assembled; grows as needed. What is put in is bounded by its users. */
#ifndef REMOTE_RFB_BUFFER_H
#define REMOTE_RFB_BUFFER_H

#include <rfb/rfb.h>
#include <stddef.h>
#include <stdint.h>

struct rfb_buffer {
	uint8_t *bytes;
	size_t size; /* how many there are */
	size_t capacity;
};

void rfb_buffer_finish(struct rfb_buffer *buffer);

/* Room for `count` more bytes behind those that are there; the caller adds to `size` what it uses.
 * Valid until the next call. */
uint8_t *rfb_buffer_room(struct rfb_buffer *buffer, size_t count);
void rfb_buffer_add(struct rfb_buffer *buffer, const void *bytes, size_t count);
void rfb_buffer_add_u8(struct rfb_buffer *buffer, uint8_t value);
/* In the network's order. */
void rfb_buffer_add_u16(struct rfb_buffer *buffer, uint16_t value);
void rfb_buffer_add_u32(struct rfb_buffer *buffer, uint32_t value);
void rfb_buffer_put_u32(struct rfb_buffer *buffer, size_t at, uint32_t value);
/* Drops the first `count` bytes. */
void rfb_buffer_drop(struct rfb_buffer *buffer, size_t count);

/* Heads: of an update of so many rectangles, and of a rectangle. */
void rfb_buffer_add_update(struct rfb_buffer *buffer, uint16_t rectangles);
void rfb_buffer_add_rectangle(
	struct rfb_buffer *buffer, const rfbRectangle *area, int32_t encoding);

#endif
