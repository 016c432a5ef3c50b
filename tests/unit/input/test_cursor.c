/* Which cursor people see, and what is loaded when. */
#include <linux/input-event-codes.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_cursor.h>
#include <wlr/types/wlr_output_layout.h>

#include "cursor-shape-v1-client-protocol.h"
#include "tests/unit/input/client.h"
#include "tests/unit/input/desk.h"

static struct cursor_image *make_image(int size, uint32_t argb) {
	uint32_t *pixels = calloc((size_t)size * (size_t)size, 4);
	CHECK(pixels);
	for (int i = 0; i < size * size; i++) {
		pixels[i] = argb;
	}
	struct cursor_image *image = cursor_image_create(size, size, 1, 2, pixels);
	free(pixels);
	CHECK(image);
	return image;
}

static void place(struct desk *desk, struct guest *guest, struct client *client) {
	if (guest) {
		desk_add_place(desk, 100, 100, 400, 200)->target = (struct seat_target){
			.kind = SEAT_TARGET_CONSOLE, .console = guest->console};
	}
	if (client) {
		desk_add_place(desk, 600, 100, 100, 100)->target = (struct seat_target){
			.kind = SEAT_TARGET_SURFACE, .surface = client->wlr_surface};
	}
}

static void nothing_is_shown_before_somebody_points(void) {
	struct desk desk;
	desk_init(&desk);
	seat_rebase(desk.seat);
	desk_tap(&desk, KEY_A);
	CHECK(desk.cursor_reports == 0);
	seat_remote_move_to(desk.seat, 10, 10);
	CHECK(desk.cursor_reports == 1 && desk.cursor && desk.cursor->width > 0);
	seat_remote_move_to(desk.seat, 20, 10);
	CHECK(desk.cursor_reports == 1);
	desk_finish(&desk);
}

static void frames_name_theirs(void) {
	struct desk desk;
	desk_init(&desk);
	desk_add_place(&desk, 0, 0, 10, 100)->target =
		(struct seat_target){.kind = SEAT_TARGET_CHROME, .cursor = "w-resize"};
	desk_add_place(&desk, 10, 0, 10, 100)->target =
		(struct seat_target){.kind = SEAT_TARGET_CHROME, .cursor = "no such cursor"};
	seat_remote_move_to(desk.seat, 50, 50);
	struct cursor_image *normal = cursor_image_ref(desk.cursor);
	seat_remote_move_to(desk.seat, 5, 50);
	CHECK(desk.cursor && desk.cursor != normal);
	seat_remote_move_to(desk.seat, 15, 50); /* falls back */
	CHECK(desk.cursor && desk.cursor->width == normal->width);
	CHECK(memcmp(desk.cursor->pixels, normal->pixels,
		      (size_t)normal->width * (size_t)normal->height * 4) == 0);
	cursor_image_unref(normal);
	desk_finish(&desk);
}

static void guests_show_their_own(void) {
	struct desk desk;
	struct guest guest;
	struct cursor_image *red = make_image(8, 0xffff0000), *blue = make_image(16, 0xff0000ff);
	desk_init(&desk);
	guest_init(&guest, &desk, true);
	place(&desk, &guest, NULL);
	seat_remote_move_to(desk.seat, 150, 150);
	struct cursor_image *normal = cursor_image_ref(desk.cursor);
	CHECK(normal); /* the guest has defined none */
	screen_move_cursor(&guest.screen, 0, 0, true);
	screen_set_cursor(&guest.screen, red);
	desk_settle(&desk);
	CHECK(desk.cursor->width == 8 && desk.cursor->pixels[0] == 0xffff0000);
	CHECK(desk.cursor->hot_x == 1 && desk.cursor->hot_y == 2);
	screen_set_cursor(&guest.screen, blue);
	desk_settle(&desk);
	CHECK(desk.cursor->width == 16 && desk.cursor->pixels[0] == 0xff0000ff);
	screen_move_cursor(&guest.screen, 0, 0, false);
	desk_settle(&desk);
	CHECK(!desk.cursor);
	int reports = desk.cursor_reports;
	screen_move_cursor(&guest.screen, 5, 5, false);
	desk_settle(&desk);
	CHECK(desk.cursor_reports == reports);
	/* It changes while the pointer is elsewhere. */
	seat_remote_move_to(desk.seat, 10, 10);
	CHECK(desk.cursor && desk.cursor->width == normal->width);
	reports = desk.cursor_reports;
	screen_set_cursor(&guest.screen, red);
	screen_move_cursor(&guest.screen, 0, 0, true);
	desk_settle(&desk);
	CHECK(desk.cursor_reports == reports);
	seat_remote_move_to(desk.seat, 150, 150);
	CHECK(desk.cursor->width == 8);
	/* The guest goes, with the pointer over it. */
	desk.place_count = 0;
	guest_finish(&guest);
	CHECK(desk.cursor && desk.cursor->width == normal->width);
	cursor_image_unref(normal);
	cursor_image_unref(red);
	cursor_image_unref(blue);
	desk_finish(&desk);
}

