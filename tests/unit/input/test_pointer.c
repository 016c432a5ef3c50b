/* Where the pointer is, what it is over, and where its buttons and wheel go. */
#include <linux/input-event-codes.h>
#include <wlr/types/wlr_seat.h>

#include "keys/combo.h"
#include "tests/unit/input/client.h"
#include "tests/unit/input/desk.h"

/* The guest's 400x200 px at 100,100; drawn at half its size if `scale` is 2. */
static struct desk_place *place_guest(struct desk *desk, struct guest *guest, double scale) {
	struct desk_place *place =
		desk_add_place(desk, 100, 100, (int)(400 / scale), (int)(200 / scale));
	place->target = (struct seat_target){
		.kind = SEAT_TARGET_CONSOLE, .console = guest->console, .scale = scale};
	return place;
}

/* A surface of 100x100 at 600,100. */
static struct desk_place *place_client(struct desk *desk, struct client *client) {
	struct desk_place *place = desk_add_place(desk, 600, 100, 100, 100);
	place->target =
		(struct seat_target){.kind = SEAT_TARGET_SURFACE, .surface = client->wlr_surface};
	return place;
}

static void guests_get_places_in_their_frame(void) {
	struct desk desk;
	struct guest guest;
	desk_init(&desk);
	guest_init(&guest, &desk, true);
	place_guest(&desk, &guest, 1);
	seat_rebase(desk.seat); /* nobody has pointed yet */
	CHECK_GUEST(&guest, "");
	seat_remote_move_to(desk.seat, 110.7, 120.2);
	CHECK(desk.cursor_lx == 110.7 && desk.cursor_ly == 120.2);
	CHECK_GUEST(&guest, "at:10,20");
	seat_remote_move_by(desk.seat, 0.2, 0); /* within the same pixel */
	CHECK_GUEST(&guest, "");
	seat_remote_move_by(desk.seat, 5, -3);
	CHECK_GUEST(&guest, "at:15,17");
	seat_remote_move_to(desk.seat, 50, 50);
	CHECK_GUEST(&guest, "");
	/* The guest's mode changes under a pointer that stands still. */
	seat_remote_move_to(desk.seat, 499, 299);
	CHECK_GUEST(&guest, "at:399,199");
	guest_finish(&guest);
	desk_finish(&desk);
}

static void scaled_guests_too(void) {
	struct desk desk;
	struct guest guest;
	desk_init(&desk);
	guest_init(&guest, &desk, true);
	place_guest(&desk, &guest, 2);
	seat_remote_move_to(desk.seat, 150, 110);
	CHECK_GUEST(&guest, "at:100,20");
	seat_remote_button(desk.seat, BTN_LEFT, true);
	seat_remote_move_to(desk.seat, 310, 140); /* beyond its edge, and clamped */
	seat_remote_move_to(desk.seat, 99, 140);
	seat_remote_button(desk.seat, BTN_LEFT, false);
	CHECK_GUEST(&guest, "button:0+ at:399,80 at:0,80 button:0-");
	guest_finish(&guest);
	desk_finish(&desk);
}

static void position_stays_on_outputs(void) {
	struct desk desk;
	desk_init(&desk);
	double x, y;
	seat_remote_move_to(desk.seat, 5000, -20);
	seat_cursor_position(desk.seat, &x, &y);
	CHECK(x > 799 && x < 800 && y == 0);
	seat_remote_move_to(desk.seat, 1e300 * 1e300, 10);
	seat_cursor_position(desk.seat, &x, &y);
	CHECK(x > 799 && x < 800 && y == 0);
	/* The output shrinks under it. */
	struct wlr_output_state state;
	wlr_output_state_init(&state);
	wlr_output_state_set_custom_mode(&state, 400, 300, 0);
	CHECK(wlr_output_commit_state(desk.output, &state));
	wlr_output_state_finish(&state);
	seat_cursor_position(desk.seat, &x, &y);
	CHECK(x > 399 && x < 400 && y == 0);
	desk_finish(&desk);
}

