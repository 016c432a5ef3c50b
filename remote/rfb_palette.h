/* What a tile of pixels consists of: its colours, and how long the same one goes on. */
#ifndef REMOTE_RFB_PALETTE_H
#define REMOTE_RFB_PALETTE_H

#include <stddef.h>
#include <stdint.h>

#define RFB_TILE_SIDE 64 /* px, as ZRLE has it */
#define RFB_TILE_AREA (RFB_TILE_SIDE * RFB_TILE_SIDE)
#define RFB_PALETTE_MAX 127

struct rfb_tile { /* pixels, as rfb_format_load gives them */
	const uint32_t *values;
	size_t stride; /* px */
	unsigned int width, height; /* px, at most RFB_TILE_SIDE */
};

struct rfb_palette {
	unsigned int count; /* of colours, in the order of their first appearance; 0: too many */
	unsigned int runs, singles; /* of the same colour, across rows; those of one pixel only */
	uint32_t colours[RFB_PALETTE_MAX];
	uint8_t indices[RFB_TILE_AREA]; /* by pixel, unless there are too many colours */
};

void rfb_palette_find(struct rfb_palette *palette, const struct rfb_tile *tile);

#endif
