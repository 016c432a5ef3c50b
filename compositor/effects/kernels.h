/* The inner loops of painter_soft. Each exists twice: in portable C, which says what the pixels
 * are, and for AVX2, which gives the same ones.
 *
 * A colour's channel between the loops is an int16_t of 7 fraction bits, 0 … 255 · 128; weights and
 * opacities have 15. */
#ifndef COMPOSITOR_EFFECTS_KERNELS_H
#define COMPOSITOR_EFFECTS_KERNELS_H

#include <stdint.h>

#include "compositor/effects/texture.h"

#define KERNEL_ONE 32767 /* a weight of 1, as near as an int16_t comes */

/* The texture's point at px i is (u, v) / q at px 0, and (du, dv, dq) more for each; texels, from
 * the first one's centre. */
struct kernel_walk {
	float u, v, q, du, dv, dq;
};

struct kernels {
	/* Bilinear samples along a walk. `fill` is or-ed into each texel. */
	void (*project)(const struct texture_level *level, uint32_t fill,
		const struct kernel_walk *walk, int16_t *out, int count);
	/* Texels between two rows. */
	void (*between)(const uint32_t *above, const uint32_t *below, int16_t weight, uint32_t fill,
		int16_t *out, int count);
	/* Bilinear samples of such a row, at u + i · du (16 fraction bits, u >= 0). */
	void (*stretch)(const int16_t *row, int32_t u, int32_t du, int16_t *out, int count);
	/* one += (two - one) · weight, where the weight is first + i · step (16 fraction bits). */
	void (*mix)(int16_t *one, const int16_t *two, int32_t first, int32_t step, int count);
	/* Colours, multiplied, over pixels. */
	void (*over)(
		uint32_t *pixels, const int16_t *colors, int16_t alpha, int16_t shade, int count);
	/* Pixels, multiplied, over pixels. */
	void (*blend)(uint32_t *pixels, const uint32_t *from, uint32_t fill, int16_t alpha,
		int16_t shade, int count);
};

extern const struct kernels kernels_portable;
/* NULL if this processor hasn't got it. */
const struct kernels *kernels_avx2(void);

/* What `project` does, for px i of the walk alone. */
void kernel_project_one(const struct texture_level *level, uint32_t fill,
	const struct kernel_walk *walk, int i, int16_t out[static 4]);

#endif
