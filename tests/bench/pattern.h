/* The pictures that servers are measured with: flat areas, text and a noisy gradient, like a
 * desktop, of which each number of picture differs from the last one in every pixel. */
#ifndef TESTS_BENCH_PATTERN_H
#define TESTS_BENCH_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PATTERN_WIDTH 1920 /* px */
#define PATTERN_HEIGHT 1080

struct pattern_area { /* px */
	int x, y, width, height;
};

uint32_t *pattern_create(void); /* NULL if memory is out */
/* What changes in the mode: "full", "tenth", "still", "key". */
struct pattern_area pattern_area(const char *mode);
bool pattern_moves(const char *mode);
void pattern_paint(const uint32_t *pattern, const struct pattern_area *area, uint32_t number,
	uint8_t *pixels, size_t stride);

#endif
