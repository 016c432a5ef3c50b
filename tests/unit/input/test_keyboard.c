/* Where keys go: bindings, guests, Wayland clients; and where their releases go. */
#include <linux/input-event-codes.h>

#include "keys/combo.h"
#include "tests/unit/input/client.h"
#include "tests/unit/input/desk.h"

static void press(struct desk *desk, uint32_t key) {
	seat_remote_key(desk->seat, key, true);
}

static void release(struct desk *desk, uint32_t key) {
	seat_remote_key(desk->seat, key, false);
}

static void keys_go_to_the_focused_console(void) {
	struct desk desk;
	struct guest a, b;
	desk_init(&desk);
	guest_init(&a, &desk, true);
	guest_init(&b, &desk, true);
	desk_tap(&desk, KEY_A); /* nobody has the focus */
	seat_focus_console(desk.seat, a.console);
	desk_tap(&desk, KEY_B);
	desk_tap(&desk, KEY_RIGHTCTRL); /* 0xe0-prefixed */
	desk_tap(&desk, 0x2ff); /* QEMU has no such key */
	desk_tap(&desk, 0x300); /* nobody has */
	CHECK_GUEST(&a, "key:48+ key:48- key:157+ key:157-");
	CHECK_GUEST(&b, "");
	CHECK(desk.activity > 0);
	guest_finish(&b);
	guest_finish(&a);
	desk_finish(&desk);
}

static void bindings_come_first(void) {
	struct desk desk;
	struct guest guest;
	desk_init(&desk);
	guest_init(&guest, &desk, true);
	seat_focus_console(desk.seat, guest.console);
	press(&desk, KEY_LEFTMETA);
	desk_tap(&desk, KEY_1);
	CHECK_RECORD(&desk.actions, "0:1@none");
	press(&desk, KEY_LEFTSHIFT);
	desk_tap(&desk, KEY_E);
	CHECK_RECORD(&desk.actions, "5:@none");
	release(&desk, KEY_LEFTSHIFT);
	release(&desk, KEY_LEFTMETA);
	CHECK_GUEST(&guest, ""); /* not even the modifiers: it would open its menu */
	/* Caps Lock and another modifier more. */
	desk_tap(&desk, KEY_CAPSLOCK);
	press(&desk, KEY_LEFTMETA);
	desk_tap(&desk, KEY_G);
	CHECK_RECORD(&desk.actions, "3:grid@none");
	press(&desk, KEY_LEFTCTRL);
	desk_tap(&desk, KEY_G);
	CHECK_RECORD(&desk.actions, "");
	guest_finish(&guest);
	desk_finish(&desk);
}

static void guests_get_the_modifier_when_it_is_theirs(void) {
	struct desk desk;
	struct guest a, b;
	desk_init(&desk);
	guest_init(&a, &desk, true);
	guest_init(&b, &desk, true);
	desk_add_place(&desk, 0, 0, 400, 200)->target =
		(struct seat_target){.kind = SEAT_TARGET_CONSOLE, .console = a.console};
	seat_focus_console(desk.seat, a.console);
	desk_tap(&desk, KEY_LEFTMETA); /* for its menu */
	CHECK_GUEST(&a, "key:219+ key:219-");
	press(&desk, KEY_LEFTMETA);
	desk_tap(&desk, KEY_R);
	release(&desk, KEY_LEFTMETA);
	CHECK_GUEST(&a, "key:219+ key:19+ key:19- key:219-");
	press(&desk, KEY_LEFTMETA);
	press(&desk, KEY_LEFTSHIFT);
	desk_tap(&desk, KEY_S);
	release(&desk, KEY_LEFTSHIFT);
	release(&desk, KEY_LEFTMETA);
	CHECK_GUEST(&a, "key:219+ key:42+ key:31+ key:31- key:42- key:219-");
	/* A binding, and then something of its own, without letting go. */
	press(&desk, KEY_LEFTMETA);
	desk_tap(&desk, KEY_G);
	desk_tap(&desk, KEY_R);
	release(&desk, KEY_LEFTMETA);
	CHECK_GUEST(&a, "key:219+ key:19+ key:19- key:219-");
	/* With a button; with the focus elsewhere. */
	press(&desk, KEY_LEFTMETA);
	seat_remote_move_to(desk.seat, 10, 10);
	seat_remote_button(desk.seat, BTN_RIGHT, true);
	seat_remote_button(desk.seat, BTN_RIGHT, false);
	release(&desk, KEY_LEFTMETA);
	CHECK_GUEST(&a, "at:10,10 key:219+ button:2+ button:2- key:219-");
	press(&desk, KEY_LEFTMETA);
	seat_focus_console(desk.seat, b.console);
	desk_tap(&desk, KEY_R);
	release(&desk, KEY_LEFTMETA);
	CHECK_GUEST(&a, "");
	CHECK_GUEST(&b, "key:219+ key:19+ key:19- key:219-");
	press(&desk, KEY_LEFTMETA);
	seat_focus_surface(desk.seat, NULL);
	release(&desk, KEY_LEFTMETA);
	seat_focus_console(desk.seat, b.console);
	desk_tap(&desk, KEY_R);
	CHECK_GUEST(&b, "key:19+ key:19-");
	guest_finish(&b);
	guest_finish(&a);
	desk_finish(&desk);
}

