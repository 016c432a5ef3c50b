#include <linux/input-event-codes.h>
#include <string.h>
#include <wlr/types/wlr_seat.h>

#include "input/keyboard.h"
#include "input/pointer_private.h"

static bool to_console_button(uint32_t code, enum console_button *button) {
	static const struct {
		uint32_t code;
		enum console_button button;
	} buttons[] = {
		{BTN_LEFT, CONSOLE_BUTTON_LEFT},
		{BTN_MIDDLE, CONSOLE_BUTTON_MIDDLE},
		{BTN_RIGHT, CONSOLE_BUTTON_RIGHT},
		{BTN_SIDE, CONSOLE_BUTTON_SIDE},
		{BTN_BACK, CONSOLE_BUTTON_SIDE},
		{BTN_EXTRA, CONSOLE_BUTTON_EXTRA},
		{BTN_FORWARD, CONSOLE_BUTTON_EXTRA},
	};
	for (size_t i = 0; i < sizeof(buttons) / sizeof(buttons[0]); i++) {
		if (buttons[i].code == code) {
			*button = buttons[i].button;
			return true;
		}
	}
	return false;
}

static void send_to_console(struct console *console, uint32_t code, bool pressed) {
	enum console_button button;
	if (to_console_button(code, &button)) {
		console_button(console, button, pressed);
	}
}

static void send(struct pointer *pointer, uint32_t time, uint32_t code, bool pressed) {
	switch (pointer->buttons.owner) {
	case POINTER_OWNER_SURFACE:
		/* Without a focus, too: wlr_seat counts. */
		wlr_seat_pointer_notify_button(pointer->seat->wlr, time, code,
			pressed ? WL_POINTER_BUTTON_STATE_PRESSED
				: WL_POINTER_BUTTON_STATE_RELEASED);
		break;
	case POINTER_OWNER_CONSOLE:
		keyboard_flush(pointer->seat->keyboard, pointer->target.console);
		send_to_console(pointer->target.console, code, pressed);
		break;
	default:
		break;
	}
}

/* A press beside a popup closes it; where the press goes to a client, wlr_seat sees to that. */
static void close_popups(struct pointer *pointer) {
	struct wlr_seat *wlr = pointer->seat->wlr;
	if (wlr_seat_pointer_has_grab(wlr) && !wlr->drag) {
		wlr_seat_pointer_end_grab(wlr);
	}
}

static enum pointer_owner press_console(struct pointer *pointer, struct console *console) {
	if (console->mouse_absolute) {
		return POINTER_OWNER_CONSOLE;
	}
	if (console->has_mouse) {
		pointer_lock(pointer, console);
	}
	return POINTER_OWNER_COMPOSITOR; /* the click that locks is nothing else */
}

/* The first button: asks the compositor, and settles who has the pointer until all are up. */
static enum pointer_owner press_first(struct pointer *pointer, uint32_t time, uint32_t code) {
	struct seat *seat = pointer->seat;
	if (pointer->lock.console) {
		return POINTER_OWNER_CONSOLE;
	}
	if (pointer->grabbed) {
		return POINTER_OWNER_COMPOSITOR;
	}
	struct seat_target asked = seat_target_at(seat, pointer->lx, pointer->ly);
	pointer_set_target(pointer, &asked);
	pointer_deliver(pointer, time);
	enum seat_button_result result =
		seat->impl->button(seat->data, &asked, code, keyboard_modifiers(seat->keyboard));
	if (asked.kind != SEAT_TARGET_SURFACE) {
		close_popups(pointer);
	}
	if (result == SEAT_BUTTON_TAKEN || pointer->grabbed) {
		return POINTER_OWNER_COMPOSITOR;
	}
	/* What was asked about may be gone or elsewhere by now. */
	switch (pointer->target.kind) {
	case SEAT_TARGET_SURFACE:
		return asked.kind == SEAT_TARGET_SURFACE && asked.surface == pointer->target.surface
			? POINTER_OWNER_SURFACE
			: POINTER_OWNER_COMPOSITOR;
	case SEAT_TARGET_CONSOLE:
		return asked.kind == SEAT_TARGET_CONSOLE && asked.console == pointer->target.console
			? press_console(pointer, asked.console)
			: POINTER_OWNER_COMPOSITOR;
	default:
		return POINTER_OWNER_COMPOSITOR;
	}
}

static void press(struct pointer *pointer, uint32_t time, uint32_t code) {
	struct pointer_buttons *buttons = &pointer->buttons;
	for (unsigned int i = 0; i < buttons->count; i++) {
		if (buttons->down[i].code == code) {
			buttons->down[i].holders++;
			return;
		}
	}
	if (buttons->count == POINTER_BUTTONS_MAX) {
		return;
	}
	buttons->down[buttons->count].code = code;
	buttons->down[buttons->count].holders = 1;
	buttons->count++;
	if (buttons->count == 1) {
		buttons->owner = POINTER_OWNER_COMPOSITOR; /* while it is being asked */
		buttons->owner = press_first(pointer, time, code);
	}
	send(pointer, time, code, true);
}

static void release(struct pointer *pointer, uint32_t time, uint32_t code) {
	struct pointer_buttons *buttons = &pointer->buttons;
	unsigned int i = 0;
	while (i < buttons->count && buttons->down[i].code != code) {
		i++;
	}
	if (i == buttons->count || --buttons->down[i].holders > 0) {
		return;
	}
	buttons->down[i] = buttons->down[--buttons->count];
	send(pointer, time, code, false);
	if (buttons->count > 0) {
		return;
	}
	buttons->owner = POINTER_OWNER_NONE;
	pointer_end_grab(pointer);
	pointer_refocus(pointer, time);
}

void pointer_button(struct pointer *pointer, uint32_t time, uint32_t button, bool pressed) {
	(pressed ? press : release)(pointer, time, button);
}

void pointer_release_in_console(struct pointer *pointer) {
	struct pointer_buttons *buttons = &pointer->buttons;
	for (unsigned int i = 0; i < buttons->count; i++) {
		send_to_console(pointer->target.console, buttons->down[i].code, false);
	}
	buttons->owner = POINTER_OWNER_COMPOSITOR;
}

void pointer_drop_buttons(struct pointer *pointer) {
	struct pointer_buttons *buttons = &pointer->buttons;
	pointer_end_grab(pointer);
	pointer_unlock(pointer);
	if (buttons->owner == POINTER_OWNER_CONSOLE) {
		pointer_release_in_console(pointer);
	} else if (buttons->owner == POINTER_OWNER_SURFACE) {
		for (unsigned int i = 0; i < buttons->count; i++) {
			send(pointer, seat_now(), buttons->down[i].code, false);
		}
		wlr_seat_pointer_notify_frame(pointer->seat->wlr);
		buttons->owner = POINTER_OWNER_COMPOSITOR;
	}
}
