/* Damage, observers, cursors and holds of a screen. */
#include "vm-display/screen.h"

#include <string.h>

#include "tests/unit/vm-display/harness.h"

static void show(struct screen *screen, uint32_t width, uint32_t height) {
	struct frame *frame = frame_create_owned(width, height, PIXMAN_x8r8g8b8);
	screen_set_frame(screen, frame);
	frame_unref(frame);
}

static bool damage_is(struct watch *watch, int x1, int y1, int x2, int y2) {
	pixman_region32_t damage;
	pixman_region32_init(&damage);
	screen_take_damage(&watch->observer, &damage);
	pixman_box32_t box = *pixman_region32_extents(&damage);
	bool single = pixman_region32_n_rects(&damage) == 1;
	pixman_region32_fini(&damage);
	return single && box.x1 == x1 && box.y1 == y1 && box.x2 == x2 && box.y2 == y2;
}

static void test_clipping(void) {
	static const struct {
		int x, y, width, height;
		int x1, y1, x2, y2; /* all 0: nothing */
	} cases[] = {
		{10, 20, 5, 6, 10, 20, 15, 26},
		{-10, -20, 15, 26, 0, 0, 5, 6},
		{90, 70, 100, 100, 90, 70, 100, 80},
		{-1000, -1000, INT32_MAX, INT32_MAX, 0, 0, 100, 80},
		{INT32_MIN, INT32_MIN, INT32_MAX, INT32_MAX, 0, 0, 0, 0},
		{INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX, 0, 0, 0, 0},
		{0, 0, INT32_MAX, INT32_MAX, 0, 0, 100, 80},
		{1, 1, INT32_MAX, 1, 1, 1, 100, 2},
		{100, 0, 1, 1, 0, 0, 0, 0},
		{0, 80, 1, 1, 0, 0, 0, 0},
		{5, 5, 0, 5, 0, 0, 0, 0},
		{5, 5, 5, -5, 0, 0, 0, 0},
		{5, 5, INT32_MIN, INT32_MIN, 0, 0, 0, 0},
		{-5, 5, 5, 5, 0, 0, 0, 0},
	};
	struct screen screen;
	struct watch watch = {.keeps_damage = true};
	screen_init(&screen);
	show(&screen, 100, 80);
	watch_begin(&watch, &screen);
	CHECK(damage_is(&watch, 0, 0, 100, 80)); /* a new observer has seen nothing yet */
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		screen_add_damage(&screen, cases[i].x, cases[i].y, cases[i].width, cases[i].height);
		if (cases[i].x2 == 0) {
			CHECK(!pixman_region32_not_empty(&watch.observer.damage));
		} else {
			CHECK(damage_is(
				&watch, cases[i].x1, cases[i].y1, cases[i].x2, cases[i].y2));
		}
	}
	screen_set_frame(&screen, NULL);
	screen_add_damage(&screen, 0, 0, 10, 10);
	CHECK(!pixman_region32_not_empty(&watch.observer.damage));
	watch_end(&watch);
	watch_end(&watch);
	screen_finish(&screen);
}

/* A flood costs one callback, and never more than so many rectangles. */
static void test_coalescing(void) {
	struct screen screen;
	struct watch watch = {.keeps_damage = true}, second = {0};
	screen_init(&screen);
	show(&screen, 1000, 1000);
	watch_begin(&watch, &screen);
	watch_begin(&second, &screen);
	CHECK(damage_is(&watch, 0, 0, 1000, 1000));
	for (int i = 0; i < 500; i++) {
		screen_add_damage(&screen, i * 2, i * 2, 1, 1);
		CHECK(pixman_region32_n_rects(&watch.observer.damage) <= 64);
	}
	CHECK(watch.damages == 1 && second.damages == 500);
	pixman_box32_t box = *pixman_region32_extents(&watch.observer.damage);
	CHECK(box.x1 == 0 && box.y1 == 0 && box.x2 == 999 && box.y2 == 999);
	/* A new frame damages all of itself, with one callback for the frame. */
	show(&screen, 50, 40);
	CHECK(watch.frames == 1 && watch.damages == 1);
	CHECK(damage_is(&watch, 0, 0, 50, 40));
	screen_add_damage(&screen, 1, 1, 1, 1);
	CHECK(watch.damages == 2);
	watch_end(&watch);
	watch_end(&second);
	screen_finish(&screen);
}

