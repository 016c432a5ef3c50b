/* Input to a console. A peer that doesn't read fills the socket first and then the bus's queue:
 * from there on motion is coalesced, and presses beyond a limit are dropped; releases of what was
 * pressed are not, so that nothing stays held. */
#include "vm-display/display_client_private.h"

static bool has_room(struct console *console) {
	return display_client_queued(console->client) < DISPLAY_QUEUE_MAX;
}

static void send(struct console *console, const char *interface, const char *member,
	const char *types, ...) {
	sd_bus *bus = display_client_bus(console->client);
	sd_bus_message *message = NULL;
	if (!bus ||
		sd_bus_message_new_method_call(
			bus, &message, NULL, console->private->path, interface, member) < 0) {
		return;
	}
	va_list args;
	va_start(args, types);
	if (sd_bus_message_appendv(message, types, args) >= 0 &&
		sd_bus_message_set_expect_reply(message, false) >= 0) {
		sd_bus_send(bus, message, NULL);
	}
	va_end(args);
	sd_bus_message_unref(message);
}

void console_flush_motion(struct console *console) {
	struct console_private *private = console->private;
	if (private->has_position) {
		private->has_position = false;
		send(console, DISPLAY_MOUSE_INTERFACE, "SetAbsPosition", "uu", private->x,
			private->y);
	}
	if (private->has_motion) {
		private->has_motion = false;
		send(console, DISPLAY_MOUSE_INTERFACE, "RelMotion", "ii", private->dx, private->dy);
		private->dx = private->dy = 0;
	}
}

static void send_press(
	struct console *console, const char *interface, uint32_t code, bool pressed) {
	size_t limit = pressed ? DISPLAY_QUEUE_MAX : 2 * DISPLAY_QUEUE_MAX;
	if (display_client_queued(console->client) >= limit) {
		return;
	}
	/* A click happens where the pointer was led before it. */
	console_flush_motion(console);
	send(console, interface, pressed ? "Press" : "Release", "u", code);
}

void console_key(struct console *console, uint32_t qnum, bool pressed) {
	send_press(console, DISPLAY_KEYBOARD_INTERFACE, qnum, pressed);
}

void console_button(struct console *console, enum console_button button, bool pressed) {
	send_press(console, DISPLAY_MOUSE_INTERFACE, button, pressed);
}

void console_move_to(struct console *console, uint32_t x, uint32_t y) {
	struct console_private *private = console->private;
	private->has_position = true;
	private->x = x;
	private->y = y;
	if (display_client_queued(console->client) == 0) {
		console_flush_motion(console);
	}
}

void console_move_by(struct console *console, int dx, int dy) {
	struct console_private *private = console->private;
	private->has_motion = true;
	if (__builtin_add_overflow(private->dx, dx, &private->dx) ||
		__builtin_add_overflow(private->dy, dy, &private->dy)) {
		private->dx = private->dy = 0;
	}
	if (display_client_queued(console->client) == 0) {
		console_flush_motion(console);
	}
}

void console_touch(
	struct console *console, enum console_touch kind, uint64_t slot, double x, double y) {
	bool begins = kind == CONSOLE_TOUCH_BEGIN || kind == CONSOLE_TOUCH_UPDATE;
	if (!begins || has_room(console)) {
		send(console, DISPLAY_TOUCH_INTERFACE, "SendEvent", "utdd", (uint32_t)kind, slot, x,
			y);
	}
}

void console_set_ui_info(struct console *console, uint16_t width_mm, uint16_t height_mm,
	uint32_t width, uint32_t height) {
	if (has_room(console)) {
		send(console, DISPLAY_CONSOLE_INTERFACE, "SetUIInfo", "qqiiuu", width_mm, height_mm,
			0, 0, width, height);
	}
}

static int handle_sync(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct console *console = data;
	struct console_private *private = console->private;
	void (*done)(void *data, bool ok) = private->sync_done;
	display_client_note_answer(console->client);
	private->sync = sd_bus_slot_unref(private->sync);
	private->sync_done = NULL;
	done(private->sync_data, true);
	return 1;
}

/* The peer handles the calls of one object in order, so that the answer to the last one is an
 * answer to all. Its error is an answer too. */
void console_sync(struct console *console, void (*done)(void *data, bool ok), void *data) {
	struct console_private *private = console->private;
	sd_bus *bus = display_client_bus(console->client);
	console_flush_motion(console);
	private->sync = sd_bus_slot_unref(private->sync);
	private->sync_done = done;
	private->sync_data = data;
	if (!bus ||
		sd_bus_call_method_async(bus, &private->sync, NULL, private->path,
			DISPLAY_PROPERTIES_INTERFACE, "Get", handle_sync, console, "ss",
			DISPLAY_CONSOLE_INTERFACE, "Head") < 0) {
		private->sync_done = NULL;
		done(data, false);
	}
}
