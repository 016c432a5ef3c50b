/* The picture of the KMS client, which tests compute again (tests/guests/lib/pattern.py):
 *
 * - the pixel at (x, y) of head h is red x mod 256, green y mod 256, blue 64 * h mod 256;
 * - the outermost pixels on all four sides are white;
 * - a key press toggles the square of its evdev code c, c < 256, between the pattern and white: 16
 *   px wide, its top left at (16 + 16 * (c mod 32), 16 + 16 * (c / 32)), on every head;
 * - a button press at (x, y) of head 0 draws a yellow cross with arms of 7 px there;
 * - the cursor is a magenta square of 16 px whose hot spot is its top left, on the cursor plane. */
#ifndef TESTS_GUESTS_KMS_PATTERN_H
#define TESTS_GUESTS_KMS_PATTERN_H

#include <stdbool.h>
#include <stdint.h>

#define PATTERN_KEYS_MAX 256
#define PATTERN_KEY_SIDE 16 /* px */
#define PATTERN_KEY_COLUMNS 32
#define PATTERN_CROSS_ARM 7 /* px */
#define PATTERN_CURSOR_SIDE 16 /* px */
#define PATTERN_CURSOR_COLOR 0xffff00ff /* ARGB */

struct pattern_rect {
	int x, y, width, height; /* px */
};

struct pattern_image {
	uint8_t *data; /* XRGB8888 */
	uint32_t stride; /* bytes */
	int width, height; /* px */
	int head;
};

struct pattern_rect pattern_key_rect(unsigned int code);

/* Each draws what lies within the image. */
void pattern_draw(const struct pattern_image *image, struct pattern_rect rect);
void pattern_draw_key(const struct pattern_image *image, unsigned int code, bool white);
struct pattern_rect pattern_draw_cross(const struct pattern_image *image, int x, int y);

/* The part of the rectangle within the image; width 0 if there is none. */
struct pattern_rect pattern_clip(const struct pattern_image *image, struct pattern_rect rect);

#endif
