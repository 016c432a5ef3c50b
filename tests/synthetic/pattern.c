#include "tests/synthetic/pattern.h"

#include <stddef.h>
#include <string.h>

#define COUNTER_BITS 16

bool pattern_parse(struct pattern *pattern, const char *name) {
	static const char *const names[] = {"solid", "gradient", "counter", "rect", "full", "band"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) == 0) {
			pattern->kind = i;
			return true;
		}
	}
	return false;
}

static uint32_t gradient(const struct pattern_picture *picture, uint32_t x, uint32_t y) {
	uint32_t red = x * 255 / picture->width;
	uint32_t green = y * 255 / picture->height;
	return red << 16 | green << 8 | ((picture->head * 85 + 40) & 0xff);
}

/* A third of the width and three tenths of the height. */
static struct pattern_rect wandering_rect(const struct pattern_picture *picture, uint32_t number) {
	struct pattern_rect rect = {
		.width = picture->width / 3,
		.height = picture->height * 3 / 10,
	};
	rect.x = (number * 37) % (picture->width - rect.width + 1);
	rect.y = (number * 23) % (picture->height - rect.height + 1);
	return rect;
}

static bool is_inside(const struct pattern_rect *rect, uint32_t x, uint32_t y) {
	return x >= rect->x && x - rect->x < rect->width && y >= rect->y &&
		y - rect->y < rect->height;
}

/* A tenth of the picture, always the same one. */
static struct pattern_rect band(const struct pattern_picture *picture) {
	struct pattern_rect rect = {
		.y = picture->height * 3 / 10,
		.width = picture->width,
		.height = picture->height / 10,
	};
	return rect;
}

static uint32_t color_of_number(uint32_t number) {
	return (number * 2654435761u) >> 8;
}

uint32_t pattern_pixel(const struct pattern *pattern, const struct pattern_picture *picture,
	uint32_t x, uint32_t y) {
	struct pattern_rect rect;
	switch (pattern->kind) {
	case PATTERN_SOLID:
		return pattern->color;
	case PATTERN_GRADIENT:
		break;
	case PATTERN_COUNTER:
		if (y < PATTERN_BIT && x < COUNTER_BITS * PATTERN_BIT) {
			uint32_t bit = COUNTER_BITS - 1 - x / PATTERN_BIT;
			return picture->number >> bit & 1 ? 0xffffff : 0;
		}
		break;
	case PATTERN_RECT:
		rect = wandering_rect(picture, picture->number);
		if (is_inside(&rect, x, y)) {
			return color_of_number(picture->number);
		}
		break;
	case PATTERN_BAND:
		rect = band(picture);
		if (is_inside(&rect, x, y)) {
			return color_of_number(picture->number + y);
		}
		break;
	case PATTERN_FULL:
		return color_of_number(picture->number + y);
	}
	return gradient(picture, x, y);
}

static uint32_t smaller(uint32_t a, uint32_t b) {
	return a < b ? a : b;
}

int pattern_changes(const struct pattern *pattern, const struct pattern_picture *picture,
	struct pattern_rect rects[2]) {
	struct pattern_rect all = {0, 0, picture->width, picture->height};
	rects[0] = all;
	if (picture->number == 0 || pattern->kind == PATTERN_FULL) {
		return 1;
	}
	switch (pattern->kind) {
	case PATTERN_COUNTER:
		rects[0].width = smaller(COUNTER_BITS * PATTERN_BIT, picture->width);
		rects[0].height = smaller(PATTERN_BIT, picture->height);
		return 1;
	case PATTERN_RECT:
		rects[0] = wandering_rect(picture, picture->number - 1);
		rects[1] = wandering_rect(picture, picture->number);
		return 2;
	case PATTERN_BAND:
		rects[0] = band(picture);
		return 1;
	default:
		return 0;
	}
}

static void fill_row(uint32_t *row, uint32_t width, uint32_t color) {
	for (uint32_t x = 0; x < width; x++) {
		row[x] = color;
	}
}

void pattern_paint(const struct pattern *pattern, const struct pattern_picture *picture,
	const struct pattern_rect *rect, uint8_t *pixels, uint32_t stride) {
	for (uint32_t y = rect->y; y < rect->y + rect->height; y++) {
		uint32_t *row = (uint32_t *)(pixels + (size_t)y * stride);
		if (pattern->kind == PATTERN_FULL) {
			fill_row(row + rect->x, rect->width,
				pattern_pixel(pattern, picture, rect->x, y));
			continue;
		}
		for (uint32_t x = rect->x; x < rect->x + rect->width; x++) {
			row[x] = pattern_pixel(pattern, picture, x, y);
		}
	}
}
