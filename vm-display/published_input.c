/* Input from a connection: org.qemu.Display1.Keyboard, Mouse and MultiTouch. */
#include "vm-display/frame.h"
#include "vm-display/publisher_private.h"

static int reply_invalid(sd_bus_message *message, const char *what) {
	return sd_bus_reply_method_error(
		message, &SD_BUS_ERROR_MAKE_CONST(SD_BUS_ERROR_INVALID_ARGS, what));
}

static int reply_unsupported(sd_bus_message *message) {
	return sd_bus_reply_method_errorf(
		message, SD_BUS_ERROR_NOT_SUPPORTED, "this console doesn't do that");
}

/* The object may be gone after a callback, so that each handler calls back last and answers then.
 */

static int handle_key(sd_bus_message *message, struct published_object *object, bool pressed) {
	const struct published_console *console = object->console;
	uint32_t qnum;
	int result = sd_bus_message_read(message, "u", &qnum);
	if (result < 0 || published_object_refuses(object, message, PUBLISHER_CONTROL)) {
		return result < 0 ? result : 1;
	}
	if (qnum >= PUBLISHER_KEYS) {
		return reply_invalid(message, "there is no such key");
	}
	object->keys[qnum] = pressed;
	console->impl->key(console->data, qnum, pressed);
	return sd_bus_reply_method_return(message, "");
}

static int handle_key_press(sd_bus_message *message, void *data, sd_bus_error *error) {
	return handle_key(message, data, true);
}

static int handle_key_release(sd_bus_message *message, void *data, sd_bus_error *error) {
	return handle_key(message, data, false);
}

static int get_modifiers(sd_bus *bus, const char *path, const char *interface, const char *property,
	sd_bus_message *reply, void *data, sd_bus_error *error) {
	struct published_object *object = data;
	return sd_bus_message_append(reply, "u", object->console->leds);
}

const sd_bus_vtable published_keyboard_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("Press", "u", "", handle_key_press, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("Release", "u", "", handle_key_release, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_PROPERTY("Modifiers", "u", get_modifiers, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
	SD_BUS_VTABLE_END,
};

static int handle_button(sd_bus_message *message, struct published_object *object, bool pressed) {
	const struct published_console *console = object->console;
	uint32_t button;
	int result = sd_bus_message_read(message, "u", &button);
	if (result < 0 || published_object_refuses(object, message, PUBLISHER_CONTROL)) {
		return result < 0 ? result : 1;
	}
	if (!console->impl->button) {
		return reply_unsupported(message);
	}
	if (button >= PUBLISHER_BUTTONS) {
		return reply_invalid(message, "there is no such button");
	}
	object->buttons[button] = pressed;
	console->impl->button(console->data, button, pressed);
	return sd_bus_reply_method_return(message, "");
}

static int handle_button_press(sd_bus_message *message, void *data, sd_bus_error *error) {
	return handle_button(message, data, true);
}

static int handle_button_release(sd_bus_message *message, void *data, sd_bus_error *error) {
	return handle_button(message, data, false);
}

static int handle_set_abs_position(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct published_object *object = data;
	const struct published_console *console = object->console;
	uint32_t x, y;
	int result = sd_bus_message_read(message, "uu", &x, &y);
	if (result < 0 || published_object_refuses(object, message, PUBLISHER_CONTROL)) {
		return result < 0 ? result : 1;
	}
	if (!console->impl->move_to || !console->mouse_absolute) {
		return reply_unsupported(message);
	}
	if (x >= console->width || y >= console->height) {
		return reply_invalid(message, "the position is outside of the console");
	}
	console->impl->move_to(console->data, x, y);
	return sd_bus_reply_method_return(message, "");
}

static int handle_rel_motion(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct published_object *object = data;
	const struct published_console *console = object->console;
	int dx, dy;
	int result = sd_bus_message_read(message, "ii", &dx, &dy);
	if (result < 0 || published_object_refuses(object, message, PUBLISHER_CONTROL)) {
		return result < 0 ? result : 1;
	}
	if (!console->impl->move_by || console->mouse_absolute) {
		return reply_unsupported(message);
	}
	if (dx < -FRAME_SIDE_MAX || dx > FRAME_SIDE_MAX || dy < -FRAME_SIDE_MAX ||
		dy > FRAME_SIDE_MAX) {
		return reply_invalid(message, "the motion is out of limits");
	}
	console->impl->move_by(console->data, dx, dy);
	return sd_bus_reply_method_return(message, "");
}

static int get_is_absolute(sd_bus *bus, const char *path, const char *interface,
	const char *property, sd_bus_message *reply, void *data, sd_bus_error *error) {
	struct published_object *object = data;
	return sd_bus_message_append(reply, "b", object->console->mouse_absolute);
}

const sd_bus_vtable published_mouse_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("Press", "u", "", handle_button_press, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("Release", "u", "", handle_button_release, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD(
		"SetAbsPosition", "uu", "", handle_set_abs_position, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("RelMotion", "ii", "", handle_rel_motion, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_PROPERTY("IsAbsolute", "b", get_is_absolute, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
	SD_BUS_VTABLE_END,
};

static bool is_inside(const struct published_console *console, double x, double y) {
	/* Not a number is on neither side. */
	return x >= 0 && y >= 0 && x < console->width && y < console->height;
}

static int handle_send_event(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct published_object *object = data;
	const struct published_console *console = object->console;
	uint32_t kind;
	uint64_t slot;
	double x, y;
	int result = sd_bus_message_read(message, "utdd", &kind, &slot, &x, &y);
	if (result < 0 || published_object_refuses(object, message, PUBLISHER_CONTROL)) {
		return result < 0 ? result : 1;
	}
	if (kind > CONSOLE_TOUCH_CANCEL || slot >= PUBLISHER_TOUCHES || !is_inside(console, x, y)) {
		return reply_invalid(message, "the touch is out of limits");
	}
	object->touches[slot] = kind == CONSOLE_TOUCH_BEGIN || kind == CONSOLE_TOUCH_UPDATE;
	console->impl->touch(console->data, kind, slot, x, y);
	return sd_bus_reply_method_return(message, "");
}

static int get_max_slots(sd_bus *bus, const char *path, const char *interface, const char *property,
	sd_bus_message *reply, void *data, sd_bus_error *error) {
	return sd_bus_message_append(reply, "i", PUBLISHER_TOUCHES);
}

const sd_bus_vtable published_touch_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("SendEvent", "utdd", "", handle_send_event, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_PROPERTY("MaxSlots", "i", get_max_slots, 0, SD_BUS_VTABLE_PROPERTY_CONST),
	SD_BUS_VTABLE_END,
};

void published_object_release(struct published_object *object) {
	const struct published_console *console = object->console;
	for (uint32_t key = 0; key < PUBLISHER_KEYS; key++) {
		if (object->keys[key]) {
			console->impl->key(console->data, key, false);
		}
	}
	for (uint32_t button = 0; button < PUBLISHER_BUTTONS; button++) {
		if (object->buttons[button]) {
			console->impl->button(console->data, button, false);
		}
	}
	for (uint32_t slot = 0; slot < PUBLISHER_TOUCHES; slot++) {
		if (object->touches[slot]) {
			console->impl->touch(console->data, CONSOLE_TOUCH_CANCEL, slot, 0, 0);
		}
	}
}
