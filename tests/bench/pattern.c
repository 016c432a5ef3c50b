#include "tests/bench/pattern.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH PATTERN_WIDTH
#define HEIGHT PATTERN_HEIGHT

static uint32_t next_random(uint32_t *state) {
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static void paint_text(uint32_t *base, uint32_t *state) {
	for (int y = HEIGHT / 10 + 8; y + 14 < HEIGHT * 9 / 10; y += 16) {
		for (int x = WIDTH / 20 + 8; x + 9 < WIDTH * 11 / 20; x += 9) {
			if (next_random(state) % 6 == 0) {
				continue;
			}
			for (int row = 0; row < 12; row++) {
				uint32_t bits = next_random(state) & next_random(state);
				for (int column = 0; column < 7; column++) {
					if (bits >> column & 1) {
						base[(y + row) * WIDTH + x + column] = 0x101010;
					}
				}
			}
		}
	}
}

static void paint_gradient(uint32_t *base, uint32_t *state) {
	for (int y = HEIGHT * 3 / 10; y < HEIGHT * 7 / 10; y++) {
		for (int x = WIDTH * 6 / 10; x < WIDTH * 19 / 20; x++) {
			uint32_t noise = next_random(state);
			uint32_t red = 40 + x * 120 / WIDTH + (noise & 7);
			uint32_t green = 30 + y * 120 / HEIGHT + (noise >> 3 & 7);
			uint32_t blue = 60 + (x + y) * 60 / (WIDTH + HEIGHT) + (noise >> 6 & 7);
			base[y * WIDTH + x] = red << 16 | green << 8 | blue;
		}
	}
}

/* No channel is above 191, so that 63 can be added to each. */
uint32_t *pattern_create(void) {
	uint32_t *base = calloc((size_t)WIDTH * HEIGHT, sizeof(*base)), state = 42;
	for (int i = 0; base && i < WIDTH * HEIGHT; i++) {
		int x = i % WIDTH, y = i / WIDTH;
		bool paper = y >= HEIGHT / 10 && y < HEIGHT * 9 / 10 && x >= WIDTH / 20 &&
			x < WIDTH * 11 / 20;
		base[i] = paper ? 0xb8b8b8 : 0x203040;
	}
	if (base) {
		paint_text(base, &state);
		paint_gradient(base, &state);
	}
	return base;
}

struct pattern_area pattern_area(const char *mode) {
	if (strcmp(mode, "tenth") == 0) {
		return (struct pattern_area){
			WIDTH * 2 / 5, HEIGHT * 7 / 20, WIDTH * 316 / 1000, HEIGHT * 316 / 1000};
	}
	return (struct pattern_area){0, 0, WIDTH, HEIGHT};
}

bool pattern_moves(const char *mode) {
	return strcmp(mode, "full") == 0 || strcmp(mode, "tenth") == 0;
}

void pattern_paint(const uint32_t *pattern, const struct pattern_area *area, uint32_t number,
	uint8_t *pixels, size_t stride) {
	uint32_t add = number % 64 * 0x010101;
	for (int y = area->y; y < area->y + area->height; y++) {
		uint32_t *to = (uint32_t *)(pixels + (size_t)y * stride);
		const uint32_t *from = pattern + (size_t)y * WIDTH;
		for (int x = area->x; x < area->x + area->width; x++) {
			to[x] = from[x] + add;
		}
	}
}
