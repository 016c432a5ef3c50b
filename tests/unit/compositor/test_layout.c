/* cmocka.h needs these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compositor/layout.h"

static const struct wlr_box screen = {.width = 1920, .height = 1080};

static bool inside(const struct wlr_box *outer, const struct wlr_box *box) {
	return box->x >= outer->x && box->y >= outer->y &&
		box->x + box->width <= outer->x + outer->width &&
		box->y + box->height <= outer->y + outer->height;
}

static void check_box(struct wlr_box box, int x, int y, int width, int height) {
	assert_int_equal(box.x, x);
	assert_int_equal(box.y, y);
	assert_int_equal(box.width, width);
	assert_int_equal(box.height, height);
}

/* No view leaves the area or overlaps another one, whatever their number. */
static void test_grid_is_tidy(void **state) {
	struct wlr_box boxes[40];
	for (int count = 1; count <= 40; count++) {
		layout_grid(&screen, count, 8, boxes);
		for (int i = 0; i < count; i++) {
			assert_true(inside(&screen, &boxes[i]));
			assert_true(boxes[i].width >= 100 && boxes[i].height >= 60);
			for (int j = 0; j < i; j++) {
				struct wlr_box common;
				assert_false(wlr_box_intersection(&common, &boxes[i], &boxes[j]));
			}
		}
	}
}

static void test_grid_shapes(void **state) {
	struct wlr_box boxes[4];
	layout_grid(&screen, 1, 8, boxes);
	check_box(boxes[0], 8, 8, 1904, 1064);
	layout_grid(&screen, 3, 8, boxes);
	check_box(boxes[0], 8, 8, 948, 528);
	check_box(boxes[1], 964, 8, 948, 528);
	check_box(boxes[2], 486, 544, 948, 528); /* centred */
	struct wlr_box portrait = {.x = 100, .y = 50, .width = 1080, .height = 1920};
	layout_grid(&portrait, 2, 0, boxes);
	check_box(boxes[0], 100, 50, 1080, 960);
	check_box(boxes[1], 100, 1010, 1080, 960);
}

static void test_grid_of_nothing(void **state) {
	struct wlr_box tiny = {.width = 3, .height = 3}, boxes[9];
	layout_grid(&screen, 0, 8, NULL);
	layout_grid(&tiny, 9, 8, boxes);
	for (int i = 0; i < 9; i++) {
		assert_true(boxes[i].width > 0 && boxes[i].height > 0);
	}
}

static void test_fit(void **state) {
	struct wlr_box content = {.x = 10, .y = 20, .width = 800, .height = 600};
	check_box(layout_fit(&content, 800, 600), 10, 20, 800, 600);
	check_box(layout_fit(&content, 400, 300), 10, 20, 800, 600);
	check_box(layout_fit(&content, 1600, 600), 10, 170, 800, 300);
	check_box(layout_fit(&content, 300, 600), 260, 20, 300, 600);
	check_box(layout_fit(&content, 0, 0), 10, 20, 800, 600);
	/* A px of difference isn't worth a blurred picture. */
	struct wlr_box odd = {.width = 801, .height = 601};
	struct wlr_box fit = layout_fit(&odd, 800, 600);
	assert_int_equal(fit.width, 800);
	assert_int_equal(fit.height, 600);
}

static void test_fit_extremes(void **state) {
	struct wlr_box content = {.width = 100, .height = 100};
	struct wlr_box fit = layout_fit(&content, 16384, 1);
	assert_true(fit.width == 100 && fit.height >= 1);
	fit = layout_fit(&content, 1, 16384);
	assert_true(fit.height == 100 && fit.width >= 1);
}

static void test_keep_reachable(void **state) {
	const int far[] = {-100000, -500, 0, 500, 100000};
	for (int i = 0; i < 25; i++) {
		struct wlr_box box = {
			.x = far[i % 5], .y = far[i / 5], .width = 400, .height = 300};
		struct wlr_box kept = layout_keep_reachable(&screen, &box);
		struct wlr_box title = {
			.x = kept.x, .y = kept.y, .width = kept.width, .height = 24};
		struct wlr_box seen;
		assert_true(wlr_box_intersection(&seen, &title, &screen));
		assert_true(seen.width >= 48 && seen.height == 24);
	}
}

static void test_cascade(void **state) {
	for (int i = 0; i < 100; i++) {
		struct wlr_box box = layout_cascade(&screen, 800, 600, i);
		assert_true(inside(&screen, &box));
	}
	struct wlr_box large = layout_cascade(&screen, 5000, 5000, 3);
	check_box(large, 0, 0, 1920, 1080);
}

static void test_names(void **state) {
	for (int i = LAYOUT_GRID; i <= LAYOUT_FREE; i++) {
		enum layout_mode mode;
		assert_true(layout_mode_parse(layout_mode_name(i), &mode));
		assert_int_equal(mode, i);
	}
	enum layout_mode mode = LAYOUT_FREE;
	assert_false(layout_mode_parse("Grid", &mode));
	assert_int_equal(mode, LAYOUT_FREE);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grid_is_tidy),
		cmocka_unit_test(test_grid_shapes),
		cmocka_unit_test(test_grid_of_nothing),
		cmocka_unit_test(test_fit),
		cmocka_unit_test(test_fit_extremes),
		cmocka_unit_test(test_keep_reachable),
		cmocka_unit_test(test_cascade),
		cmocka_unit_test(test_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
