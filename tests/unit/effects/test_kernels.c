/* The processor's kernels give what the portable ones give, bit by bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compositor/effects/kernels.h"

#define COUNT 67 /* not a whole number of vectors */
#define SIDE 48
#define ROUNDS 3000

static uint32_t seed = 7;
static const struct kernels *fast;
static uint32_t texels[SIDE * SIDE];

static uint32_t next(void) {
	seed = seed * 1664525 + 1013904223;
	return seed >> 4 ^ seed << 12;
}

static float between_floats(float low, float high) {
	return low + (high - low) * (float)(next() & 0xffff) / 65536.0f;
}

static void fill_colors(int16_t *colors, int count) {
	for (int i = 0; i < count; i++) {
		colors[i] = next() % (255 * 128 + 1);
	}
}

static void fill_pixels(uint32_t *pixels, int count) {
	for (int i = 0; i < count; i++) {
		pixels[i] = next();
	}
}

static void test_project(void **state) {
	for (int round = 0; round < ROUNDS; round++) {
		int16_t one[COUNT * 4], two[COUNT * 4];
		int width = 1 + next() % SIDE, height = 1 + next() % SIDE;
		struct texture_level level = {texels, width, height, SIDE};
		struct kernel_walk walk = {between_floats(-3, width + 1),
			between_floats(-3, height + 1), 1, between_floats(-1.5, 1.5),
			between_floats(-1.5, 1.5), between_floats(-0.02f, 0.02f)};
		uint32_t fill = round % 2 ? 0xff000000 : 0;
		kernels_portable.project(&level, fill, &walk, one, COUNT);
		fast->project(&level, fill, &walk, two, COUNT);
		assert_memory_equal(one, two, sizeof(one));
	}
}

static void test_rows(void **state) {
	for (int round = 0; round < ROUNDS; round++) {
		int16_t one[COUNT * 4], two[COUNT * 4], row[SIDE * 4];
		uint32_t above[COUNT], below[COUNT];
		int16_t weight = next() % 32768;
		fill_pixels(above, COUNT);
		fill_pixels(below, COUNT);
		kernels_portable.between(above, below, weight, 0, one, COUNT);
		fast->between(above, below, weight, 0, two, COUNT);
		assert_memory_equal(one, two, sizeof(one));
		fill_colors(row, SIDE * 4);
		int32_t u = next() % 65536, du = next() % ((SIDE - 3) * 65536 / COUNT);
		kernels_portable.stretch(row, u, du, one, COUNT);
		fast->stretch(row, u, du, two, COUNT);
		assert_memory_equal(one, two, sizeof(one));
		int32_t first = next() % 65537, step = (int32_t)(next() % 2001) - 1000;
		fill_colors(two, COUNT * 4);
		int16_t other[COUNT * 4];
		fill_colors(other, COUNT * 4);
		memcpy(one, two, sizeof(one));
		kernels_portable.mix(one, other, first, step, COUNT);
		fast->mix(two, other, first, step, COUNT);
		assert_memory_equal(one, two, sizeof(one));
	}
}

static void test_over(void **state) {
	for (int round = 0; round < ROUNDS; round++) {
		uint32_t one[COUNT], two[COUNT], from[COUNT];
		int16_t colors[COUNT * 4], alpha = next() % 32768, shade = next() % 32768;
		fill_pixels(one, COUNT);
		fill_pixels(from, COUNT);
		fill_colors(colors, COUNT * 4);
		memcpy(two, one, sizeof(one));
		kernels_portable.over(one, colors, alpha, shade, COUNT);
		fast->over(two, colors, alpha, shade, COUNT);
		assert_memory_equal(one, two, sizeof(one));
		kernels_portable.blend(one, from, 0, alpha, shade, COUNT);
		fast->blend(two, from, 0, alpha, shade, COUNT);
		assert_memory_equal(one, two, sizeof(one));
	}
}

/* Every channel over every channel, by every 17th opacity; and both are what arithmetic says. */
static void check_blend(const struct kernels *kernels) {
	static uint32_t from[65536], pixels[65536];
	for (int opacity = 0; opacity <= 255; opacity += 17) {
		int16_t weight = opacity == 255 ? KERNEL_ONE : opacity * 32768 / 255;
		for (int i = 0; i < 65536; i++) {
			from[i] = (uint32_t)(i >> 8) * 0x10101;
			pixels[i] = 0xff000000 | (uint32_t)(i & 255) * 0x10101;
		}
		kernels->blend(pixels, from, 0xff000000, weight, weight, 65536);
		for (int i = 0; i < 65536; i++) {
			double wanted = ((i >> 8) * opacity + (i & 255) * (255 - opacity)) / 255.0;
			double off = (pixels[i] & 255) - wanted;
			assert_true(off > -1 && off < 1);
			assert_int_equal(pixels[i] >> 24, 255);
			assert_int_equal(pixels[i] >> 16 & 255, pixels[i] & 255);
		}
	}
}

static void test_blend_exhaustively(void **state) {
	check_blend(&kernels_portable);
	check_blend(fast);
}

int main(void) {
	fast = kernels_avx2();
	if (!fast) {
		printf("no AVX2 here: the portable kernels stand for it\n");
		fast = &kernels_portable;
	}
	fill_pixels(texels, SIDE * SIDE);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_project),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_over),
		cmocka_unit_test(test_blend_exhaustively),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
