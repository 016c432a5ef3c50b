#include "pattern.h"

#include <stddef.h>

#define WHITE 0x00ffffff
#define YELLOW 0x00ffff00

static int min(int a, int b) {
	return a < b ? a : b;
}

static int max(int a, int b) {
	return a > b ? a : b;
}

static uint32_t *image_row(const struct pattern_image *image, int y) {
	return (uint32_t *)(image->data + (size_t)y * image->stride);
}

static uint32_t pattern_color(const struct pattern_image *image, int x, int y) {
	if (x == 0 || y == 0 || x == image->width - 1 || y == image->height - 1) {
		return WHITE;
	}
	return (uint32_t)(x & 255) << 16 | (uint32_t)(y & 255) << 8 | (image->head * 64 & 255);
}

struct pattern_rect pattern_clip(const struct pattern_image *image, struct pattern_rect rect) {
	int x = max(rect.x, 0), y = max(rect.y, 0);
	int width = min(rect.x + rect.width, image->width) - x;
	int height = min(rect.y + rect.height, image->height) - y;
	if (width <= 0 || height <= 0) {
		return (struct pattern_rect){0};
	}
	return (struct pattern_rect){x, y, width, height};
}

void pattern_draw(const struct pattern_image *image, struct pattern_rect rect) {
	rect = pattern_clip(image, rect);
	for (int y = rect.y; y < rect.y + rect.height; y++) {
		uint32_t *row = image_row(image, y);
		for (int x = rect.x; x < rect.x + rect.width; x++) {
			row[x] = pattern_color(image, x, y);
		}
	}
}

static void fill(const struct pattern_image *image, struct pattern_rect rect, uint32_t color) {
	rect = pattern_clip(image, rect);
	for (int y = rect.y; y < rect.y + rect.height; y++) {
		uint32_t *row = image_row(image, y);
		for (int x = rect.x; x < rect.x + rect.width; x++) {
			row[x] = color;
		}
	}
}

struct pattern_rect pattern_key_rect(unsigned int code) {
	return (struct pattern_rect){
		.x = PATTERN_KEY_SIDE * (1 + (int)(code % PATTERN_KEY_COLUMNS)),
		.y = PATTERN_KEY_SIDE * (1 + (int)(code / PATTERN_KEY_COLUMNS)),
		.width = PATTERN_KEY_SIDE,
		.height = PATTERN_KEY_SIDE,
	};
}

void pattern_draw_key(const struct pattern_image *image, unsigned int code, bool white) {
	struct pattern_rect rect = pattern_key_rect(code);
	if (white) {
		fill(image, rect, WHITE);
	} else {
		pattern_draw(image, rect);
	}
}

struct pattern_rect pattern_draw_cross(const struct pattern_image *image, int x, int y) {
	int arm = PATTERN_CROSS_ARM, side = 2 * PATTERN_CROSS_ARM + 1;
	fill(image, (struct pattern_rect){x - arm, y, side, 1}, YELLOW);
	fill(image, (struct pattern_rect){x, y - arm, 1, side}, YELLOW);
	return pattern_clip(image, (struct pattern_rect){x - arm, y - arm, side, side});
}
