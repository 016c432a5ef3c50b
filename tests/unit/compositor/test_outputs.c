/* Outputs that come, go, move and are switched off, and the views on them. */
/* cmocka.h needs these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <wlr/types/wlr_output.h>

#include "compositor/config.h"
#include "compositor/desktop.h"
#include "compositor/output.h"
#include "compositor/view.h"
#include "world.h"

static bool configure(struct output *output, struct control_output_change change) {
	char *error = NULL;
	bool ok = output_configure(output, &change, &error);
	free(error);
	return ok;
}

static struct control_output_change enabled(bool on) {
	struct control_output_change change = config_no_output_change();
	change.enabled = on;
	return change;
}

static struct control_output_change place(int x, int y) {
	struct control_output_change change = config_no_output_change();
	change.x = x;
	change.y = y;
	return change;
}

static void assert_box(const struct wlr_box *box, int x, int y, int width, int height) {
	struct wlr_box expected = {.x = x, .y = y, .width = width, .height = height};
	assert_true(wlr_box_equal(box, &expected));
}

struct two_outputs {
	sd_event *event;
	struct options options;
	struct server *server;
	struct output *left, *right;
	struct view *one, *two; /* `two` is free on the right at 100,50 */
};

static void begin(struct two_outputs *world) {
	assert_true(sd_event_new(&world->event) >= 0);
	world->options = world_options();
	world->options.fresh = true;
	world->server = world_start(world->event, &world->options);
	world->left = output_by_name(world->server->outputs, "LEFT");
	world->right = output_by_name(world->server->outputs, "RIGHT");
	world_add_guest(world->server, "one");
	world_add_guest(world->server, "two");
	world->one = view_by_id(world->server->desktop, "one");
	world->two = view_by_id(world->server->desktop, "two");
	struct wlr_box box = {.x = 640 + 100, .y = 50, .width = 300, .height = 200};
	desktop_move_view(world->server->desktop, world->two, &box);
	world_settle(world->event);
	assert_ptr_equal(world->two->output, world->right);
	assert_box(&world->two->box, 740, 50, 300, 200);
}

static void end(struct two_outputs *world) {
	world_settle(world->event);
	server_destroy(world->server);
	sd_event_unref(world->event);
}

static void test_disabled_output_is_left_and_found_again(void **state) {
	struct two_outputs world;
	begin(&world);
	assert_true(configure(world.right, enabled(false)));
	assert_false(world.right->placed);
	assert_ptr_equal(world.two->output, world.left);
	assert_true(world.two->shown);
	assert_null(output_at(world.server->outputs, 700, 50));
	assert_true(configure(world.right, enabled(false)));
	world_settle(world.event);

	assert_true(configure(world.right, enabled(true)));
	assert_ptr_equal(world.two->output, world.right);
	assert_box(&world.two->box, 740, 50, 300, 200);
	assert_ptr_equal(world.one->output, world.left);
	end(&world);
}

static void test_all_outputs_disabled(void **state) {
	struct two_outputs world;
	begin(&world);
	assert_true(configure(world.left, enabled(false)));
	assert_ptr_equal(world.one->output, world.right);
	assert_int_equal(world.right->box.x, 0);
	assert_true(configure(world.right, enabled(false)));
	assert_null(world.one->output);
	assert_false(world.one->shown || world.two->shown);
	world_settle(world.event);
	assert_true(configure(world.right, enabled(true)));
	assert_true(configure(world.left, enabled(true)));
	assert_ptr_equal(world.one->output, world.left);
	assert_ptr_equal(world.two->output, world.right);
	assert_true(world.one->shown && world.two->shown);
	end(&world);
}

static void test_views_move_with_their_output(void **state) {
	struct two_outputs world;
	begin(&world);
	assert_true(configure(world.right, place(-2000, -300)));
	assert_box(&world.two->box, -1900, -250, 300, 200);
	assert_false(configure(world.right, place(INT32_MAX, 0)));
	assert_false(configure(world.right, place(0, -INT32_MAX)));
	/* Off and on again, it is where it was put. */
	assert_true(configure(world.right, enabled(false)));
	assert_true(configure(world.right, enabled(true)));
	assert_box(&world.two->box, -1900, -250, 300, 200);
	end(&world);
}

static void test_free_place_survives_removal(void **state) {
	struct two_outputs world;
	begin(&world);
	char *error = NULL;
	for (int i = 0; i < 3; i++) {
		assert_true(output_remove(output_by_name(world.server->outputs, "RIGHT"), &error));
		assert_ptr_equal(world.two->output, world.left);
		assert_non_null(
			outputs_create_headless(world.server->outputs, "RIGHT", 800, 600, &error));
		struct output *right = output_by_name(world.server->outputs, "RIGHT");
		desktop_set_layout(world.server->desktop, right, LAYOUT_FREE);
		assert_box(&world.two->box, 740, 50, 300, 200);
	}
	end(&world);
}