static void release_of_a_binding_never_leaks(void) {
	struct desk desk;
	struct guest a, b;
	desk_init(&desk);
	guest_init(&a, &desk, true);
	guest_init(&b, &desk, true);
	seat_focus_console(desk.seat, a.console);
	press(&desk, KEY_LEFTMETA);
	press(&desk, KEY_2);
	CHECK_RECORD(&desk.actions, "0:2@none");
	seat_focus_console(desk.seat, b.console); /* as the compositor does for it */
	release(&desk, KEY_LEFTMETA);
	release(&desk, KEY_2);
	CHECK_GUEST(&a, "");
	CHECK_GUEST(&b, "");
	desk_tap(&desk, KEY_2);
	CHECK_GUEST(&b, "key:3+ key:3-");
	guest_finish(&b);
	guest_finish(&a);
	desk_finish(&desk);
}

static void held_keys_are_released_when_focus_goes(void) {
	struct desk desk;
	struct guest a, b;
	desk_init(&desk);
	guest_init(&a, &desk, true);
	guest_init(&b, &desk, true);
	seat_focus_console(desk.seat, a.console);
	press(&desk, KEY_LEFTCTRL);
	press(&desk, KEY_A);
	seat_focus_console(desk.seat, a.console); /* no change */
	CHECK_GUEST(&a, "key:29+ key:30+");
	seat_focus_console(desk.seat, b.console);
	CHECK_GUEST(&a, "key:29- key:30-");
	release(&desk, KEY_A);
	release(&desk, KEY_LEFTCTRL);
	CHECK_GUEST(&b, "");
	seat_focus_console(desk.seat, a.console);
	press(&desk, KEY_A);
	seat_focus_surface(desk.seat, NULL);
	release(&desk, KEY_A);
	CHECK_GUEST(&a, "key:30+ key:30-");
	/* A console that goes away isn't told. */
	seat_focus_console(desk.seat, b.console);
	press(&desk, KEY_A);
	CHECK_GUEST(&b, "key:30+");
	seat_forget_console(desk.seat, b.console);
	release(&desk, KEY_A);
	CHECK_GUEST(&b, "");
	guest_finish(&b);
	guest_finish(&a);
	desk_finish(&desk);
}

