/* What our renderer draws, beside what pixman's draws from the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <wlr/render/pass.h>
#include <wlr/render/pixman.h>
#include <wlr/render/wlr_texture.h>

#include "compositor/pixel_buffer.h"
#include "compositor/soft_renderer.h"

#define WIDTH 200
#define HEIGHT 120

struct drawing {
	struct wlr_box to;
	struct wlr_fbox from; /* empty: all */
	float alpha;
	enum wl_output_transform transform;
	bool clipped;
	int allowed; /* difference of a channel; pixman scales with 7 bits of a step */
	int rim; /* px where pixman lets in what is beside the part, and ours doesn't */
};

static const struct drawing drawings[] = {
	{{10, 10, 100, 80}, {0}, 1, WL_OUTPUT_TRANSFORM_NORMAL, false, 0},
	{{10, 10, 100, 80}, {0}, 0.5, WL_OUTPUT_TRANSFORM_NORMAL, false, 2},
	{{-30, -20, 100, 80}, {0}, 0.25, WL_OUTPUT_TRANSFORM_NORMAL, true, 2},
	{{10, 10, 50, 40}, {20, 30, 50, 40}, 0.7, WL_OUTPUT_TRANSFORM_NORMAL, true, 2},
	{{5, 5, 180, 110}, {0}, 0.6, WL_OUTPUT_TRANSFORM_NORMAL, true, 8},
	{{5, 5, 70, 50}, {0}, 0.6, WL_OUTPUT_TRANSFORM_NORMAL, false, 8},
	{{5, 5, 160, 100}, {10, 10, 50, 40}, 0.4, WL_OUTPUT_TRANSFORM_NORMAL, false, 8, 2},
	{{10, 10, 80, 100}, {0}, 0.5, WL_OUTPUT_TRANSFORM_90, false, 0},
	{{10, 10, 100, 80}, {0}, 0, WL_OUTPUT_TRANSFORM_NORMAL, false, 0},
};

static struct wlr_buffer *make_buffer(
	int width, int height, uint32_t seed, pixman_image_t **image) {
	struct wlr_buffer *buffer = pixel_buffer_create(width, height, image);
	uint32_t *pixels = pixman_image_get_data(*image);
	for (int i = 0; i < width * height; i++) {
		uint32_t x = i % width, y = i / width, alpha = 128 + (x + y) % 128;
		uint32_t light = (x * 2 + y * 3 + seed) % 256;
		pixels[i] = alpha << 24 | (light * alpha / 255) * 0x10101;
	}
	return buffer;
}

static void draw(struct wlr_renderer *renderer, const struct drawing *drawing, uint32_t *pixels) {
	pixman_image_t *source_image, *target_image;
	struct wlr_buffer *source = make_buffer(100, 80, 0, &source_image);
	struct wlr_buffer *target = make_buffer(WIDTH, HEIGHT, 77, &target_image);
	struct wlr_texture *texture = wlr_texture_from_buffer(renderer, source);
	struct wlr_render_pass *pass = wlr_renderer_begin_buffer_pass(renderer, target, NULL);
	assert_non_null(texture);
	assert_non_null(pass);
	pixman_region32_t clip;
	pixman_region32_init_rect(&clip, 20, 0, 41, 60);
	pixman_region32_union_rect(&clip, &clip, 90, 33, 64, 70);
	wlr_render_pass_add_texture(pass,
		&(struct wlr_render_texture_options){
			.texture = texture,
			.src_box = drawing->from,
			.dst_box = drawing->to,
			.alpha = &drawing->alpha,
			.transform = drawing->transform,
			.clip = drawing->clipped ? &clip : NULL,
		});
	assert_true(wlr_render_pass_submit(pass));
	memcpy(pixels, pixman_image_get_data(target_image), WIDTH * HEIGHT * 4);
	pixman_region32_fini(&clip);
	wlr_texture_destroy(texture);
	wlr_buffer_drop(source);
	wlr_buffer_drop(target);
}

static bool is_on_rim(const struct drawing *drawing, int number) {
	const struct wlr_box *to = &drawing->to;
	int x = number % WIDTH - to->x, y = number / WIDTH - to->y, rim = drawing->rim;
	bool inside = x >= rim && y >= rim && x < to->width - rim && y < to->height - rim;
	return rim > 0 && !inside;
}

static void test_same_as_pixman(void **state) {
	static uint32_t ours[WIDTH * HEIGHT], theirs[WIDTH * HEIGHT];
	struct wlr_renderer *pixman = wlr_pixman_renderer_create();
	struct wlr_renderer *soft = soft_renderer_create(wlr_pixman_renderer_create());
	for (size_t i = 0; i < sizeof(drawings) / sizeof(drawings[0]); i++) {
		draw(pixman, &drawings[i], theirs);
		draw(soft, &drawings[i], ours);
		int worst = 0;
		for (int j = 0; j < WIDTH * HEIGHT * 4; j++) {
			int a = ours[j / 4] >> (j % 4 * 8) & 255,
			    b = theirs[j / 4] >> (j % 4 * 8) & 255;
			worst = abs(a - b) > worst && !is_on_rim(&drawings[i], j / 4) ? abs(a - b)
										      : worst;
		}
		printf("drawing %zu: %d of %d\n", i, worst, drawings[i].allowed);
		assert_in_range(worst, 0, drawings[i].allowed);
	}
	wlr_renderer_destroy(pixman);
	wlr_renderer_destroy(soft);
}

/* A texture that outlives the wish for it goes with its renderer, and so does its lock. */
static void test_textures_go_with_it(void **state) {
	pixman_image_t *image;
	struct wlr_buffer *buffer = make_buffer(10, 10, 0, &image);
	struct wlr_renderer *soft = soft_renderer_create(wlr_pixman_renderer_create());
	assert_true(soft_renderer_reads_in_place(soft));
	assert_non_null(wlr_texture_from_buffer(soft, buffer));
	assert_int_equal(buffer->n_locks, 1);
	wlr_renderer_destroy(soft);
	assert_int_equal(buffer->n_locks, 0);
	wlr_buffer_drop(buffer);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_as_pixman),
		cmocka_unit_test(test_textures_go_with_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