static void clients_set_theirs(void) {
	struct desk desk;
	struct client client;
	desk_init(&desk);
	client_init(&client, &desk);
	place(&desk, NULL, &client);
	struct wl_surface *cursor = client_create_cursor(&client, 12, 0xff00ff00);
	desk_settle(&desk);
	/* Not while the pointer is elsewhere. */
	wl_pointer_set_cursor(client.pointer, 0, cursor, 3, 4);
	desk_settle(&desk);
	CHECK(desk.cursor_reports == 0);
	seat_remote_move_to(desk.seat, 610, 110);
	desk_settle(&desk);
	CHECK(desk.cursor_reports == 1); /* the default */
	wl_pointer_set_cursor(client.pointer, client.enter_serial, cursor, 3, 4);
	desk_settle(&desk);
	CHECK(desk.cursor->width == 12 && desk.cursor->pixels[143] == 0xff00ff00);
	CHECK(desk.cursor->hot_x == 3 && desk.cursor->hot_y == 4);
	/* At twice the scale it is half the size. */
	wl_surface_set_buffer_scale(cursor, 2);
	wl_surface_commit(cursor);
	desk_settle(&desk);
	CHECK(desk.cursor->width == 6 && desk.cursor->pixels[35] == 0xff00ff00);
	wl_pointer_set_cursor(client.pointer, client.enter_serial, NULL, 0, 0);
	desk_settle(&desk);
	CHECK(!desk.cursor);
	/* Elsewhere the wish doesn't count, and it is gone on the return. */
	seat_remote_move_to(desk.seat, 10, 10);
	CHECK(desk.cursor && desk.cursor->width > 6);
	seat_remote_move_to(desk.seat, 610, 110);
	desk_settle(&desk);
	CHECK(desk.cursor && desk.cursor->width > 6);
	/* Its surface goes while it is shown. */
	wl_pointer_set_cursor(client.pointer, client.enter_serial, cursor, 1, 1);
	desk_settle(&desk);
	CHECK(desk.cursor->width == 6);
	wl_surface_destroy(cursor);
	desk_settle(&desk);
	CHECK(!desk.cursor);
	client_finish(&client);
	desk_finish(&desk);
}

static void huge_cursors_are_hidden(void) {
	struct desk desk;
	struct client client;
	desk_init(&desk);
	client_init(&client, &desk);
	place(&desk, NULL, &client);
	seat_remote_move_to(desk.seat, 610, 110);
	desk_settle(&desk);
	struct wl_surface *cursor = client_create_cursor(&client, 300, 0xffffffff);
	wl_pointer_set_cursor(client.pointer, client.enter_serial, cursor, 3000000, -4);
	desk_settle(&desk);
	CHECK(!desk.cursor);
	struct wl_surface *small = client_create_cursor(&client, 256, 0xffffffff);
	wl_pointer_set_cursor(client.pointer, client.enter_serial, small, 3000000, -4);
	desk_settle(&desk);
	CHECK(desk.cursor && desk.cursor->hot_x == 255 && desk.cursor->hot_y == 0);
	wl_surface_destroy(cursor);
	wl_surface_destroy(small);
	client_finish(&client);
	desk_finish(&desk);
}

static void clients_name_shapes(void) {
	struct desk desk;
	struct client client;
	desk_init(&desk);
	client_init(&client, &desk);
	place(&desk, NULL, &client);
	struct wp_cursor_shape_device_v1 *device =
		wp_cursor_shape_manager_v1_get_pointer(client.shapes, client.pointer);
	seat_remote_move_to(desk.seat, 610, 110);
	desk_settle(&desk);
	struct cursor_image *normal = cursor_image_ref(desk.cursor);
	wp_cursor_shape_device_v1_set_shape(
		device, client.enter_serial, WP_CURSOR_SHAPE_DEVICE_V1_SHAPE_TEXT);
	desk_settle(&desk);
	CHECK(desk.cursor && desk.cursor != normal);
	wp_cursor_shape_device_v1_set_shape(
		device, client.enter_serial, WP_CURSOR_SHAPE_DEVICE_V1_SHAPE_DEFAULT);
	desk_settle(&desk);
	CHECK(desk.cursor->width == normal->width && desk.cursor->hot_x == normal->hot_x);
	cursor_image_unref(normal);
	wp_cursor_shape_device_v1_destroy(device);
	client_finish(&client);
	desk_finish(&desk);
}

