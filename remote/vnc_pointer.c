#include "remote/vnc_pointer.h"

#include <stdbool.h>
#include <stddef.h>

#include "vm-display/display_client.h"

/* By the bits of RFB's mask; the wheel's horizontal ones, 5 and 6, have no counterpart. */
static const struct {
	unsigned int bit;
	enum console_button button;
} buttons_by_bit[] = {
	{0, CONSOLE_BUTTON_LEFT},
	{1, CONSOLE_BUTTON_MIDDLE},
	{2, CONSOLE_BUTTON_RIGHT},
	{3, CONSOLE_BUTTON_WHEEL_UP},
	{4, CONSOLE_BUTTON_WHEEL_DOWN},
	{7, CONSOLE_BUTTON_SIDE},
	{8, CONSOLE_BUTTON_EXTRA},
};

static void move(
	const struct vnc_pointer *pointer, struct console *console, uint32_t x, uint32_t y) {
	if (x == pointer->x && y == pointer->y) {
		return;
	}
	if (console->mouse_absolute) {
		console_move_to(console, x, y);
	} else {
		console_move_by(console, (int)x - (int)pointer->x, (int)y - (int)pointer->y);
	}
}

void vnc_pointer_update(struct vnc_pointer *pointer, struct console *console, unsigned int buttons,
	uint32_t x, uint32_t y) {
	if (console) {
		move(pointer, console, x, y);
	}
	unsigned int changed = buttons ^ pointer->buttons;
	for (size_t i = 0; console && i < sizeof(buttons_by_bit) / sizeof(buttons_by_bit[0]); i++) {
		unsigned int bit = 1u << buttons_by_bit[i].bit;
		if (changed & bit) {
			console_button(console, buttons_by_bit[i].button, buttons & bit);
		}
	}
	pointer->buttons = buttons;
	pointer->x = x;
	pointer->y = y;
}
