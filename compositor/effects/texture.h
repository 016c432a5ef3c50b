/* What is on a quad: pixels of the caller's, and smaller copies of them for minification, made when
 * a painter first needs them and renewed where damage says so. */
#ifndef COMPOSITOR_EFFECTS_TEXTURE_H
#define COMPOSITOR_EFFECTS_TEXTURE_H

#include <pixman.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TEXTURE_SIDE_MAX 16384
#define TEXTURE_LEVELS_MAX 15

/* Level n + 1 has half the sides of level n, rounded down, at least 1; each pixel is the mean of
 * two by two. */
struct texture_level {
	const uint32_t *pixels; /* ARGB8888, premultiplied */
	int width, height; // px
	size_t stride; // px
};

struct texture {
	bool opaque; /* alpha is ignored, and taken for 255 */
	int level_count; /* all there could be */
	struct texture_level levels[TEXTURE_LEVELS_MAX]; /* all but the first are own memory */
	bool has_small; /* the levels above 0 are there */
	pixman_region32_t stale; /* where they are old; px of level 0 */

	/* For the painter that keeps a copy elsewhere: */
	void *upload;
	void (*upload_destroy)(struct texture *texture);
	pixman_region32_t upload_stale; /* px of level 0 */
};

/* The pixels must stay readable while a painter paints with them, not longer. stride in bytes. NULL
 * if the sides are out of bounds, or a row isn't a whole number of pixels or too short. */
struct texture *texture_create(
	const uint32_t *pixels, int width, int height, size_t stride, bool opaque);
void texture_destroy(struct texture *texture);
/* The pixels changed there (px). */
void texture_damage(struct texture *texture, const pixman_region32_t *damage);
/* Makes or renews all levels; false if there is no memory for them. */
bool texture_prepare(struct texture *texture);

#endif
