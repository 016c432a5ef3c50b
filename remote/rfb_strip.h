/* A part of the picture that is being encoded: read once, since it may change at any time. */
#ifndef REMOTE_RFB_STRIP_H
#define REMOTE_RFB_STRIP_H

#include <rfb/rfb.h>
#include <stdint.h>

#include "remote/rfb_palette.h"

#define RFB_STRIP_WIDTH_MAX 2048 /* px, which is Tight's limit too */

struct rfb_strip {
	rfbRectangle area; /* px of the picture; at most RFB_STRIP_WIDTH_MAX x RFB_TILE_SIDE */
	uint32_t values[RFB_STRIP_WIDTH_MAX * RFB_TILE_SIDE]; /* rows without gaps */
};

/* The tile that begins at column `x` of the strip. */
static inline struct rfb_tile rfb_strip_tile(const struct rfb_strip *strip, unsigned int x) {
	unsigned int left = strip->area.w - x;
	return (struct rfb_tile){.values = strip->values + x,
		.stride = strip->area.w,
		.width = left < RFB_TILE_SIDE ? left : RFB_TILE_SIDE,
		.height = strip->area.h};
}

#endif
