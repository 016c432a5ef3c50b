/* Drag and drop goes over the press's own grab of the pointer, and ends with it. */
#include <linux/input-event-codes.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_data_device.h>
#include <wlr/types/wlr_seat.h>

#include "tests/unit/input/client.h"
#include "tests/unit/input/desk.h"

struct drag_test {
	struct desk desk;
	struct client client;
	struct guest guest;
	struct wl_data_device *device;
	struct wl_data_source *source;
	struct wl_data_offer *offer; /* of the drag that is over the surface */
	struct record record; /* "enter:3,4", "motion:3,4", "leave", "drop" */
	struct wl_listener start;
};

static void handle_request_start_drag(struct wl_listener *listener, void *data) {
	struct drag_test *test = wl_container_of(listener, test, start);
	struct wlr_seat_request_start_drag_event *event = data;
	struct wlr_seat *seat = seat_wlr(test->desk.seat);
	CHECK(wlr_seat_validate_pointer_grab_serial(seat, event->origin, event->serial));
	wlr_seat_start_pointer_drag(seat, event->drag, event->serial);
}

static void handle_data_offer(
	void *data, struct wl_data_device *device, struct wl_data_offer *offer) {
	struct drag_test *test = data;
	CHECK(!test->offer);
	test->offer = offer;
}

static void drop_offer(struct drag_test *test) {
	if (test->offer) {
		wl_data_offer_destroy(test->offer);
		test->offer = NULL;
	}
}

static void handle_enter(void *data, struct wl_data_device *device, uint32_t serial,
	struct wl_surface *surface, wl_fixed_t x, wl_fixed_t y, struct wl_data_offer *offer) {
	struct drag_test *test = data;
	record_add(&test->record, "enter:%g,%g", wl_fixed_to_double(x), wl_fixed_to_double(y));
}

static void handle_leave(void *data, struct wl_data_device *device) {
	struct drag_test *test = data;
	record_add(&test->record, "leave");
	drop_offer(test);
}

static void handle_motion(
	void *data, struct wl_data_device *device, uint32_t time, wl_fixed_t x, wl_fixed_t y) {
	struct drag_test *test = data;
	record_add(&test->record, "motion:%g,%g", wl_fixed_to_double(x), wl_fixed_to_double(y));
}

static void handle_drop(void *data, struct wl_data_device *device) {
	struct drag_test *test = data;
	record_add(&test->record, "drop");
}

static void handle_selection(
	void *data, struct wl_data_device *device, struct wl_data_offer *offer) {
}

static const struct wl_data_device_listener device_listener = {
	.data_offer = handle_data_offer,
	.enter = handle_enter,
	.leave = handle_leave,
	.motion = handle_motion,
	.drop = handle_drop,
	.selection = handle_selection,
};

static void begin(struct drag_test *test) {
	*test = (struct drag_test){0};
	struct desk *desk = &test->desk;
	desk_init(desk);
	CHECK(wlr_data_device_manager_create(desk->display));
	test->start.notify = handle_request_start_drag;
	wl_signal_add(&seat_wlr(desk->seat)->events.request_start_drag, &test->start);
	guest_init(&test->guest, desk, true);
	client_init(&test->client, desk);
	CHECK(test->client.data_devices);
	test->device = wl_data_device_manager_get_data_device(
		test->client.data_devices, test->client.seat);
	wl_data_device_add_listener(test->device, &device_listener, test);
	test->source = wl_data_device_manager_create_data_source(test->client.data_devices);
	wl_data_source_offer(test->source, "text/plain");
	desk_add_place(desk, 0, 0, 100, 100)->target = (struct seat_target){
		.kind = SEAT_TARGET_SURFACE, .surface = test->client.wlr_surface};
	desk_add_place(desk, 200, 0, 400, 200)->target =
		(struct seat_target){.kind = SEAT_TARGET_CONSOLE, .console = test->guest.console};
	seat_remote_move_to(desk->seat, 10, 20);
	seat_remote_button(desk->seat, BTN_LEFT, true);
	desk_settle(desk);
	CHECK(test->client.press_serial != 0);
	wl_data_device_start_drag(
		test->device, test->source, test->client.surface, NULL, test->client.press_serial);
	desk_settle(desk);
	CHECK(seat_wlr(desk->seat)->drag);
	test->record.text[0] = '\0';
	test->client.record.text[0] = '\0';
}

static void end(struct drag_test *test) {
	wl_list_remove(&test->start.link);
	drop_offer(test);
	wl_data_source_destroy(test->source);
	wl_data_device_destroy(test->device);
	client_finish(&test->client);
	guest_finish(&test->guest);
	desk_finish(&test->desk);
}

static void drag_leaves_the_surface_and_comes_back(void) {
	struct drag_test test;
	begin(&test);
	struct seat *seat = test.desk.seat;
	seat_remote_move_to(seat, 11, 20);
	desk_settle(&test.desk);
	CHECK_RECORD(&test.record, "enter:11,20 motion:11,20");
	seat_remote_move_to(seat, 12, 20);
	seat_remote_move_to(seat, 250, 50); /* guests take no drops, and hear nothing */
	desk_settle(&test.desk);
	CHECK_RECORD(&test.record, "motion:12,20 leave");
	CHECK_GUEST(&test.guest, "");
	seat_remote_move_to(seat, 30, 40);
	seat_remote_button(seat, BTN_LEFT, false);
	desk_settle(&test.desk);
	CHECK(!seat_wlr(seat)->drag);
	CHECK(strncmp(test.record.text, "enter:30,40", 11) == 0);
	/* The pointer is the surface's again, and after that the guest's. */
	seat_remote_move_to(seat, 250, 50);
	CHECK_GUEST(&test.guest, "at:50,50");
	CHECK(seat_wlr(seat)->pointer_state.button_count == 0);
	end(&test);
}

static void drop_beside_everything_ends_it(void) {
	struct drag_test test;
	begin(&test);
	struct seat *seat = test.desk.seat;
	seat_remote_move_to(seat, 150, 300);
	seat_remote_button(seat, BTN_LEFT, false);
	desk_settle(&test.desk);
	CHECK(!seat_wlr(seat)->drag);
	CHECK(!strstr(test.record.text, "drop"));
	seat_remote_button(seat, BTN_LEFT, true);
	seat_remote_button(seat, BTN_LEFT, false);
	CHECK(seat_wlr(seat)->pointer_state.button_count == 0);
	end(&test);
}

static void client_dies_in_the_middle(void) {
	struct drag_test test;
	begin(&test);
	struct seat *seat = test.desk.seat;
	seat_remote_move_to(seat, 12, 20);
	desk_settle(&test.desk);
	client_destroy_surface(&test.client);
	test.desk.places[0].box.width = 0;
	seat_remote_move_to(seat, 250, 50);
	seat_remote_button(seat, BTN_LEFT, false);
	desk_settle(&test.desk);
	CHECK(seat_wlr(seat)->pointer_state.button_count == 0);
	seat_remote_move_to(seat, 251, 50);
	desk_settle(&test.desk);
	CHECK(strstr(test.guest.record.text, "at:51,50"));
	end(&test);
}

int main(int argc, char **argv) {
	static const struct test_case cases[] = {
		TEST_CASE(drag_leaves_the_surface_and_comes_back),
		TEST_CASE(drop_beside_everything_ends_it),
		TEST_CASE(client_dies_in_the_middle),
	};
	return run_cases(cases, sizeof(cases) / sizeof(cases[0]), argc, argv);
}
