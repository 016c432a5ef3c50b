/* A zlib stream of blocks with Huffman codes alone: what noise is worth, at a fifth of what zlib
 * takes for the same. Source: RFC 1950 and RFC 1951. */
#ifndef REMOTE_RFB_HUFFMAN_H
#define REMOTE_RFB_HUFFMAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rfb_buffer;

struct rfb_huffman {
	bool started; /* the stream's head was written */
};

/* Adds the bytes in such a way that the client can inflate all of them. */
void rfb_huffman_add(
	struct rfb_huffman *huffman, const uint8_t *bytes, size_t count, struct rfb_buffer *out);

#endif