static void several_keyboards_are_one(void) {
	struct desk desk;
	struct guest guest;
	desk_init(&desk);
	guest_init(&guest, &desk, true);
	struct wlr_keyboard *one = desk_plug_keyboard(&desk), *two = desk_plug_keyboard(&desk);
	seat_focus_console(desk.seat, guest.console);
	desk_key(one, KEY_A, true);
	desk_key(two, KEY_A, true);
	press(&desk, KEY_A);
	press(&desk, KEY_A); /* a viewer's own repeat */
	desk_key(one, KEY_A, false);
	release(&desk, KEY_A);
	release(&desk, KEY_A);
	CHECK_GUEST(&guest, "key:30+");
	desk_key(two, KEY_A, false);
	CHECK_GUEST(&guest, "key:30-");
	/* Modifiers of one count for the other, and a keyboard that is unplugged lets go. */
	desk_key(one, KEY_LEFTMETA, true);
	desk_key(two, KEY_G, true);
	desk_key(two, KEY_G, false);
	CHECK_RECORD(&desk.actions, "3:grid@none");
	desk_unplug_keyboard(one);
	CHECK_GUEST(&guest, "");
	desk_key(two, KEY_G, true);
	CHECK_GUEST(&guest, "key:34+");
	CHECK_RECORD(&desk.actions, "");
	desk_unplug_keyboard(two);
	CHECK_GUEST(&guest, "key:34-");
	guest_finish(&guest);
	desk_finish(&desk);
}

static void clients_get_keys_and_modifiers(void) {
	struct desk desk;
	struct client client;
	desk_init(&desk);
	client_init(&client, &desk);
	CHECK(client.capabilities == (WL_SEAT_CAPABILITY_KEYBOARD | WL_SEAT_CAPABILITY_POINTER));
	seat_focus_surface(desk.seat, client.wlr_surface);
	CHECK_CLIENT(&client, "enter mods:0");
	press(&desk, KEY_LEFTSHIFT);
	desk_tap(&desk, KEY_A);
	release(&desk, KEY_LEFTSHIFT);
	CHECK_CLIENT(&client, "key:42+ mods:1 key:30+ key:30- key:42- mods:0");
	press(&desk, KEY_LEFTMETA);
	desk_tap(&desk, KEY_G);
	release(&desk, KEY_LEFTMETA);
	CHECK_CLIENT(&client, "key:125+ mods:64 key:125- mods:0");
	CHECK_RECORD(&desk.actions, "3:grid@none");
	seat_focus_surface(desk.seat, NULL);
	desk_tap(&desk, KEY_A);
	CHECK_CLIENT(&client, "leave");
	client_finish(&client);
	desk_finish(&desk);
}

static void focus_crosses_between_guest_and_client(void) {
	struct desk desk;
	struct guest guest;
	struct client client;
	desk_init(&desk);
	guest_init(&guest, &desk, true);
	client_init(&client, &desk);
	seat_focus_console(desk.seat, guest.console);
	press(&desk, KEY_LEFTSHIFT);
	press(&desk, KEY_A);
	seat_focus_surface(desk.seat, client.wlr_surface);
	CHECK_GUEST(&guest, "key:42+ key:30+ key:30- key:42-");
	CHECK_CLIENT(&client, "enter held:42 held:30 mods:1");
	release(&desk, KEY_A);
	CHECK_CLIENT(&client, "key:30-");
	seat_focus_console(desk.seat, guest.console);
	release(&desk, KEY_LEFTSHIFT);
	CHECK_CLIENT(&client, "leave");
	CHECK_GUEST(&guest, "");
	/* What a binding took is not held for the next one either. */
	press(&desk, KEY_LEFTMETA);
	press(&desk, KEY_1);
	seat_focus_surface(desk.seat, client.wlr_surface);
	CHECK_CLIENT(&client, "enter held:125 mods:64");
	release(&desk, KEY_1);
	release(&desk, KEY_LEFTMETA);
	CHECK_CLIENT(&client, "key:125- mods:0");
	/* A surface that has the focus vanishes. */
	client_destroy_surface(&client);
	desk_tap(&desk, KEY_A);
	seat_focus_console(desk.seat, guest.console);
	guest.record.text[0] = '\0';
	desk_tap(&desk, KEY_A);
	CHECK_GUEST(&guest, "key:30+ key:30-");
	client_finish(&client);
	guest_finish(&guest);
	desk_finish(&desk);
}

