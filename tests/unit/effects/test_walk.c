/* A seeded random walk: textures and quads come, go and change, and only what changed is painted.
 * In the end the picture is that of a fresh painting of the same state. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compositor/effects/painter.h"
#include "tests/unit/effects/scenes.h"

#define STEPS 10000
#define CHECK_EVERY 500
#define PIXELS (SCENE_WIDTH * SCENE_HEIGHT)

struct walk {
	struct painter *painter;
	struct quad quads[8];
	int count;
	int allowed; /* difference of a channel */
	uint32_t pixels[PIXELS], seed;
	pixman_region32_t damage;
};

static double random_between(struct walk *walk, double low, double high) {
	return low + (high - low) * (scene_random(&walk->seed) & 0xffff) / 65536.0;
}

static void damage_quad(struct walk *walk, const struct quad *quad) {
	const struct wlr_box screen = {0, 0, SCENE_WIDTH, SCENE_HEIGHT};
	struct wlr_box box = quad_bounds(quad, &screen);
	pixman_region32_union_rect(
		&walk->damage, &walk->damage, box.x, box.y, box.width, box.height);
}

static void place(struct walk *walk, struct quad *quad) {
	double w = random_between(walk, 0.2, 250), h = random_between(walk, 0.2, 180);
	double x = random_between(walk, -80, 240), y = random_between(walk, -80, 160);
	*quad = quad_at(quad->texture, x, y, w, h);
	if (scene_random(&walk->seed) % 4 == 0) {
		*quad = quad_at(quad->texture, floor(x), floor(y), quad->texture->levels[0].width,
			quad->texture->levels[0].height);
	} else if (scene_random(&walk->seed) % 4) {
		struct homography tilt = homography_tilt(x + w / 2, y + h / 2,
			random_between(walk, -1.6, 1.6), random_between(walk, -1.6, 1.6),
			random_between(walk, -4, 4), random_between(walk, 60, 900));
		quad->map = homography_multiply(&tilt, &quad->map);
	}
	quad->opacity = random_between(walk, 0, 1.2);
	quad->shade = random_between(walk, 0.2, 1);
	quad->radius = scene_random(&walk->seed) % 2 ? random_between(walk, 0, 40) : 0;
	quad->trilinear = scene_random(&walk->seed) % 4;
}

static void change_texels(struct walk *walk, struct texture *texture) {
	const struct texture_level *level = &texture->levels[0];
	int x = scene_random(&walk->seed) % level->width,
	    y = scene_random(&walk->seed) % level->height;
	int w = 1 + scene_random(&walk->seed) % (level->width - x);
	int h = 1 + scene_random(&walk->seed) % (level->height - y);
	for (int i = 0; i < w * h; i++) {
		((uint32_t *)level->pixels)[level->stride * (y + i / w) + x + i % w] =
			texture->opaque ? scene_random(&walk->seed) : 0x80402010;
	}
	pixman_region32_t damage;
	pixman_region32_init_rect(&damage, x, y, w, h);
	texture_damage(texture, &damage);
	pixman_region32_fini(&damage);
}

static void add(struct walk *walk) {
	struct quad *quad = &walk->quads[walk->count++];
	quad->texture = scene_texture_create(scene_random(&walk->seed) % TEXTURE_KINDS);
	place(walk, quad);
	damage_quad(walk, quad);
}

static void drop(struct walk *walk, int number) {
	damage_quad(walk, &walk->quads[number]);
	scene_texture_destroy(walk->quads[number].texture);
	memmove(&walk->quads[number], &walk->quads[number + 1],
		(--walk->count - number) * sizeof(walk->quads[0]));
}

static void step(struct walk *walk) {
	int choice = scene_random(&walk->seed) % 8;
	int number = walk->count ? scene_random(&walk->seed) % walk->count : 0;
	if (walk->count == 0 || (choice == 0 && walk->count < 8)) {
		add(walk);
	} else if (choice == 1) {
		drop(walk, number);
	} else if (choice < 5) {
		change_texels(walk, walk->quads[number].texture);
		damage_quad(walk, &walk->quads[number]);
	} else {
		damage_quad(walk, &walk->quads[number]);
		place(walk, &walk->quads[number]);
		damage_quad(walk, &walk->quads[number]);
	}
}

static void paint(struct walk *walk, uint32_t *pixels) {
	struct painter_picture picture = {pixels, SCENE_WIDTH, SCENE_HEIGHT, SCENE_WIDTH};
	scene_background(pixels, &walk->damage);
	assert_true(
		painter_paint(walk->painter, &picture, walk->quads, walk->count, &walk->damage));
	pixman_region32_clear(&walk->damage);
}

static void check(struct walk *walk) {
	static uint32_t fresh[PIXELS];
	pixman_region32_union_rect(&walk->damage, &walk->damage, 0, 0, SCENE_WIDTH, SCENE_HEIGHT);
	for (int i = 0; i < walk->count; i++) { /* nothing of an earlier painting is kept */
		struct texture *old = walk->quads[i].texture;
		const struct texture_level *level = &old->levels[0];
		walk->quads[i].texture = texture_create(
			level->pixels, level->width, level->height, level->stride * 4, old->opaque);
		texture_destroy(old);
	}
	paint(walk, fresh);
	for (int i = 0; i < PIXELS * 4; i++) {
		int a = fresh[i / 4] >> (i % 4 * 8) & 255,
		    b = walk->pixels[i / 4] >> (i % 4 * 8) & 255;
		assert_in_range(abs(a - b), 0, walk->allowed);
	}
}

static void take_walk(struct painter *painter, int steps, int allowed) {
	static struct walk walk;
	walk = (struct walk){.painter = painter, .seed = 2026, .allowed = allowed};
	pixman_region32_init_rect(&walk.damage, 0, 0, SCENE_WIDTH, SCENE_HEIGHT);
	for (int i = 1; i <= steps; i++) {
		step(&walk);
		paint(&walk, walk.pixels);
		if (i % CHECK_EVERY == 0) {
			check(&walk);
		}
	}
	while (walk.count > 0) {
		drop(&walk, 0);
	}
	pixman_region32_fini(&walk.damage);
	painter_destroy(painter);
}

static void test_soft(void **state) {
	take_walk(painter_soft_create(), STEPS, 0);
}

static void test_gles2(void **state) {
	struct painter *painter = painter_gles2_create();
	if (!painter) {
		skip();
	}
	take_walk(painter, STEPS / 10, 1);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_soft),
		cmocka_unit_test(test_gles2),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