static void absolute_devices_map_to_their_output(void) {
	struct desk desk;
	struct guest guest;
	desk_init(&desk);
	guest_init(&guest, &desk, true);
	place_guest(&desk, &guest, 1);
	struct wlr_pointer *nested = desk_plug_pointer(&desk, desk.output->name);
	struct wlr_pointer *lost = desk_plug_pointer(&desk, "no such output");
	double x, y;
	desk_move_to(nested, 0.25, 0.5);
	seat_cursor_position(desk.seat, &x, &y);
	CHECK(x == 200 && y == 300);
	desk_move_to(lost, 0.5, 0.25);
	seat_cursor_position(desk.seat, &x, &y);
	CHECK(x == 400 && y == 150);
	CHECK_GUEST(&guest, "at:300,50");
	desk_button(lost, BTN_RIGHT, true);
	desk_unplug_pointer(nested);
	desk_button(lost, BTN_RIGHT, false);
	CHECK_GUEST(&guest, "button:2+ button:2-");
	desk_unplug_pointer(lost);
	guest_finish(&guest);
	desk_finish(&desk);
}

static void clients_get_pointer_events(void) {
	struct desk desk;
	struct client client;
	desk_init(&desk);
	client_init(&client, &desk);
	place_client(&desk, &client);
	seat_remote_move_to(desk.seat, 610, 120);
	CHECK_CLIENT(&client, "penter:10,20 frame frame");
	seat_remote_move_to(desk.seat, 611, 120);
	CHECK_CLIENT(&client, "relative:1,0/1,0 motion:11,20 frame");
	seat_remote_button(desk.seat, BTN_LEFT, true);
	seat_remote_button(desk.seat, BTN_LEFT, true); /* a viewer that repeats itself */
	seat_remote_button(desk.seat, BTN_LEFT, false);
	CHECK_CLIENT(&client, "button:272+ frame button:272- frame");
	CHECK_RECORD(&desk.buttons, "surface:272/0");
	seat_remote_wheel(desk.seat, -2);
	CHECK_CLIENT(&client, "v120:240 axis:30 frame");
	seat_remote_move_to(desk.seat, 10, 10);
	CHECK_CLIENT(&client, "relative:-601,-110/-601,-110 pleave frame");
	/* What appears under a pointer that stands still. */
	desk.places[0].box.x = desk.places[0].box.y = 0;
	seat_rebase(desk.seat);
	CHECK_CLIENT(&client, "penter:10,10 frame");
	client_destroy_surface(&client);
	desk.place_count = 0;
	seat_remote_button(desk.seat, BTN_LEFT, true);
	seat_remote_button(desk.seat, BTN_LEFT, false);
	CHECK_RECORD(&desk.buttons, "none:272/0");
	client_finish(&client);
	desk_finish(&desk);
}

static void press_keeps_the_pointer(void) {
	struct desk desk;
	struct guest guest;
	struct client client;
	desk_init(&desk);
	guest_init(&guest, &desk, true);
	client_init(&client, &desk);
	place_guest(&desk, &guest, 1);
	place_client(&desk, &client);
	seat_remote_move_to(desk.seat, 690, 150);
	seat_remote_button(desk.seat, BTN_LEFT, true);
	CHECK_CLIENT(&client, "penter:90,50 frame frame button:272+ frame");
	seat_remote_move_to(desk.seat, 200, 150); /* over the guest */
	CHECK_GUEST(&guest, "");
	CHECK_CLIENT(&client, "relative:-490,0/-490,0 motion:-400,50 frame");
	seat_remote_button(desk.seat, BTN_RIGHT, true);
	seat_remote_button(desk.seat, BTN_LEFT, false);
	seat_remote_move_to(desk.seat, 201, 150);
	CHECK_CLIENT(&client,
		"button:273+ frame button:272- frame relative:1,0/1,0 motion:-399,50 frame");
	CHECK_RECORD(&desk.buttons, "surface:272/0"); /* asked once */
	seat_remote_button(desk.seat, BTN_RIGHT, false);
	CHECK_CLIENT(&client, "button:273- pleave frame");
	CHECK_GUEST(&guest, "at:101,50");
	/* The same from the guest's side. */
	seat_remote_button(desk.seat, BTN_LEFT, true);
	seat_remote_move_to(desk.seat, 650, 150);
	seat_remote_button(desk.seat, BTN_LEFT, false);
	CHECK_GUEST(&guest, "button:0+ at:399,50 button:0-");
	CHECK_CLIENT(&client, "penter:50,50 frame frame");
	client_finish(&client);
	guest_finish(&guest);
	desk_finish(&desk);
}

