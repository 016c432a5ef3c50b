/* ZRLE, RFC 6143 section 7.7.6: tiles of few colours as palettes or runs, all of them through one
 * zlib stream. Kinds of tiles that differ get Huffman codes of their own. */
#ifndef REMOTE_RFB_ENCODE_ZRLE_H
#define REMOTE_RFB_ENCODE_ZRLE_H

#include <stdbool.h>

#include "remote/rfb_buffer.h"
#include "remote/rfb_deflate.h"
#include "remote/rfb_palette.h"
#include "remote/rfb_squeeze.h"
#include "remote/rfb_strip.h"

struct rfb_format;

struct rfb_zrle {
	bool started, fast; /* fast: it is squeezed, not deflated; this stays with the stream */
	struct rfb_deflate deflate;
	struct rfb_squeeze squeeze;
	struct rfb_palette palette;
	struct rfb_buffer tiles;
	size_t ends[RFB_STRIP_WIDTH_MAX / RFB_TILE_SIDE]; /* of parts of the tiles that are alike */
	size_t end_count;
};

void rfb_zrle_finish(struct rfb_zrle *zrle);

/* Adds the strip as one rectangle; `format` is of RFB_PIXEL_COMPACT, `compression` 0 to 9 or -1.
 * False if memory is out. */
bool rfb_zrle_encode(struct rfb_zrle *zrle, const struct rfb_format *format,
	const struct rfb_strip *strip, int compression, struct rfb_buffer *out);

#endif