static void leave(struct screen_observer *observer) {
	screen_unobserve(observer);
}

static void test_leaving(void) {
	static const struct screen_observer_impl impl = {.frame = leave, .damage = leave};
	struct screen screen;
	struct screen_observer first, second;
	struct watch watch = {0};
	screen_init(&screen);
	screen_observe(&screen, &first, &impl);
	watch_begin(&watch, &screen);
	screen_observe(&screen, &second, &impl);
	show(&screen, 10, 10);
	CHECK(!first.screen && !second.screen && watch.frames == 1);
	screen_observe(&screen, &first, &impl);
	pixman_region32_clear(&first.damage);
	screen_add_damage(&screen, 0, 0, 1, 1);
	CHECK(!first.screen && watch.damages == 1);
	watch_end(&watch);
	screen_finish(&screen);
}

static void handle_released(struct screen *screen, void *source) {
	++*(int *)source;
}

static void test_holds(void) {
	struct screen screen;
	struct watch watches[2] = {{{0}}};
	int released = 0;
	screen_init(&screen);
	screen.released = handle_released;
	screen.source = &released;
	watch_begin(&watches[0], &screen);
	watch_begin(&watches[1], &screen);
	screen_let_go(&watches[0].observer);
	CHECK(released == 0 && !screen_is_held(&screen));
	screen_hold(&watches[0].observer);
	screen_hold(&watches[1].observer);
	screen_let_go(&watches[0].observer);
	CHECK(released == 0 && screen_is_held(&screen));
	screen_let_go(&watches[1].observer);
	screen_let_go(&watches[1].observer);
	CHECK(released == 1 && !screen_is_held(&screen));
	/* Who goes lets go. */
	screen_hold(&watches[1].observer);
	watch_end(&watches[1]);
	CHECK(released == 2);
	watch_end(&watches[0]);
	screen_finish(&screen);
}

static void test_cursor(void) {
	uint32_t pixel = 0x80402010;
	uint32_t *many = calloc(CURSOR_SIDE_MAX * CURSOR_SIDE_MAX, sizeof(*many));
	CHECK(!cursor_image_create(0, 1, 0, 0, &pixel));
	CHECK(!cursor_image_create(1, -1, 0, 0, &pixel));
	CHECK(!cursor_image_create(CURSOR_SIDE_MAX + 1, 1, 0, 0, many));
	CHECK(!cursor_image_create(1, 1, 1, 0, &pixel));
	CHECK(!cursor_image_create(1, 1, 0, -1, &pixel));
	struct cursor_image *large =
		cursor_image_create(CURSOR_SIDE_MAX, CURSOR_SIDE_MAX, 255, 255, many);
	struct cursor_image *cursor = cursor_image_create(1, 1, 0, 0, &pixel);
	CHECK(large && cursor && cursor->pixels[0] == pixel);
	struct screen screen;
	struct watch watch = {0};
	screen_init(&screen);
	watch_begin(&watch, &screen);
	screen_set_cursor(&screen, cursor);
	screen_set_cursor(&screen, large);
	screen_move_cursor(&screen, 1, 2, true);
	screen_move_cursor(&screen, 1, 2, true);
	CHECK(watch.cursors == 2 && watch.positions == 1);
	cursor_image_unref(cursor);
	cursor_image_unref(large);
	cursor_image_unref(NULL);
	watch_end(&watch);
	screen_finish(&screen);
	free(many);
}

int main(void) {
	test_clipping();
	test_coalescing();
	test_leaving();
	test_holds();
	test_cursor();
	return 0;
}
