/* The compositor as a library: made and destroyed many times in one process. */
/* cmocka.h needs these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <wlr/types/wlr_output.h>
#include <wlr/util/log.h>

#include "compositor/config.h"
#include "compositor/desktop.h"
#include "compositor/guest_view.h"
#include "compositor/guests.h"
#include "compositor/options.h"
#include "compositor/output.h"
#include "compositor/server.h"
#include "compositor/view.h"

static char folder[] = "/tmp/mullion-test-server-XXXXXX";

static struct server *start(sd_event *event, struct options *options) {
	struct config *config = config_create_default();
	struct server *server = server_create(event, options, config);
	assert_non_null(server);
	assert_true(server_start(server));
	return server;
}

static struct options headless(void) {
	static char *no_guests[] = {NULL};
	return (struct options){
		.backend = "headless",
		.renderer = "pixman",
		.outputs = {{"LEFT", 640, 480}, {"RIGHT", 800, 600}},
		.output_count = 2,
		.guests = no_guests,
	};
}

/* Until nothing is left to do. */
static void settle(sd_event *event) {
	while (sd_event_run(event, 100000) > 0) {
	}
}

static char *write_guest(const char *name) {
	char *path = NULL;
	assert_true(asprintf(&path, "%s/%s.ini", folder, name) > 0);
	FILE *file = fopen(path, "w");
	fprintf(file, "[guest]\nname = %s\n[network]\nmode = none\n", name);
	fclose(file);
	return path;
}

static void add_guest(struct server *server, const char *name) {
	char *path = write_guest(name), *error = NULL;
	assert_non_null(guests_add(server->guests, path, &error));
	free(path);
}

static void test_many_lives(void **state) {
	sd_event *event = NULL;
	assert_true(sd_event_new(&event) >= 0);
	for (int i = 0; i < 10; i++) {
		struct options options = headless();
		struct server *server = start(event, &options);
		assert_int_equal(wl_list_length(&server->outputs->list), 2);
		settle(event);
		server_destroy(server);
	}
	sd_event_unref(event);
}

static void test_views_and_outputs_come_and_go(void **state) {
	sd_event *event = NULL;
	assert_true(sd_event_new(&event) >= 0);
	struct options options = headless();
	options.fresh = true;
	struct server *server = start(event, &options);
	struct desktop *desktop = server->desktop;
	add_guest(server, "one");
	add_guest(server, "two");
	add_guest(server, "three");
	settle(event);
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
	settle(event);
	assert_non_null(outputs_create_headless(server->outputs, "LEFT", 640, 480, &error));
	assert_non_null(outputs_create_headless(server->outputs, "RIGHT", 800, 600, &error));
	assert_string_equal(two->output->wlr->name, "RIGHT");
	assert_true(two->shown);
	settle(event);

	assert_null(outputs_create_headless(server->outputs, "LEFT", 640, 480, &error));
	free(error);
	error = NULL;
	assert_null(outputs_create_headless(server->outputs, "bad name", 640, 480, &error));
	free(error);

	/* The focus goes to the one that had it before. */
	desktop_focus(desktop, two);
	assert_true(guests_remove(guests_find(server->guests, "two"), &error));
	assert_string_equal(desktop->focused->id, "one");
	settle(event);
	server_destroy(server);
	sd_event_unref(event);
}

static void test_layouts(void **state) {
	sd_event *event = NULL;
	assert_true(sd_event_new(&event) >= 0);
	struct options options = headless();
	options.fresh = true;
	struct server *server = start(event, &options);
	struct desktop *desktop = server->desktop;
	struct output *left = output_by_name(server->outputs, "LEFT");
	add_guest(server, "one");
	add_guest(server, "two");
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
	settle(event);
	server_destroy(server);

	/* The next one restores it all. */
	options.fresh = false;
	server = start(event, &options);
	one = view_by_id(server->desktop, "one");
	assert_non_null(one);
	assert_true(one->opacity == 0.25);
	assert_true(wlr_box_equal(&one->box, &box));
	assert_string_equal(server->desktop->focused->id, "two");
	assert_int_equal(output_by_name(server->outputs, "LEFT")->layout, LAYOUT_FREE);
	server_destroy(server);
	sd_event_unref(event);
}

static int set_up(void **state) {
	wlr_log_init(WLR_SILENT, NULL);
	return mkdtemp(folder) ? setenv("XDG_RUNTIME_DIR", folder, 1) : -1;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *walk) {
	return remove(path);
}

static int tear_down(void **state) {
	return nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many_lives),
		cmocka_unit_test(test_views_and_outputs_come_and_go),
		cmocka_unit_test(test_layouts),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
