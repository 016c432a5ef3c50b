/* One zlib stream of a connection, whose pieces the client can inflate as they come. */
#ifndef REMOTE_RFB_DEFLATE_H
#define REMOTE_RFB_DEFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

struct rfb_buffer;

struct rfb_deflate {
	z_stream stream;
	bool started;
	int level, strategy;
};

enum rfb_deflate_end {
	RFB_DEFLATE_GOES_ON, /* what comes next is alike */
	RFB_DEFLATE_BLOCK, /* what comes next gets codes of its own */
	RFB_DEFLATE_FLUSH, /* all of it can be inflated */
};

/* `level` 1 to 9 may change from piece to piece, and so may `strategy` (zlib's). False if memory is
 * out. */
bool rfb_deflate_add(struct rfb_deflate *deflate, const uint8_t *bytes, size_t count, int level,
	int strategy, enum rfb_deflate_end end, struct rfb_buffer *out);
void rfb_deflate_finish(struct rfb_deflate *deflate);

#endif
