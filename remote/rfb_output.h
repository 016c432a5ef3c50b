/* What is on its way to a client: never waits, and holds no more than it was given. Rows of a
 * picture that need no translation go from the frame's memory to the socket without a copy, as they
 * are when the socket takes them. */
#ifndef REMOTE_RFB_OUTPUT_H
#define REMOTE_RFB_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "remote/rfb_buffer.h"

struct frame;

struct rfb_rows { /* of a frame; sent after the bytes */
	struct frame *frame; /* NULL: none */
	const uint8_t *pixels; /* the first */
	size_t stride, width; /* bytes */
	size_t count; /* of rows */
	size_t sent; /* bytes, without what lies between rows */
};

struct rfb_output {
	int fd; /* the caller's; non-blocking */
	struct rfb_buffer bytes;
	size_t sent; /* of the bytes */
	struct rfb_rows rows;
};

void rfb_output_init(struct rfb_output *output, int fd);
void rfb_output_finish(struct rfb_output *output);

/* Puts rows behind the bytes; nothing may be added until they are gone. `stride` and `width` are in
 * bytes. */
void rfb_output_add_rows(struct rfb_output *output, struct frame *frame, const uint8_t *pixels,
	size_t stride, size_t width, size_t count);

/* How many bytes wait; with rows it is never empty. */
bool rfb_output_is_empty(const struct rfb_output *output);
bool rfb_output_has_rows(const struct rfb_output *output);
size_t rfb_output_waiting(const struct rfb_output *output);

/* Sends what the socket takes. *blocked: something is left. False if the client is gone. */
bool rfb_output_flush(struct rfb_output *output, bool *blocked);
/* Whether the socket would take something now. */
bool rfb_output_can_send(const struct rfb_output *output);

#endif
