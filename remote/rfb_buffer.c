#include "remote/rfb_buffer.h"

#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

#define CAPACITY_LEAST 4096

void rfb_buffer_finish(struct rfb_buffer *buffer) {
	free(buffer->bytes);
	*buffer = (struct rfb_buffer){0};
}

uint8_t *rfb_buffer_room(struct rfb_buffer *buffer, size_t count) {
	if (buffer->capacity - buffer->size < count) {
		size_t capacity = buffer->capacity ? buffer->capacity : CAPACITY_LEAST;
		while (capacity - buffer->size < count) {
			capacity *= 2;
		}
		buffer->bytes = xreallocarray(buffer->bytes, capacity, 1);
		buffer->capacity = capacity;
	}
	return buffer->bytes + buffer->size;
}

void rfb_buffer_add(struct rfb_buffer *buffer, const void *bytes, size_t count) {
	if (count > 0) {
		memcpy(rfb_buffer_room(buffer, count), bytes, count);
		buffer->size += count;
	}
}

void rfb_buffer_add_u8(struct rfb_buffer *buffer, uint8_t value) {
	*rfb_buffer_room(buffer, 1) = value;
	buffer->size++;
}

void rfb_buffer_add_u16(struct rfb_buffer *buffer, uint16_t value) {
	uint8_t *to = rfb_buffer_room(buffer, 2);
	to[0] = value >> 8;
	to[1] = value;
	buffer->size += 2;
}

void rfb_buffer_add_u32(struct rfb_buffer *buffer, uint32_t value) {
	rfb_buffer_room(buffer, 4);
	buffer->size += 4;
	rfb_buffer_put_u32(buffer, buffer->size - 4, value);
}

void rfb_buffer_put_u32(struct rfb_buffer *buffer, size_t at, uint32_t value) {
	uint8_t *to = buffer->bytes + at;
	to[0] = value >> 24;
	to[1] = value >> 16;
	to[2] = value >> 8;
	to[3] = value;
}

void rfb_buffer_drop(struct rfb_buffer *buffer, size_t count) {
	buffer->size -= count;
	if (buffer->size > 0) {
		memmove(buffer->bytes, buffer->bytes + count, buffer->size);
	}
}

void rfb_buffer_add_rectangle(
	struct rfb_buffer *buffer, const rfbRectangle *area, int32_t encoding) {
	rfb_buffer_add_u16(buffer, area->x);
	rfb_buffer_add_u16(buffer, area->y);
	rfb_buffer_add_u16(buffer, area->w);
	rfb_buffer_add_u16(buffer, area->h);
	rfb_buffer_add_u32(buffer, (uint32_t)encoding);
}

void rfb_buffer_add_update(struct rfb_buffer *buffer, uint16_t rectangles) {
	rfb_buffer_add_u16(buffer, 0); /* FramebufferUpdate, and padding */
	rfb_buffer_add_u16(buffer, rectangles);
}
