/* Touch screens: clients, guests, and what knows no touch. */
#include <linux/input-event-codes.h>
#include <wlr/types/wlr_touch.h>

#include "tests/unit/input/client.h"
#include "tests/unit/input/desk.h"

static void touch_down(struct wlr_touch *touch, int32_t id, double lx, double ly) {
	struct wlr_touch_down_event event = {
		.touch = touch, .touch_id = id, .x = lx / 800, .y = ly / 600};
	wl_signal_emit_mutable(&touch->events.down, &event);
	wl_signal_emit_mutable(&touch->events.frame, NULL);
}

static void touch_move(struct wlr_touch *touch, int32_t id, double lx, double ly) {
	struct wlr_touch_motion_event event = {
		.touch = touch, .touch_id = id, .x = lx / 800, .y = ly / 600};
	wl_signal_emit_mutable(&touch->events.motion, &event);
	wl_signal_emit_mutable(&touch->events.frame, NULL);
}

static void touch_up(struct wlr_touch *touch, int32_t id) {
	struct wlr_touch_up_event event = {.touch = touch, .touch_id = id};
	wl_signal_emit_mutable(&touch->events.up, &event);
	wl_signal_emit_mutable(&touch->events.frame, NULL);
}

static void clients_get_fingers(void) {
	struct desk desk;
	struct client client;
	desk_init(&desk);
	client_init(&client, &desk);
	CHECK(!client.touch);
	struct wlr_touch *screen = desk_plug_touch(&desk), *other = desk_plug_touch(&desk);
	desk_settle(&desk);
	CHECK(client.touch);
	desk_add_place(&desk, 600, 100, 100, 100)->target =
		(struct seat_target){.kind = SEAT_TARGET_SURFACE, .surface = client.wlr_surface};
	touch_down(screen, 7, 610, 120);
	touch_down(other, 7, 620, 120);
	CHECK_CLIENT(&client, "down:0@10,20 down:1@20,20");
	touch_move(screen, 7, 500, 120); /* beyond the surface */
	touch_up(screen, 7);
	touch_up(screen, 7);
	CHECK_CLIENT(&client, "drag:0@-100,20 up:0");
	CHECK_RECORD(&desk.buttons, "surface:272/0 surface:272/0");
	/* The screen is unplugged with a finger on it. */
	desk_unplug_touch(other);
	CHECK_CLIENT(&client, "cancel");
	desk_unplug_touch(screen);
	desk_settle(&desk);
	CHECK(!(client.capabilities & WL_SEAT_CAPABILITY_TOUCH));
	client_finish(&client);
	desk_finish(&desk);
}

static void tablets_get_a_pointer(void) {
	struct desk desk;
	struct guest guest;
	desk_init(&desk);
	guest_init(&guest, &desk, true);
	struct wlr_touch *screen = desk_plug_touch(&desk);
	desk_add_place(&desk, 100, 100, 400, 200)->target =
		(struct seat_target){.kind = SEAT_TARGET_CONSOLE, .console = guest.console};
	touch_down(screen, 1, 150, 150);
	touch_down(screen, 2, 170, 150); /* a second finger is nobody's */
	touch_move(screen, 1, 160, 150);
	touch_up(screen, 2);
	touch_up(screen, 1);
	CHECK_GUEST(&guest, "at:50,50 button:0+ at:60,50 button:0-");
	desk_unplug_touch(screen);
	guest_finish(&guest);
	desk_finish(&desk);
}

static void guests_without_tablets_get_fingers(void) {
	struct desk desk;
	struct guest guest;
	desk_init(&desk);
	guest_init(&guest, &desk, false);
	CHECK(guest.console->has_touch);
	struct wlr_touch *screen = desk_plug_touch(&desk);
	desk_add_place(&desk, 100, 100, 400, 200)->target =
		(struct seat_target){.kind = SEAT_TARGET_CONSOLE, .console = guest.console};
	touch_down(screen, 1, 150, 150);
	touch_down(screen, 2, 170, 150);
	touch_move(screen, 1, 160, 150);
	touch_up(screen, 1);
	CHECK_GUEST(&guest, "touch:0@0 touch:0@1 touch:1@0 touch:2@0");
	desk.place_count = 0;
	guest_finish(&guest);
	touch_up(screen, 2);
	desk_unplug_touch(screen);
	desk_finish(&desk);
}

static void taken_touches_go_nowhere(void) {
	struct desk desk;
	struct client client;
	desk_init(&desk);
	struct wlr_touch *screen = desk_plug_touch(&desk);
	client_init(&client, &desk);
	desk_add_place(&desk, 600, 100, 100, 100)->target =
		(struct seat_target){.kind = SEAT_TARGET_SURFACE, .surface = client.wlr_surface};
	desk.button_result = SEAT_BUTTON_TAKEN;
	touch_down(screen, 1, 610, 110);
	touch_move(screen, 1, 620, 110);
	touch_up(screen, 1);
	CHECK_CLIENT(&client, "");
	for (int i = 0; i < 40; i++) { /* more fingers than there are slots */
		touch_down(screen, i, 10, 10);
	}
	for (int i = 0; i < 40; i++) {
		touch_up(screen, i);
	}
	desk.button_result = SEAT_BUTTON_PASS;
	touch_down(screen, 1, 610, 150);
	touch_up(screen, 1);
	CHECK_CLIENT(&client, "down:0@10,50 up:0");
	client_finish(&client);
	desk_unplug_touch(screen);
	desk_finish(&desk);
}

int main(int argc, char **argv) {
	static const struct test_case cases[] = {
		TEST_CASE(clients_get_fingers),
		TEST_CASE(tablets_get_a_pointer),
		TEST_CASE(guests_without_tablets_get_fingers),
		TEST_CASE(taken_touches_go_nowhere),
	};
	return run_cases(cases, sizeof(cases) / sizeof(cases[0]), argc, argv);
}
