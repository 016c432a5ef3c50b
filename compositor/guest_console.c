#include "compositor/guest_console.h"

#include <stdlib.h>

#include "compositor/guests.h"
#include "util/mem.h"

static void handle_key(void *data, uint32_t qnum, bool pressed) {
	struct guest_console *console = data;
	console_key(console->console, qnum, pressed);
}

static void handle_button(void *data, enum console_button button, bool pressed) {
	struct guest_console *console = data;
	console_button(console->console, button, pressed);
}

static void handle_move_to(void *data, uint32_t x, uint32_t y) {
	struct guest_console *console = data;
	console_move_to(console->console, x, y);
}

static void handle_move_by(void *data, int dx, int dy) {
	struct guest_console *console = data;
	console_move_by(console->console, dx, dy);
}

static void handle_touch(void *data, enum console_touch kind, uint64_t slot, double x, double y) {
	struct guest_console *console = data;
	console_touch(console->console, kind, slot, x, y);
}

static void handle_set_ui_info(
	void *data, uint16_t width_mm, uint16_t height_mm, uint32_t width, uint32_t height) {
	struct guest_console *console = data;
	console->resized = true;
	console_set_ui_info(console->console, width_mm, height_mm, width, height);
}

static void handle_listening(void *data, bool anybody) {
	struct guest_console *console = data;
	console->listened = anybody;
	guests_update_listening(console->guest, console->console);
	if (!anybody && console->resized) {
		console->resized = false;
		guests_renew_size(console->guest, console->console);
	}
}

static const struct published_console_impl published_impl = {
	.key = handle_key,
	.button = handle_button,
	.move_to = handle_move_to,
	.move_by = handle_move_by,
	.touch = handle_touch,
	.set_ui_info = handle_set_ui_info,
	.listening = handle_listening,
};

void guest_console_publish(struct guest_console *console) {
	struct published_console_info info = {
		.id = console->head,
		.label = console->console->label,
		.head = console->console->head,
		.mouse_absolute = console->console->mouse_absolute,
	};
	console->published = publisher_add_console(console->guest->publisher, &info,
		&console->console->screen, &published_impl, console);
}

struct guest_console *guest_console_create(
	struct managed_guest *guest, struct console *console, unsigned int head) {
	struct guest_console *published = xcalloc(1, sizeof(*published));
	published->guest = guest;
	published->console = console;
	published->head = head;
	console->data = published;
	wl_list_insert(guest->consoles.prev, &published->link);
	if (guest->publisher) {
		guest_console_publish(published);
	}
	return published;
}

void guest_console_destroy(struct guest_console *console) {
	publisher_remove_console(console->published);
	console->console->data = NULL;
	wl_list_remove(&console->link);
	free(console);
}

void guest_console_changed(struct console *console) {
	struct guest_console *published = console->data;
	if (published && published->published) {
		published_console_set_mouse_absolute(published->published, console->mouse_absolute);
		published_console_set_leds(published->published, console->leds);
	}
}
