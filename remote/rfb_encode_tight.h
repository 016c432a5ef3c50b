/* Tight: areas of one colour, of two, of a palette, and of many, each through a zlib stream of its
 * own; those of many as JPEG where the client named a quality. Source: the community's rfbproto. */
#ifndef REMOTE_RFB_ENCODE_TIGHT_H
#define REMOTE_RFB_ENCODE_TIGHT_H

#include <stdbool.h>

#include "remote/rfb_buffer.h"
#include "remote/rfb_deflate.h"
#include "remote/rfb_palette.h"
#include "remote/rfb_squeeze.h"

struct rfb_format;
struct rfb_strip;

#define RFB_TIGHT_STREAMS 4

struct rfb_tight {
	bool started, fast; /* fast: all is squeezed, not deflated; this stays with the streams */
	struct rfb_deflate deflates[RFB_TIGHT_STREAMS];
	struct rfb_squeeze squeezes[RFB_TIGHT_STREAMS];
	struct rfb_palette palette;
	struct rfb_buffer raw, packed;
	void *jpeg; /* turbojpeg's compressor; NULL until one is needed */
};

struct rfb_tight_options {
	int compression; /* 0 to 9; -1: not said */
	int quality; /* of JPEG, 0 to 9; -1: no loss */
	bool merge; /* tiles that are alike become one rectangle, so that their number isn't known
		       before; else it is one for each tile */
};

void rfb_tight_finish(struct rfb_tight *tight);

/* Adds the strip; `format` is of RFB_PIXEL_TIGHT. False if memory is out. */
bool rfb_tight_encode(struct rfb_tight *tight, const struct rfb_format *format,
	const struct rfb_strip *strip, const struct rfb_tight_options *options,
	struct rfb_buffer *out);

#endif
