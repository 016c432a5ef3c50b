#include "compositor/effects/kernels.h"

#include <math.h>

/* As the processors' rounding multiplication does. */
static inline int16_t times(int a, int b) {
	return (a * b + 0x4000) >> 15;
}

static inline int16_t toward(int a, int b, int weight) {
	return a + times(b - a, weight);
}

static inline int channel(uint32_t pixel, int number) {
	return (int)(pixel >> (number * 8) & 0xff) << 7;
}

static inline float limited(float value) {
	value = value > -2.0f ? value : -2.0f;
	return value < 20000.0f ? value : 20000.0f;
}

static inline int clamped(int value, int end) {
	return value < 0 ? 0 : value < end ? value : end - 1;
}

void kernel_project_one(const struct texture_level *level, uint32_t fill,
	const struct kernel_walk *walk, int i, int16_t out[static 4]) {
	float n = i, inverse = 1.0f / (walk->q + walk->dq * n);
	int u = (int)lrintf(limited((walk->u + walk->du * n) * inverse) * 256.0f);
	int v = (int)lrintf(limited((walk->v + walk->dv * n) * inverse) * 256.0f);
	int x1 = clamped(u >> 8, level->width), x2 = clamped((u >> 8) + 1, level->width);
	int y1 = clamped(v >> 8, level->height), y2 = clamped((v >> 8) + 1, level->height);
	const uint32_t *above = level->pixels + level->stride * y1;
	const uint32_t *below = level->pixels + level->stride * y2;
	int right = (u & 255) << 7, down = (v & 255) << 7;
	for (int k = 0; k < 4; k++) {
		int left_side =
			toward(channel(above[x1] | fill, k), channel(below[x1] | fill, k), down);
		int right_side =
			toward(channel(above[x2] | fill, k), channel(below[x2] | fill, k), down);
		out[k] = toward(left_side, right_side, right);
	}
}

static void project(const struct texture_level *level, uint32_t fill,
	const struct kernel_walk *walk, int16_t *out, int count) {
	for (int i = 0; i < count; i++) {
		kernel_project_one(level, fill, walk, i, out + i * 4);
	}
}

static void between(const uint32_t *above, const uint32_t *below, int16_t weight, uint32_t fill,
	int16_t *out, int count) {
	for (int i = 0; i < count; i++) {
		for (int k = 0; k < 4; k++) {
			out[i * 4 + k] = toward(
				channel(above[i] | fill, k), channel(below[i] | fill, k), weight);
		}
	}
}

static void stretch(const int16_t *row, int32_t u, int32_t du, int16_t *out, int count) {
	for (int i = 0; i < count; i++, u += du) {
		const int16_t *texel = row + (u >> 16) * 4;
		int weight = (u & 0xffff) >> 1;
		for (int k = 0; k < 4; k++) {
			out[i * 4 + k] = toward(texel[k], texel[4 + k], weight);
		}
	}
}

static void mix(int16_t *one, const int16_t *two, int32_t first, int32_t step, int count) {
	for (int i = 0; i < count; i++, first += step) {
		int weight = first >> 1;
		weight = weight < 0 ? 0 : weight < KERNEL_ONE ? weight : KERNEL_ONE;
		for (int k = 0; k < 4; k++) {
			one[i * 4 + k] = toward(one[i * 4 + k], two[i * 4 + k], weight);
		}
	}
}

static inline uint32_t over_one(uint32_t below, const int16_t color[static 4]) {
	int rest = 255 * 128 - color[3];
	rest += rest >> 8;
	uint32_t pixel = 0;
	for (int k = 0; k < 4; k++) {
		int value = (color[k] + times(channel(below, k), rest) + 64) >> 7;
		pixel |= (uint32_t)(value < 255 ? value : 255) << (k * 8);
	}
	return pixel;
}

static void over(uint32_t *pixels, const int16_t *colors, int16_t alpha, int16_t shade, int count) {
	for (int i = 0; i < count; i++) {
		int16_t color[4];
		for (int k = 0; k < 4; k++) {
			color[k] = times(colors[i * 4 + k], k == 3 ? alpha : shade);
		}
		pixels[i] = over_one(pixels[i], color);
	}
}

static void blend(uint32_t *pixels, const uint32_t *from, uint32_t fill, int16_t alpha,
	int16_t shade, int count) {
	for (int i = 0; i < count; i++) {
		int16_t color[4];
		for (int k = 0; k < 4; k++) {
			color[k] = times(channel(from[i] | fill, k), k == 3 ? alpha : shade);
		}
		pixels[i] = over_one(pixels[i], color);
	}
}

const struct kernels kernels_portable = {
	.project = project,
	.between = between,
	.stretch = stretch,
	.mix = mix,
	.over = over,
	.blend = blend,
};
