/* Locked and confined pointers of Wayland clients, and relative motion. */
#include <linux/input-event-codes.h>

#include "pointer-constraints-unstable-v1-client-protocol.h"
#include "tests/unit/input/client.h"
#include "tests/unit/input/desk.h"

static void handle_locked(void *data, struct zwp_locked_pointer_v1 *locked) {
	struct client *client = data;
	record_add(&client->record, "locked");
}

static void handle_unlocked(void *data, struct zwp_locked_pointer_v1 *locked) {
	struct client *client = data;
	record_add(&client->record, "unlocked");
}

static const struct zwp_locked_pointer_v1_listener locked_listener = {
	.locked = handle_locked,
	.unlocked = handle_unlocked,
};

static void handle_confined(void *data, struct zwp_confined_pointer_v1 *confined) {
	struct client *client = data;
	record_add(&client->record, "confined");
}

static void handle_unconfined(void *data, struct zwp_confined_pointer_v1 *confined) {
	struct client *client = data;
	record_add(&client->record, "unconfined");
}

static const struct zwp_confined_pointer_v1_listener confined_listener = {
	.confined = handle_confined,
	.unconfined = handle_unconfined,
};

static struct zwp_locked_pointer_v1 *lock(struct client *client, uint32_t lifetime) {
	struct zwp_locked_pointer_v1 *locked = zwp_pointer_constraints_v1_lock_pointer(
		client->constraints, client->surface, client->pointer, NULL, lifetime);
	zwp_locked_pointer_v1_add_listener(locked, &locked_listener, client);
	return locked;
}

static void begin(struct desk *desk, struct client *client) {
	desk_init(desk);
	client_init(client, desk);
	desk_add_place(desk, 600, 100, 100, 100)->target =
		(struct seat_target){.kind = SEAT_TARGET_SURFACE, .surface = client->wlr_surface};
	seat_focus_surface(desk->seat, client->wlr_surface);
	seat_remote_move_to(desk->seat, 610, 120);
	CHECK_CLIENT(client, "enter mods:0 penter:10,20 frame frame");
}

static void locked_pointer_stays_and_tells_motion(void) {
	struct desk desk;
	struct client client;
	begin(&desk, &client);
	struct wlr_pointer *mouse = desk_plug_pointer(&desk, NULL);
	struct zwp_locked_pointer_v1 *locked =
		lock(&client, ZWP_POINTER_CONSTRAINTS_V1_LIFETIME_PERSISTENT);
	CHECK_CLIENT(&client, "locked");
	desk_move(mouse, 3, 4, 1.5, 2);
	CHECK_CLIENT(&client, "relative:3,4/1.5,2 frame");
	seat_remote_move_to(desk.seat, 620, 120);
	CHECK_CLIENT(&client, "relative:10,0/10,0 frame");
	double x, y;
	seat_cursor_position(desk.seat, &x, &y);
	CHECK(x == 610 && y == 120);
	desk_button(mouse, BTN_LEFT, true);
	desk_button(mouse, BTN_LEFT, false);
	CHECK_CLIENT(&client, "button:272+ frame button:272- frame");
	/* The client says where the cursor should be afterwards. */
	zwp_locked_pointer_v1_set_cursor_position_hint(
		locked, wl_fixed_from_int(50), wl_fixed_from_int(60));
	wl_surface_commit(client.surface);
	desk_settle(&desk);
	zwp_locked_pointer_v1_destroy(locked);
	desk_settle(&desk);
	seat_cursor_position(desk.seat, &x, &y);
	CHECK(x == 650 && y == 160);
	desk_move(mouse, 1, 0, 1, 0);
	CHECK_CLIENT(&client, "relative:1,0/1,0 motion:51,60 frame");
	desk_unplug_pointer(mouse);
	client_finish(&client);
	desk_finish(&desk);
}

