/* A zlib stream in as little time as possible: looks at one place for what repeats, or at none, and
 * never at more than what is added at once. Takes half of what zlib's fastest level takes. Source:
 * RFC 1950 and RFC 1951. */
#ifndef REMOTE_RFB_SQUEEZE_H
#define REMOTE_RFB_SQUEEZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rfb_buffer;

struct rfb_squeeze {
	bool started; /* the stream's head was written */
};

/* Adds bytes in such a way that the client can inflate all of them. Parts that are unlike get codes
 * of their own: they end at `ends`, the last of which is where the bytes end. */
void rfb_squeeze_add(struct rfb_squeeze *squeeze, const uint8_t *bytes, const size_t *ends,
	size_t end_count, struct rfb_buffer *out);
/* The same for bytes in which nothing repeats. */
void rfb_squeeze_add_noise(
	struct rfb_squeeze *squeeze, const uint8_t *bytes, size_t count, struct rfb_buffer *out);

#endif