static void taken_buttons_go_nowhere(void) {
	struct desk desk;
	struct guest guest;
	desk_init(&desk);
	guest_init(&guest, &desk, true);
	place_guest(&desk, &guest, 1);
	desk.button_result = SEAT_BUTTON_TAKEN;
	seat_remote_move_to(desk.seat, 150, 150);
	seat_remote_key(desk.seat, KEY_LEFTMETA, true);
	seat_remote_button(desk.seat, BTN_LEFT, true);
	seat_remote_key(desk.seat, KEY_LEFTMETA, false);
	desk.button_result = SEAT_BUTTON_PASS;
	seat_remote_button(desk.seat, BTN_RIGHT, true);
	seat_remote_button(desk.seat, BTN_RIGHT, false);
	seat_remote_button(desk.seat, BTN_LEFT, false);
	CHECK_RECORD(&desk.buttons, "console:272/8");
	CHECK_GUEST(&guest, "at:50,50");
	seat_remote_button(desk.seat, BTN_SIDE, true);
	seat_remote_button(desk.seat, BTN_SIDE, false);
	CHECK_GUEST(&guest, "button:5+ button:5-");
	guest_finish(&guest);
	desk_finish(&desk);
}

static void console_gone_while_pressed(void) {
	struct desk desk;
	struct guest guest;
	desk_init(&desk);
	guest_init(&guest, &desk, true);
	place_guest(&desk, &guest, 1);
	seat_remote_move_to(desk.seat, 150, 150);
	seat_remote_button(desk.seat, BTN_LEFT, true);
	CHECK_GUEST(&guest, "at:50,50 button:0+");
	desk.place_count = 0;
	guest_finish(&guest);
	seat_remote_move_to(desk.seat, 160, 160);
	seat_remote_button(desk.seat, BTN_LEFT, false);
	seat_remote_wheel(desk.seat, 1);
	desk_finish(&desk);
}

static void wheel_turns_in_guests(void) {
	struct desk desk;
	struct guest guest;
	desk_init(&desk);
	guest_init(&guest, &desk, true);
	place_guest(&desk, &guest, 1);
	seat_remote_move_to(desk.seat, 150, 150);
	CHECK_GUEST(&guest, "at:50,50");
	seat_remote_wheel(desk.seat, 1);
	seat_remote_wheel(desk.seat, -2);
	CHECK_GUEST(&guest, "button:3+ button:3- button:4+ button:4- button:4+ button:4-");
	/* Parts of a step add up, and start over when the wheel turns back. */
	struct wlr_pointer *pointer = desk_plug_pointer(&desk, NULL);
	desk_wheel(pointer, 60);
	CHECK_GUEST(&guest, "");
	desk_wheel(pointer, 60);
	CHECK_GUEST(&guest, "button:4+ button:4-");
	desk_wheel(pointer, 60);
	desk_wheel(pointer, -60);
	CHECK_GUEST(&guest, "");
	/* A client's virtual pointer can say anything. */
	desk_wheel(pointer, INT32_MIN);
	desk_settle(&desk);
	CHECK(strlen(guest.record.text) == 16 * strlen("button:3+ button:3- ") - 1);
	desk_unplug_pointer(pointer);
	guest_finish(&guest);
	desk_finish(&desk);
}

static void wheel_bindings_come_first(void) {
	struct desk desk;
	struct guest guest;
	desk_init(&desk);
	guest_init(&guest, &desk, true);
	place_guest(&desk, &guest, 1);
	seat_remote_move_to(desk.seat, 150, 150);
	seat_remote_key(desk.seat, KEY_LEFTMETA, true);
	seat_remote_wheel(desk.seat, 2);
	seat_remote_wheel(desk.seat, -1);
	CHECK_RECORD(&desk.actions, "6:+0.05@console 6:+0.05@console 6:-0.05@console");
	CHECK_GUEST(&guest, "at:50,50");
	const char *error;
	CHECK(binding_list_set(&desk.bindings, "mod+wheelup", "none", COMBO_SUPER, &error));
	CHECK(binding_list_set(&desk.bindings, "mod+wheeldown", "none", COMBO_SUPER, &error));
	seat_remote_wheel(desk.seat, 1);
	CHECK_RECORD(&desk.actions, "");
	CHECK_GUEST(&guest, "button:3+ button:3-");
	guest_finish(&guest);
	desk_finish(&desk);
}

struct drag {
	struct record record;
};

static void handle_drag_motion(void *data, double dx, double dy) {
	struct drag *drag = data;
	record_add(&drag->record, "%g,%g", dx, dy);
}

static void handle_drag_end(void *data) {
	struct drag *drag = data;
	record_add(&drag->record, "end");
}

