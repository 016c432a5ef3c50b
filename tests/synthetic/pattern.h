/* The synthetic guest's pictures. Tests compute the same ones to compare with. */
#ifndef TESTS_SYNTHETIC_PATTERN_H
#define TESTS_SYNTHETIC_PATTERN_H

#include <stdbool.h>
#include <stdint.h>

#define PATTERN_BIT 16 /* px: the side of a square of PATTERN_COUNTER */

enum pattern_kind {
	PATTERN_SOLID, /* one colour */
	PATTERN_GRADIENT, /* red to the right, green downwards, blue by head */
	/* The gradient, and at the top 16 squares: the picture's number in binary, the highest
	 * bit first, white for 1 and black for 0. */
	PATTERN_COUNTER,
	PATTERN_RECT, /* the gradient, and a rectangle of 10 % of the area that wanders */
	PATTERN_FULL, /* rows of one colour, all of which change with every picture */
	PATTERN_BAND, /* the gradient, and such rows over a tenth of the height */
};

struct pattern {
	enum pattern_kind kind;
	uint32_t color; /* 0xRRGGBB, of PATTERN_SOLID */
};

struct pattern_rect {
	uint32_t x, y, width, height; /* px */
};

struct pattern_picture { /* which one */
	uint32_t width, height; /* px */
	unsigned int head;
	uint32_t number; /* from 0 */
};

bool pattern_parse(struct pattern *pattern, const char *name);

/* 0xRRGGBB */
uint32_t pattern_pixel(const struct pattern *pattern, const struct pattern_picture *picture,
	uint32_t x, uint32_t y);

/* What differs from the picture before, as at most two rectangles; returns how many. */
int pattern_changes(const struct pattern *pattern, const struct pattern_picture *picture,
	struct pattern_rect rects[2]);

/* Paints a part into XRGB8888 pixels; `stride` in bytes. */
void pattern_paint(const struct pattern *pattern, const struct pattern_picture *picture,
	const struct pattern_rect *rect, uint8_t *pixels, uint32_t stride);

#endif
