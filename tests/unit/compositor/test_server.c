/* The compositor as a library: made and destroyed many times in one process. */
/* cmocka.h needs these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <wlr/render/wlr_renderer.h>
#include <wlr/types/wlr_output.h>

#include "compositor/config.h"
#include "compositor/desktop.h"
#include "compositor/guest_view.h"
#include "compositor/guests.h"
#include "compositor/output.h"
#include "compositor/view.h"
#include "vm-display/frame.h"
#include "world.h"

static void test_many_lives(void **state) {
	sd_event *event = NULL;
	assert_true(sd_event_new(&event) >= 0);
	for (int i = 0; i < 10; i++) {
		struct options options = world_options();
		struct server *server = world_start(event, &options);
		assert_int_equal(wl_list_length(&server->outputs->list), 2);
		world_settle(event);
		server_destroy(server);
	}
	sd_event_unref(event);
}

static void test_views_and_outputs_come_and_go(void **state) {
	sd_event *event = NULL;
	assert_true(sd_event_new(&event) >= 0);
	struct options options = world_options();
	options.fresh = true;
	struct server *server = world_start(event, &options);
	struct desktop *desktop = server->desktop;
	world_add_guest(server, "one");
	world_add_guest(server, "two");
	world_add_guest(server, "three");
	world_settle(event);
	assert_string_equal(desktop->focused->id, "one");
	struct view *two = view_by_id(desktop, "two");
	desktop_move_to_output(desktop, two, output_by_name(server->outputs, "RIGHT"));
	assert_int_equal(two->box.x, 640 + server->config->gap);

	/* Its output vanishes and comes back; so does the view. */
	char *error = NULL;
	assert_true(output_remove(output_by_name(server->outputs, "RIGHT"), &error));
	assert_string_equal(two->output->wlr->name, "LEFT");
	assert_true(output_remove(output_by_name(server->outputs, "LEFT"), &error));
	assert_null(two->output);
	world_settle(event);
	assert_non_null(outputs_create_headless(server->outputs, "LEFT", 640, 480, &error));
	assert_non_null(outputs_create_headless(server->outputs, "RIGHT", 800, 600, &error));
	assert_string_equal(two->output->wlr->name, "RIGHT");
	assert_true(two->shown);
	world_settle(event);

	assert_null(outputs_create_headless(server->outputs, "LEFT", 640, 480, &error));
	free(error);
	error = NULL;
	assert_null(outputs_create_headless(server->outputs, "bad name", 640, 480, &error));
	free(error);

	/* The focus goes to the one that had it before. */
	desktop_focus(desktop, two);
	assert_true(guests_remove(guests_find(server->guests, "two"), &error));
	assert_string_equal(desktop->focused->id, "one");
	world_settle(event);
	server_destroy(server);
	sd_event_unref(event);
}

static void test_layouts(void **state) {
	sd_event *event = NULL;
	assert_true(sd_event_new(&event) >= 0);
	struct options options = world_options();
	options.fresh = true;
	struct server *server = world_start(event, &options);
	struct desktop *desktop = server->desktop;
	struct output *left = output_by_name(server->outputs, "LEFT");
	world_add_guest(server, "one");
	world_add_guest(server, "two");
	struct view *one = view_by_id(desktop, "one"), *two = view_by_id(desktop, "two");
	desktop_set_layout(desktop, left, LAYOUT_SINGLE);
	assert_true(one->shown && !two->shown);
	assert_true(wlr_box_equal(&one->content_box, &left->box));
	desktop_focus_next(desktop, 1);
	assert_true(two->shown && !one->shown);
	struct wlr_box box = {.x = 50, .y = 60, .width = 300, .height = 200};
	desktop_move_view(desktop, one, &box);
	assert_int_equal(left->layout, LAYOUT_FREE);
	assert_true(one->shown && two->shown);
	assert_true(wlr_box_equal(&one->box, &box));
	view_set_opacity(one, 7);
	assert_true(one->opacity == 1);
	view_set_opacity(one, 0.25);
	world_settle(event);
	server_destroy(server);

	/* The next one restores it all. */
	options.fresh = false;
	server = world_start(event, &options);
	one = view_by_id(server->desktop, "one");
	assert_non_null(one);
	assert_true(one->opacity == 0.25);
	assert_true(wlr_box_equal(&one->box, &box));
	assert_string_equal(server->desktop->focused->id, "two");
	assert_int_equal(output_by_name(server->outputs, "LEFT")->layout, LAYOUT_FREE);
	server_destroy(server);
	sd_event_unref(event);
}

/* As after a GPU reset; a pixman renderer is never lost by itself. */
static void test_renderer_is_renewed(void **state) {
	sd_event *event = NULL;
	assert_true(sd_event_new(&event) >= 0);
	struct options options = world_options();
	options.fresh = true;
	struct server *server = world_start(event, &options);
	world_add_guest(server, "one");
	world_settle(event);
	struct guest_view *view = wl_container_of(view_by_id(server->desktop, "one"), view, base);
	struct frame *frame = frame_create_owned(64, 48, PIXMAN_x8r8g8b8);
	bridge_set_frame(&view->bridge, frame);
	world_settle(event);
	for (int i = 0; i < 2; i++) {
		struct wlr_renderer *lost = server->renderer;
		wl_signal_emit_mutable(&lost->events.lost, NULL);
		wl_signal_emit_mutable(&lost->events.lost, NULL);
		assert_ptr_equal(server->renderer, lost); /* it may be drawing */
		world_settle(event);
		assert_ptr_equal(view->bridge.renderer, server->renderer);
		assert_ptr_equal(view->bridge.frame, frame);
	}
	frame_unref(frame);
	wl_signal_emit_mutable(&server->renderer->events.lost, NULL);
	server_destroy(server);
	sd_event_unref(event);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many_lives),
		cmocka_unit_test(test_views_and_outputs_come_and_go),
		cmocka_unit_test(test_layouts),
		cmocka_unit_test(test_renderer_is_renewed),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