/* Outputs that draw the cursor themselves; a headless one paints it in. */
static struct wlr_output_cursor *drawn(struct desk *desk) {
	CHECK(wl_list_length(&desk->output->cursors) == 1);
	struct wlr_output_cursor *cursor;
	return wl_container_of(desk->output->cursors.next, cursor, link);
}

static void real_outputs_draw_it(void) {
	struct desk desk;
	struct guest guest;
	struct client client;
	struct cursor_image *red = make_image(8, 0xffff0000);
	desk_init(&desk);
	guest_init(&guest, &desk, true);
	client_init(&client, &desk);
	place(&desk, &guest, &client);
	wlr_output_layout_add(desk.layout, desk.output, 50, 0);
	seat_add_output(desk.seat, desk.output);
	CHECK(!drawn(&desk)->enabled); /* nobody has pointed yet */
	screen_move_cursor(&guest.screen, 0, 0, true);
	screen_set_cursor(&guest.screen, red);
	desk_settle(&desk);
	seat_remote_move_to(desk.seat, 150, 150);
	CHECK(drawn(&desk)->enabled && drawn(&desk)->width == 8);
	CHECK(drawn(&desk)->x == 100 && drawn(&desk)->y == 150); /* output px */
	wlr_output_layout_add(desk.layout, desk.output, 60, 0);
	seat_remote_move_to(desk.seat, 151, 150);
	CHECK(drawn(&desk)->x == 91);
	seat_remote_move_to(desk.seat, 610, 110);
	desk_settle(&desk);
	struct wl_surface *cursor = client_create_cursor(&client, 12, 0xff00ff00);
	wl_pointer_set_cursor(client.pointer, client.enter_serial, cursor, 3, 4);
	desk_settle(&desk);
	CHECK(drawn(&desk)->enabled && drawn(&desk)->width == 12);
	wl_pointer_set_cursor(client.pointer, client.enter_serial, NULL, 0, 0);
	desk_settle(&desk);
	CHECK(!drawn(&desk)->enabled);
	/* An output that comes later shows what is shown now. */
	seat_remove_output(desk.seat, desk.output);
	CHECK(wl_list_empty(&desk.output->cursors));
	CHECK(desk.output->global); /* clients still have it */
	seat_remote_move_to(desk.seat, 170, 150);
	seat_add_output(desk.seat, desk.output);
	CHECK(drawn(&desk)->enabled && drawn(&desk)->width == 8);
	desk.config.cursor_size = 48;
	seat_configure(desk.seat, &desk.config);
	seat_remote_move_to(desk.seat, 70, 50);
	CHECK(drawn(&desk)->enabled);
	wl_surface_destroy(cursor);
	client_finish(&client);
	cursor_image_unref(red);
	guest_finish(&guest);
	desk_finish(&desk);
}

static void mice_show_it_from_the_start(void) {
	struct desk desk;
	desk_init(&desk);
	seat_add_output(desk.seat, desk.output);
	CHECK(desk.cursor_reports == 0);
	struct wlr_pointer *nested = desk_plug_pointer(&desk, desk.output->name);
	CHECK(desk.cursor_reports == 0); /* that one comes in from somewhere */
	struct wlr_pointer *mouse = desk_plug_pointer(&desk, NULL);
	CHECK(desk.cursor_reports == 1 && drawn(&desk)->enabled);
	CHECK(desk.cursor_lx == 400 && desk.cursor_ly == 300);
	desk_unplug_pointer(mouse);
	desk_unplug_pointer(nested);
	desk_finish(&desk);
}

int main(int argc, char **argv) {
	static const struct test_case cases[] = {
		TEST_CASE(nothing_is_shown_before_somebody_points),
		TEST_CASE(frames_name_theirs),
		TEST_CASE(guests_show_their_own),
		TEST_CASE(clients_set_theirs),
		TEST_CASE(huge_cursors_are_hidden),
		TEST_CASE(clients_name_shapes),
		TEST_CASE(real_outputs_draw_it),
		TEST_CASE(mice_show_it_from_the_start),
	};
	return run_cases(cases, sizeof(cases) / sizeof(cases[0]), argc, argv);
}