static void grabs_last_until_release(void) {
	struct desk desk;
	struct guest guest;
	struct drag drag = {0};
	struct seat_grab grab = {
		.motion = handle_drag_motion, .end = handle_drag_end, .data = &drag};
	desk_init(&desk);
	guest_init(&guest, &desk, true);
	place_guest(&desk, &guest, 1);
	seat_remote_move_to(desk.seat, 150, 150);
	CHECK_GUEST(&guest, "at:50,50");
	desk.grab_on_button = &grab;
	seat_remote_button(desk.seat, BTN_LEFT, true);
	seat_remote_move_to(desk.seat, 160, 145);
	seat_remote_move_to(desk.seat, 140, 145);
	seat_remote_wheel(desk.seat, 1);
	CHECK_RECORD(&drag.record, "10,-5 -10,-5");
	seat_remote_button(desk.seat, BTN_LEFT, false);
	CHECK_RECORD(&drag.record, "end");
	CHECK_GUEST(&guest, "at:40,45");
	/* Cancelled in the middle: its button stays taken. */
	desk.grab_on_button = &grab;
	seat_remote_button(desk.seat, BTN_LEFT, true);
	seat_cancel_grab(desk.seat);
	seat_cancel_grab(desk.seat);
	seat_remote_button(desk.seat, BTN_LEFT, false);
	CHECK_RECORD(&drag.record, "end");
	CHECK_GUEST(&guest, "");
	/* Nothing is pressed. */
	seat_begin_grab(desk.seat, &grab);
	seat_remote_move_to(desk.seat, 150, 150);
	CHECK_RECORD(&drag.record, "end");
	CHECK_GUEST(&guest, "at:50,50");
	guest_finish(&guest);
	desk_finish(&desk);
}

static void grabs_by_clients_take_the_pointer_away(void) {
	struct desk desk;
	struct client client;
	struct drag drag = {0};
	struct seat_grab grab = {
		.motion = handle_drag_motion, .end = handle_drag_end, .data = &drag};
	desk_init(&desk);
	client_init(&client, &desk);
	place_client(&desk, &client);
	seat_remote_move_to(desk.seat, 610, 120);
	seat_remote_button(desk.seat, BTN_LEFT, true);
	CHECK_CLIENT(&client, "penter:10,20 frame frame button:272+ frame");
	seat_begin_grab(desk.seat, &grab); /* as for xdg_toplevel.move */
	seat_remote_move_to(desk.seat, 620, 120);
	CHECK_CLIENT(&client, "pleave frame");
	seat_remote_button(desk.seat, BTN_LEFT, false);
	CHECK_RECORD(&drag.record, "10,0 end");
	CHECK_CLIENT(&client, "penter:20,20 frame frame");
	CHECK(seat_wlr(desk.seat)->pointer_state.button_count == 0);
	client_finish(&client);
	desk_finish(&desk);
}

static void relative_guests_lock_with_a_click(void) {
	struct desk desk;
	struct guest guest;
	desk_init(&desk);
	guest_init(&guest, &desk, false);
	place_guest(&desk, &guest, 1);
	struct wlr_pointer *mouse = desk_plug_pointer(&desk, NULL);
	seat_remote_move_to(desk.seat, 150, 150);
	desk_move(mouse, 1, 1, 1, 1);
	CHECK_GUEST(&guest, ""); /* not locked yet */
	CHECK(desk.cursor && !seat_pointer_is_locked(desk.seat));
	seat_focus_console(desk.seat, guest.console);
	desk_button(mouse, BTN_LEFT, true);
	desk_button(mouse, BTN_LEFT, false);
	CHECK(seat_pointer_is_locked(desk.seat));
	CHECK(!desk.cursor);
	CHECK_GUEST(&guest, ""); /* the first click only locks */
	double x, y;
	desk_move(mouse, 100, 100, 7, -3); /* as the hardware has it */
	desk_move(mouse, 0, 0, 0.6, 0);
	desk_move(mouse, 0, 0, 0.6, 0);
	desk_button(mouse, BTN_LEFT, true);
	desk_button(mouse, BTN_LEFT, false);
	seat_cursor_position(desk.seat, &x, &y);
	CHECK(x == 151 && y == 151);
	CHECK_GUEST(&guest, "by:7,-3 by:1,0 button:0+ button:0-");
	CHECK_RECORD(&desk.buttons, "console:272/0"); /* the compositor isn't asked any more */
	/* A viewer that knows positions only. */
	seat_remote_move_to(desk.seat, 160, 160);
	seat_remote_move_to(desk.seat, 163, 158);
	CHECK_GUEST(&guest, "by:9,9 by:3,-2");
	desk_unplug_pointer(mouse);
	guest_finish(&guest);
	CHECK(!seat_pointer_is_locked(desk.seat));
	desk_finish(&desk);
}

