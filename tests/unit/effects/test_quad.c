#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compositor/effects/quad.h"
#include "compositor/effects/texture.h"

static const struct wlr_box screen = {0, 0, 1920, 1080};

static struct quad tilted(double x, double y, double z, double distance) {
	struct quad quad = quad_at(NULL, 400, 300, 800, 600);
	struct homography tilt = homography_tilt(800, 600, x, y, z, distance);
	quad.map = homography_multiply(&tilt, &quad.map);
	return quad;
}

/* What is seen at a point is the point that was put there: corners and centre, many tilts. */
static void test_locate(void **state) {
	static const double points[][2] = {
		{0.5, 0.5}, {799.5, 0.5}, {799.5, 599.5}, {0.5, 599.5}, {400, 300}};
	for (int i = 0; i < 5 * 5 * 5; i++) {
		struct quad quad =
			tilted((i % 5 - 2) * 0.3, (i / 5 % 5 - 2) * 0.3, (i / 25 - 2) * 0.7, 1500);
		for (int j = 0; j < 5; j++) {
			double at[2], back[2];
			assert_true(homography_apply(&quad.map, points[j][0], points[j][1], at));
			assert_true(quad_locate(&quad, at[0], at[1], back));
			assert_true(fabs(back[0] - points[j][0]) < 1e-6);
			assert_true(fabs(back[1] - points[j][1]) < 1e-6);
		}
		double out[2];
		assert_false(quad_locate(&quad, -5000, 17, out));
	}
}

static void test_corners(void **state) {
	const double corners[8] = {100, 50, 700, 120, 650, 500, 90, 420};
	struct homography map;
	assert_true(homography_from_corners(320, 200, corners, &map));
	for (int i = 0; i < 4; i++) {
		double out[2];
		assert_true(
			homography_apply(&map, i == 1 || i == 2 ? 320 : 0, i >= 2 ? 200 : 0, out));
		assert_true(fabs(out[0] - corners[i * 2]) < 1e-9);
		assert_true(fabs(out[1] - corners[i * 2 + 1]) < 1e-9);
	}
	const double line[8] = {0, 0, 10, 10, 20, 20, 30, 30};
	assert_false(homography_from_corners(320, 200, line, &map));
}

/* Every px that is mostly covered is within the bounds, also when a part is behind the viewer. */
static void test_bounds(void **state) {
	for (int i = 0; i < 60; i++) {
		struct quad quad = tilted(i % 4 * 0.35, i * 0.1, i % 7 * 0.4, i % 3 ? 1500 : 380);
		struct quad_view view;
		struct wlr_box box = quad_bounds(&quad, &screen);
		if (!quad_view_init(&view, &quad)) {
			continue;
		}
		for (int y = 0; y < 1080; y += 3) {
			for (int x = 0; x < 1920; x += 3) {
				bool inside = x >= box.x && y >= box.y && x < box.x + box.width &&
					y < box.y + box.height;
				assert_true(inside ||
					quad_view_coverage(&view, x + 0.5, y + 0.5) <= 0.5);
			}
		}
	}
}

static void test_nothing_to_see(void **state) {
	struct quad_view view;
	struct quad quad = quad_at(NULL, 0, 0, 100, 100);
	assert_true(quad_view_init(&view, &quad));
	quad.opacity = 0;
	assert_false(quad_view_init(&view, &quad));
	quad.opacity = NAN;
	assert_false(quad_view_init(&view, &quad));
	quad = quad_at(NULL, 0, 0, 0, 100);
	assert_false(quad_view_init(&view, &quad));
	quad = quad_at(NULL, 3000, 0, 100, 100);
	assert_int_equal(quad_bounds(&quad, &screen).width, 0);
	quad.map = (struct homography){{{1, 0, 0}, {0, 1, 0}, {0, 0, -1}}}; /* behind the viewer */
	assert_int_equal(quad_bounds(&quad, &screen).width, 0);
	quad.map.m[0][0] = NAN;
	assert_false(quad_view_init(&view, &quad));
	assert_int_equal(quad_bounds(&quad, &screen).width, 0);
}

static void test_texture_limits(void **state) {
	uint32_t pixels[16] = {0};
	assert_null(texture_create(pixels, 0, 4, 16, true));
	assert_null(texture_create(pixels, 4, TEXTURE_SIDE_MAX + 1, 16, true));
	assert_null(texture_create(pixels, 4, 4, 15, true));
	assert_null(texture_create(pixels, 4, 4, 12, true));
	assert_null(texture_create(pixels, 4, 16384, (size_t)1 << 30, true));
	assert_null(texture_create((uint32_t *)((char *)pixels + 1), 1, 1, 4, true));
	texture_destroy(NULL);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_locate),
		cmocka_unit_test(test_corners),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_nothing_to_see),
		cmocka_unit_test(test_texture_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
