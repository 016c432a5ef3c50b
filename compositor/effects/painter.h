/* Draws quads into a picture, by the processor or by GLES2; both give the same but for rounding.
 * A painter belongs to one thread. A texture belongs to the painter that first drew it. */
#ifndef COMPOSITOR_EFFECTS_PAINTER_H
#define COMPOSITOR_EFFECTS_PAINTER_H

#include <pixman.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compositor/effects/quad.h"

struct painter_picture {
	uint32_t *pixels; /* ARGB8888, premultiplied */
	int width, height; // px
	size_t stride; // px
};

struct painter;

struct painter_impl {
	void (*destroy)(struct painter *painter);
	bool (*paint)(struct painter *painter, const struct painter_picture *picture,
		const struct quad *quads, int count, const pixman_region32_t *damage);
};

struct painter {
	const struct painter_impl *impl;
};

struct painter *painter_soft_create(void);
/* On an EGL context of its own that needs no screen; reads the picture back. NULL if there is no
 * EGL, or one that can't do this. */
struct painter *painter_gles2_create(void);
void painter_destroy(struct painter *painter);

/* Draws the quads in their order over what is in the picture, in no px outside of the damage. False
 * if memory or the GL failed: the picture may be half done then. */
bool painter_paint(struct painter *painter, const struct painter_picture *picture,
	const struct quad *quads, int count, const pixman_region32_t *damage);

#endif