static void lock_relative_guest(struct desk *desk, struct guest *guest) {
	desk->button_result = SEAT_BUTTON_PASS;
	seat_remote_move_to(desk->seat, 150, 150);
	seat_focus_console(desk->seat, guest->console);
	seat_remote_button(desk->seat, BTN_LEFT, true);
	seat_remote_button(desk->seat, BTN_LEFT, false);
	CHECK(seat_pointer_is_locked(desk->seat));
	desk_settle(desk);
	guest->record.text[0] = '\0';
}

static void escape_always_works(void) {
	struct desk desk;
	struct guest guest, other;
	desk_init(&desk);
	guest_init(&guest, &desk, false);
	guest_init(&other, &desk, true);
	place_guest(&desk, &guest, 1);
	lock_relative_guest(&desk, &guest);
	seat_remote_button(desk.seat, BTN_LEFT, true);
	seat_remote_key(desk.seat, KEY_LEFTMETA, true);
	desk_tap(&desk, KEY_ESC);
	seat_remote_key(desk.seat, KEY_LEFTMETA, false);
	CHECK(!seat_pointer_is_locked(desk.seat));
	CHECK(desk.cursor);
	CHECK_RECORD(&desk.actions, "");
	/* The button that was down is up in the guest, once. */
	seat_remote_button(desk.seat, BTN_LEFT, false);
	CHECK_GUEST(&guest, "button:0+ button:0-");
	/* Losing the focus unlocks, too. */
	lock_relative_guest(&desk, &guest);
	seat_focus_console(desk.seat, other.console);
	CHECK(!seat_pointer_is_locked(desk.seat));
	lock_relative_guest(&desk, &guest);
	seat_release_pointer(desk.seat);
	CHECK(!seat_pointer_is_locked(desk.seat));
	/* The guest's tablet driver loads. */
	lock_relative_guest(&desk, &guest);
	published_console_set_mouse_absolute(guest.published, true);
	desk_settle(&desk);
	CHECK(!seat_pointer_is_locked(desk.seat));
	CHECK_GUEST(&guest, "at:50,50");
	/* And goes. */
	published_console_set_mouse_absolute(guest.published, false);
	desk_settle(&desk);
	seat_remote_move_to(desk.seat, 170, 170);
	CHECK_GUEST(&guest, "");
	guest_finish(&other);
	guest_finish(&guest);
	desk_finish(&desk);
}

static void session_lock_takes_the_pointer(void) {
	struct desk desk;
	struct guest guest;
	struct client client;
	desk_init(&desk);
	guest_init(&guest, &desk, true);
	client_init(&client, &desk);
	place_guest(&desk, &guest, 1);
	seat_remote_move_to(desk.seat, 150, 150);
	seat_remote_button(desk.seat, BTN_LEFT, true);
	seat_set_exclusive(desk.seat, client.server_side);
	CHECK_GUEST(&guest, "at:50,50 button:0+ button:0-");
	seat_remote_button(desk.seat, BTN_LEFT, false);
	seat_remote_move_to(desk.seat, 160, 160);
	seat_remote_wheel(desk.seat, 1);
	CHECK_GUEST(&guest, "");
	desk.place_count = 0;
	place_client(&desk, &client);
	seat_remote_move_to(desk.seat, 610, 120);
	CHECK_CLIENT(&client, "penter:10,20 frame frame");
	seat_set_exclusive(desk.seat, NULL);
	client_finish(&client);
	guest_finish(&guest);
	desk_finish(&desk);
}

int main(int argc, char **argv) {
	static const struct test_case cases[] = {
		TEST_CASE(guests_get_places_in_their_frame),
		TEST_CASE(scaled_guests_too),
		TEST_CASE(position_stays_on_outputs),
		TEST_CASE(absolute_devices_map_to_their_output),
		TEST_CASE(clients_get_pointer_events),
		TEST_CASE(press_keeps_the_pointer),
		TEST_CASE(taken_buttons_go_nowhere),
		TEST_CASE(console_gone_while_pressed),
		TEST_CASE(wheel_turns_in_guests),
		TEST_CASE(wheel_bindings_come_first),
		TEST_CASE(grabs_last_until_release),
		TEST_CASE(grabs_by_clients_take_the_pointer_away),
		TEST_CASE(relative_guests_lock_with_a_click),
		TEST_CASE(escape_always_works),
		TEST_CASE(session_lock_takes_the_pointer),
	};
	return run_cases(cases, sizeof(cases) / sizeof(cases[0]), argc, argv);
}