static void lock_shuts_everybody_else_out(void) {
	struct desk desk;
	struct guest guest;
	struct client locker, other;
	desk_init(&desk);
	guest_init(&guest, &desk, true);
	client_init(&other, &desk);
	client_init(&locker, &desk);
	seat_focus_console(desk.seat, guest.console);
	press(&desk, KEY_A);
	seat_set_exclusive(desk.seat, locker.server_side);
	release(&desk, KEY_A);
	CHECK_GUEST(&guest, "key:30+ key:30-");
	seat_focus_console(desk.seat, guest.console);
	seat_focus_surface(desk.seat, other.wlr_surface);
	desk_tap(&desk, KEY_B);
	CHECK_GUEST(&guest, "");
	CHECK_CLIENT(&locker, "");
	seat_focus_surface(desk.seat, locker.wlr_surface);
	press(&desk, KEY_LEFTMETA);
	desk_tap(&desk, KEY_G);
	release(&desk, KEY_LEFTMETA);
	CHECK_RECORD(&desk.actions, "");
	CHECK_CLIENT(&locker, "enter mods:0 key:125+ mods:64 key:34+ key:34- key:125- mods:0");
	/* The lock outlives its client. */
	client_finish(&locker);
	desk.client = &other;
	seat_focus_surface(desk.seat, other.wlr_surface);
	seat_focus_console(desk.seat, guest.console);
	desk_tap(&desk, KEY_B);
	CHECK_CLIENT(&other, "");
	CHECK_GUEST(&guest, "");
	seat_set_exclusive(desk.seat, NULL);
	seat_focus_console(desk.seat, guest.console);
	desk_tap(&desk, KEY_B);
	CHECK_GUEST(&guest, "key:48+ key:48-");
	client_finish(&other);
	guest_finish(&guest);
	desk_finish(&desk);
}

static void consoles_switch_needs_a_session(void) {
	struct desk desk;
	struct guest guest;
	desk_init(&desk);
	guest_init(&guest, &desk, true);
	seat_focus_console(desk.seat, guest.console);
	press(&desk, KEY_LEFTCTRL);
	press(&desk, KEY_LEFTALT);
	desk_tap(&desk, KEY_F3);
	CHECK(desk.vt == 3);
	CHECK_GUEST(&guest, "key:29+ key:56+ key:61+ key:61-");
	desk.has_session = true;
	desk_tap(&desk, KEY_F2);
	CHECK(desk.vt == 2);
	CHECK_GUEST(&guest, "");
	guest_finish(&guest);
	desk_finish(&desk);
}

static void combinations_are_sent(void) {
	struct desk desk;
	struct guest guest;
	struct client client;
	const char *error;
	desk_init(&desk);
	CHECK(binding_list_set(
		&desk.bindings, "super+Delete", "send-keys ctrl+alt+Delete", COMBO_SUPER, &error));
	guest_init(&guest, &desk, true);
	client_init(&client, &desk);
	seat_focus_console(desk.seat, guest.console);
	press(&desk, KEY_LEFTMETA);
	desk_tap(&desk, KEY_DELETE);
	release(&desk, KEY_LEFTMETA);
	CHECK_GUEST(&guest, "key:29+ key:56+ key:211+ key:211- key:56- key:29-");
	seat_focus_surface(desk.seat, client.wlr_surface);
	press(&desk, KEY_LEFTMETA);
	client.record.text[0] = '\0';
	desk_settle(&desk);
	client.record.text[0] = '\0';
	desk_tap(&desk, KEY_DELETE);
	CHECK_CLIENT(&client, "mods:12 key:111+ key:111- mods:64");
	CHECK_RECORD(&desk.actions, "");
	client_finish(&client);
	guest_finish(&guest);
	desk_finish(&desk);
}

