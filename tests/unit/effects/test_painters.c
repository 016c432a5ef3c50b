/* Both painters against the reference renderer. With EFFECTS_PICTURES=FOLDER the pictures are kept
 * there, as PPM. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compositor/effects/painter.h"
#include "tests/unit/effects/reference.h"
#include "tests/unit/effects/scenes.h"
#include "util/mem.h"

#define MEAN_MAX 1.0 /* 1/255 */
#define WORST_MAX 8.0
#define PIXELS (SCENE_WIDTH * SCENE_HEIGHT)

static struct texture *textures[TEXTURE_KINDS];

static void create_textures(void) {
	for (int i = 0; i < TEXTURE_KINDS; i++) {
		textures[i] = scene_texture_create(i);
	}
}

static void destroy_textures(void) {
	for (int i = 0; i < TEXTURE_KINDS; i++) {
		scene_texture_destroy(textures[i]);
	}
}

static void clear(uint32_t *pixels) {
	pixman_region32_t whole;
	pixman_region32_init_rect(&whole, 0, 0, SCENE_WIDTH, SCENE_HEIGHT);
	scene_background(pixels, &whole);
	pixman_region32_fini(&whole);
}

static void paint(struct painter *painter, uint32_t *pixels, const struct quad *quads, int count,
	const pixman_region32_t *damage) {
	struct painter_picture picture = {pixels, SCENE_WIDTH, SCENE_HEIGHT, SCENE_WIDTH};
	pixman_region32_t whole;
	pixman_region32_init_rect(&whole, 0, 0, SCENE_WIDTH, SCENE_HEIGHT);
	assert_true(painter_paint(painter, &picture, quads, count, damage ? damage : &whole));
	pixman_region32_fini(&whole);
}

static void keep_picture(const char *painter, int number, const uint32_t *pixels) {
	const char *folder = getenv("EFFECTS_PICTURES");
	if (!folder) {
		return;
	}
	char path[512];
	snprintf(path, sizeof(path), "%s/%02d-%s.ppm", folder, number, painter);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "P6 %d %d 255\n", SCENE_WIDTH, SCENE_HEIGHT);
	for (int i = 0; i < PIXELS; i++) {
		const uint8_t bytes[] = {pixels[i] >> 16, pixels[i] >> 8, pixels[i]};
		fwrite(bytes, 1, sizeof(bytes), file);
	}
	fclose(file);
}

static int compare_scene(struct painter *painter, const char *name, int number) {
	static uint32_t pixels[PIXELS];
	struct scene scene;
	scene_get(number, textures, &scene);
	clear(pixels);
	struct reference *reference = reference_create(pixels, SCENE_WIDTH, SCENE_HEIGHT);
	for (int i = 0; i < scene.count; i++) {
		reference_paint(reference, &scene.quads[i]);
	}
	paint(painter, pixels, scene.quads, scene.count, NULL);
	struct difference off = reference_compare(reference, pixels);
	keep_picture(name, number, pixels);
	reference_destroy(reference);
	bool bad = off.mean > MEAN_MAX || off.worst > WORST_MAX;
	printf("%s %-28s mean %.3f worst %.2f at %d,%d%s\n", name, scene.name, off.mean, off.worst,
		off.worst_x, off.worst_y, bad ? " BAD" : "");
	return bad;
}

static void compare_all(struct painter *painter, const char *name) {
	int bad = 0;
	create_textures();
	assert_true(scene_count() >= 30);
	for (int i = 0; i < scene_count(); i++) {
		bad += compare_scene(painter, name, i);
	}
	destroy_textures();
	painter_destroy(painter);
	assert_int_equal(bad, 0);
}

static void test_soft(void **state) {
	compare_all(painter_soft_create(), "soft");
}

static void test_gles2(void **state) {
	struct painter *painter = painter_gles2_create();
	if (!painter) {
		skip();
	}
	compare_all(painter, "gles2");
}

/* Painted in pieces, it is what it is at once; and no px outside of a piece is touched. */
static void check_damage(struct painter *painter, int allowed) {
	static uint32_t whole[PIXELS], pieces[PIXELS];
	struct scene scene;
	create_textures();
	for (int number = 0; number < scene_count(); number += 3) {
		scene_get(number, textures, &scene);
		clear(whole);
		clear(pieces);
		paint(painter, whole, scene.quads, scene.count, NULL);
		for (int y = 0; y < SCENE_HEIGHT; y += 37) {
			for (int x = 0; x < SCENE_WIDTH; x += 53) {
				pixman_region32_t piece;
				pixman_region32_init_rect(&piece, x, y, 53, 37);
				paint(painter, pieces, scene.quads, scene.count, &piece);
				pixman_region32_fini(&piece);
			}
		}
		for (int i = 0; i < PIXELS * 4; i++) {
			int a = whole[i / 4] >> (i % 4 * 8) & 255,
			    b = pieces[i / 4] >> (i % 4 * 8) & 255;
			assert_in_range(abs(a - b), 0, allowed);
		}
	}
	destroy_textures();
	painter_destroy(painter);
}

static void test_soft_damage(void **state) {
	check_damage(painter_soft_create(), 0);
}

static void test_gles2_damage(void **state) {
	struct painter *painter = painter_gles2_create();
	if (!painter) {
		skip();
	}
	check_damage(painter, 1);
}

/* New pixels are seen where damage says so, in the small levels too. */
static void check_new_pixels(struct painter *painter) {
	static uint32_t pixels[PIXELS], fresh[PIXELS];
	struct texture *texture = scene_texture_create(TEXTURE_SCREEN);
	uint32_t *texels = (uint32_t *)texture->levels[0].pixels;
	struct quad quad = quad_at(texture, 20, 20, 100, 60);
	clear(pixels);
	paint(painter, pixels, &quad, 1, NULL);
	for (int y = 50; y < 90; y++) {
		for (int x = 33; x < 144; x++) {
			texels[texture->levels[0].stride * y + x] = 0xff8000;
		}
	}
	pixman_region32_t damage;
	pixman_region32_init_rect(&damage, 33, 50, 111, 40);
	texture_damage(texture, &damage);
	pixman_region32_fini(&damage);
	clear(pixels);
	paint(painter, pixels, &quad, 1, NULL);
	quad.texture = texture_create(texels, 320, 200, 325 * 4, true);
	clear(fresh);
	paint(painter, fresh, &quad, 1, NULL);
	assert_memory_equal(pixels, fresh, sizeof(pixels));
	texture_destroy(quad.texture);
	scene_texture_destroy(texture);
	painter_destroy(painter);
}

static void test_soft_new_pixels(void **state) {
	check_new_pixels(painter_soft_create());
}

static void test_gles2_new_pixels(void **state) {
	struct painter *painter = painter_gles2_create();
	if (!painter) {
		skip();
	}
	check_new_pixels(painter);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_soft),
		cmocka_unit_test(test_gles2),
		cmocka_unit_test(test_soft_damage),
		cmocka_unit_test(test_gles2_damage),
		cmocka_unit_test(test_soft_new_pixels),
		cmocka_unit_test(test_gles2_new_pixels),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