static void user_takes_the_pointer_back(void) {
	struct desk desk;
	struct client client;
	begin(&desk, &client);
	struct zwp_locked_pointer_v1 *locked =
		lock(&client, ZWP_POINTER_CONSTRAINTS_V1_LIFETIME_PERSISTENT);
	CHECK_CLIENT(&client, "locked");
	seat_remote_key(desk.seat, KEY_LEFTMETA, true);
	desk_tap(&desk, KEY_ESC);
	seat_remote_key(desk.seat, KEY_LEFTMETA, false);
	CHECK_CLIENT(&client, "key:125+ mods:64 unlocked key:125- mods:0");
	/* Until it comes back. */
	seat_remote_move_by(desk.seat, 1, 0);
	CHECK_CLIENT(&client, "relative:1,0/1,0 motion:11,20 frame");
	seat_remote_move_to(desk.seat, 10, 10);
	seat_remote_move_to(desk.seat, 610, 120);
	desk_settle(&desk);
	CHECK(strstr(client.record.text, "pleave") && strstr(client.record.text, "locked"));
	client.record.text[0] = '\0';
	/* The focus goes. */
	seat_focus_surface(desk.seat, NULL);
	CHECK_CLIENT(&client, "leave unlocked");
	seat_focus_surface(desk.seat, client.wlr_surface);
	CHECK_CLIENT(&client, "enter mods:0 locked");
	/* The surface goes, with the pointer locked to it. */
	client_destroy_surface(&client);
	desk.place_count = 0;
	seat_remote_move_by(desk.seat, 1, 0);
	double x, y;
	seat_cursor_position(desk.seat, &x, &y);
	CHECK(x == 611 && y == 120);
	zwp_locked_pointer_v1_destroy(locked);
	client_finish(&client);
	desk_finish(&desk);
}

static void oneshot_locks_once(void) {
	struct desk desk;
	struct client client;
	begin(&desk, &client);
	struct zwp_locked_pointer_v1 *locked =
		lock(&client, ZWP_POINTER_CONSTRAINTS_V1_LIFETIME_ONESHOT);
	CHECK_CLIENT(&client, "locked");
	seat_release_pointer(desk.seat);
	CHECK_CLIENT(&client, "unlocked");
	seat_focus_surface(desk.seat, NULL);
	seat_focus_surface(desk.seat, client.wlr_surface);
	CHECK_CLIENT(&client, "leave enter mods:0");
	zwp_locked_pointer_v1_destroy(locked);
	client_finish(&client);
	desk_finish(&desk);
}

static void confined_pointer_stays_within(void) {
	struct desk desk;
	struct client client;
	begin(&desk, &client);
	struct wl_region *region = wl_compositor_create_region(client.compositor);
	wl_region_add(region, 0, 0, 30, 30);
	struct zwp_confined_pointer_v1 *confined =
		zwp_pointer_constraints_v1_confine_pointer(client.constraints, client.surface,
			client.pointer, region, ZWP_POINTER_CONSTRAINTS_V1_LIFETIME_PERSISTENT);
	zwp_confined_pointer_v1_add_listener(confined, &confined_listener, &client);
	wl_region_destroy(region);
	wl_surface_commit(client.surface);
	desk_settle(&desk);
	CHECK_CLIENT(&client, "confined");
	seat_remote_move_by(desk.seat, 5, 0);
	CHECK_CLIENT(&client, "relative:5,0/5,0 motion:15,20 frame");
	seat_remote_move_by(desk.seat, 500, 5);
	seat_remote_move_to(desk.seat, 10, 10);
	double x, y;
	seat_cursor_position(desk.seat, &x, &y);
	CHECK(x >= 600 && x < 630 && y >= 100 && y < 130);
	desk_settle(&desk);
	CHECK(!strstr(client.record.text, "pleave"));
	client.record.text[0] = '\0';
	seat_release_pointer(desk.seat);
	seat_remote_move_to(desk.seat, 10, 10);
	desk_settle(&desk);
	CHECK(strstr(client.record.text, "unconfined") && strstr(client.record.text, "pleave"));
	zwp_confined_pointer_v1_destroy(confined);
	client_finish(&client);
	desk_finish(&desk);
}

static void unfocused_surfaces_cannot_lock(void) {
	struct desk desk;
	struct client client;
	begin(&desk, &client);
	seat_focus_surface(desk.seat, NULL);
	CHECK_CLIENT(&client, "leave");
	struct zwp_locked_pointer_v1 *locked =
		lock(&client, ZWP_POINTER_CONSTRAINTS_V1_LIFETIME_PERSISTENT);
	CHECK_CLIENT(&client, "");
	seat_remote_move_by(desk.seat, 1, 0);
	CHECK_CLIENT(&client, "relative:1,0/1,0 motion:11,20 frame");
	zwp_locked_pointer_v1_destroy(locked);
	client_finish(&client);
	desk_finish(&desk);
}

int main(int argc, char **argv) {
	static const struct test_case cases[] = {
		TEST_CASE(locked_pointer_stays_and_tells_motion),
		TEST_CASE(user_takes_the_pointer_back),
		TEST_CASE(oneshot_locks_once),
		TEST_CASE(confined_pointer_stays_within),
		TEST_CASE(unfocused_surfaces_cannot_lock),
	};
	return run_cases(cases, sizeof(cases) / sizeof(cases[0]), argc, argv);
}