static void held_keys_repeat_in_guests_only_while_held(void) {
	struct desk desk;
	struct guest guest;
	desk_init(&desk);
	guest_init(&guest, &desk, true);
	desk.config.repeat_rate = 100;
	desk.config.repeat_delay = 20;
	seat_configure(desk.seat, &desk.config);
	seat_focus_console(desk.seat, guest.console);
	struct wl_event_loop *loop = wl_display_get_event_loop(desk.display);
	press(&desk, KEY_A);
	for (int i = 0; i < 3; i++) {
		CHECK(wl_event_loop_dispatch(loop, 60 * 1000) == 0); /* the timer */
	}
	seat_focus_surface(desk.seat, NULL);
	sd_event_run(desk.event, 0);
	desk_settle(&desk);
	CHECK(strncmp(guest.record.text, "key:30+ key:30+ key:30+ key:30+", 31) == 0);
	CHECK(strcmp(guest.record.text + strlen(guest.record.text) - 7, "key:30-") == 0);
	guest.record.text[0] = '\0';
	/* Modifiers don't repeat, and nothing does once it is released. */
	seat_focus_console(desk.seat, guest.console);
	press(&desk, KEY_LEFTCTRL);
	desk_tap(&desk, KEY_B);
	desk_settle(&desk);
	desk_settle(&desk);
	CHECK_GUEST(&guest, "key:29+ key:48+ key:48-");
	guest_finish(&guest);
	desk_finish(&desk);
}

static void lights_follow_the_focus(void) {
	struct desk desk;
	struct guest guest;
	desk_init(&desk);
	guest_init(&guest, &desk, true);
	struct wlr_keyboard *keyboard = desk_plug_keyboard(&desk);
	desk_key(keyboard, KEY_CAPSLOCK, true);
	desk_key(keyboard, KEY_CAPSLOCK, false);
	CHECK(keyboard->leds == WLR_LED_CAPS_LOCK);
	seat_focus_console(desk.seat, guest.console);
	CHECK(keyboard->leds == 0);
	published_console_set_leds(guest.published, 2);
	desk_settle(&desk);
	CHECK(keyboard->leds == WLR_LED_NUM_LOCK);
	seat_focus_surface(desk.seat, NULL);
	CHECK(keyboard->leds == WLR_LED_CAPS_LOCK);
	desk_unplug_keyboard(keyboard);
	guest_finish(&guest);
	desk_finish(&desk);
}

static void another_layout_is_taken_up(void) {
	struct desk desk;
	struct client client;
	desk_init(&desk);
	client_init(&client, &desk);
	desk.config.xkb_layout = "fr";
	seat_configure(desk.seat, &desk.config);
	desk_settle(&desk);
	CHECK(client.keymaps == 2);
	press(&desk, KEY_LEFTMETA);
	desk_tap(&desk, KEY_A); /* q there */
	desk_tap(&desk, KEY_1); /* a digit with Shift only */
	CHECK_RECORD(&desk.actions, "4:@none 0:1@none");
	desk.config.xkb_layout = "nosuchlayout";
	seat_configure(desk.seat, &desk.config);
	desk_tap(&desk, KEY_Q);
	CHECK_RECORD(&desk.actions, "4:@none");
	client_finish(&client);
	desk_finish(&desk);
}

int main(int argc, char **argv) {
	static const struct test_case cases[] = {
		TEST_CASE(keys_go_to_the_focused_console),
		TEST_CASE(bindings_come_first),
		TEST_CASE(guests_get_the_modifier_when_it_is_theirs),
		TEST_CASE(release_of_a_binding_never_leaks),
		TEST_CASE(held_keys_are_released_when_focus_goes),
		TEST_CASE(several_keyboards_are_one),
		TEST_CASE(clients_get_keys_and_modifiers),
		TEST_CASE(focus_crosses_between_guest_and_client),
		TEST_CASE(lock_shuts_everybody_else_out),
		TEST_CASE(consoles_switch_needs_a_session),
		TEST_CASE(combinations_are_sent),
		TEST_CASE(held_keys_repeat_in_guests_only_while_held),
		TEST_CASE(lights_follow_the_focus),
		TEST_CASE(another_layout_is_taken_up),
	};
	return run_cases(cases, sizeof(cases) / sizeof(cases[0]), argc, argv);
}