static struct server *restart(struct two_outputs *world) {
	world_settle(world->event);
	server_destroy(world->server);
	world->options.fresh = false;
	return world->server = world_start(world->event, &world->options);
}

static void test_outputs_are_restored(void **state) {
	struct two_outputs world;
	begin(&world);
	char *error = NULL;
	assert_non_null(outputs_create_headless(world.server->outputs, "THIRD", 400, 300, &error));
	struct control_output_change change = place(100, -500);
	change.scale = 2;
	change.transform = "90";
	assert_true(configure(world.left, change));
	assert_true(configure(world.right, enabled(false)));

	struct outputs *outputs = restart(&world)->outputs;
	struct output *left = output_by_name(outputs, "LEFT");
	assert_box(&left->box, 100, -500, 240, 320);
	assert_int_equal(left->wlr->transform, WL_OUTPUT_TRANSFORM_90);
	struct output *right = output_by_name(outputs, "RIGHT");
	assert_false(right->placed);
	struct view *two = view_by_id(world.server->desktop, "two");
	assert_ptr_equal(two->output, left);
	/* It belongs on the right all the same. */
	assert_true(configure(right, enabled(true)));
	assert_ptr_equal(two->output, right);
	/* An output that was made at run time comes where the command line names none. */
	assert_null(output_by_name(outputs, "THIRD"));
	end(&world);
}

static void test_one_output_is_on(void **state) {
	struct two_outputs world;
	begin(&world);
	assert_true(configure(world.right, enabled(false)));
	assert_true(configure(world.left, enabled(false)));
	world.options.output_count = 0;
	struct outputs *outputs = restart(&world)->outputs;
	assert_int_equal(wl_list_length(&outputs->list), 2);
	assert_true(output_by_name(outputs, "LEFT")->placed);
	assert_false(output_by_name(outputs, "RIGHT")->placed);
	end(&world);
}

static void test_focus_order_is_restored(void **state) {
	struct two_outputs world;
	begin(&world);
	struct desktop *desktop = world.server->desktop;
	world_add_guest(world.server, "three");
	desktop_set_layout(desktop, world.left, LAYOUT_SINGLE);
	desktop_focus(desktop, view_by_id(desktop, "three"));
	desktop_focus(desktop, world.two);
	desktop = restart(&world)->desktop;
	assert_string_equal(desktop->focused->id, "two");
	assert_true(view_by_id(desktop, "three")->shown);
	assert_false(view_by_id(desktop, "one")->shown);
	end(&world);
}

static char *layout_path(const struct server *server) {
	char *path = NULL;
	assert_true(asprintf(&path, "%s/layout.json", server->runtime) > 0);
	return path;
}

static void write_layout(char *path, const char *text) {
	FILE *file = fopen(path, "w");
	assert_true(fputs(text, file) >= 0);
	fclose(file);
	free(path);
}

static void test_nonsense_is_not_restored(void **state) {
	static const char *const texts[] = {
		"",
		"[]",
		"{",
		"null",
		"{\"outputs\": 3, \"views\": {}, \"guests\": [null, 4]}",
		"{\"focus\": [null, {}, 3], \"outputs\": [null, 3, {}, {\"name\": \"LEFT\", "
		"\"scale\": NaN, \"transform\": \"upside down\", \"x\": 99999999999, \"y\": 1, "
		"\"width\": -5, \"height\": 1e300, \"layout\": \"pile\"}]}",
		"{\"views\": [null, {\"id\": \"one\", \"opacity\": NaN, "
		"\"free\": [1e99, null, {}, 5, 6], \"output\": \"\"}], \"guests\": "
		"[{\"name\": \"one\", \"file\": \"/nonexistent\"}]}",
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct two_outputs world;
		begin(&world);
		char *path = layout_path(world.server);
		world_settle(world.event);
		server_destroy(world.server);
		write_layout(path, texts[i]);
		world.options.fresh = false;
		world.server = world_start(world.event, &world.options);
		world_add_guest(world.server, "one");
		struct view *one = view_by_id(world.server->desktop, "one");
		assert_true(one->opacity >= 0 && one->opacity <= 1);
		struct output *left = output_by_name(world.server->outputs, "LEFT");
		assert_box(&left->box, 0, 0, 640, 480);
		end(&world);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_disabled_output_is_left_and_found_again),
		cmocka_unit_test(test_all_outputs_disabled),
		cmocka_unit_test(test_views_move_with_their_output),
		cmocka_unit_test(test_free_place_survives_removal),
		cmocka_unit_test(test_outputs_are_restored),
		cmocka_unit_test(test_one_output_is_on),
		cmocka_unit_test(test_focus_order_is_restored),
		cmocka_unit_test(test_nonsense_is_not_restored),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
