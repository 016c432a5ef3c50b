#include "remote/spice_input.h"

#include <stddef.h>

#include "util/log.h"
#include "vm-display/display_client.h"
#include "vm-display/frame.h"

#define RELEASED 0x80
#define GREY 0x80 /* in a qnum: the key comes after 0xe0 */
#define QNUM_PAUSE 0xc6

static const struct {
	uint32_t mask;
	enum console_button button;
} buttons_by_mask[] = {
	{SPICE_INPUT_LEFT, CONSOLE_BUTTON_LEFT},
	{SPICE_INPUT_RIGHT, CONSOLE_BUTTON_RIGHT},
	{SPICE_INPUT_MIDDLE, CONSOLE_BUTTON_MIDDLE},
	{SPICE_INPUT_SIDE, CONSOLE_BUTTON_SIDE},
	{SPICE_INPUT_EXTRA, CONSOLE_BUTTON_EXTRA},
};

/* Keyboard */

/* The only key with 0xe1: e1 1d 45, and e1 9d c5 when released. */
static uint32_t decode_pause(struct spice_input *input, uint8_t byte, bool *pressed) {
	uint8_t key = byte & ~RELEASED;
	input->pause_bytes++;
	if (key == (input->pause_bytes == 1 ? 0x1d : 0x45)) {
		if (input->pause_bytes == 1) {
			return 0;
		}
		input->prefix = 0;
		*pressed = !(byte & RELEASED);
		return QNUM_PAUSE;
	}
	input->prefix = 0;
	return 0;
}

uint32_t spice_input_decode(struct spice_input *input, uint8_t byte, bool *pressed) {
	if (byte == 0xe0 || byte == 0xe1) {
		input->prefix = byte;
		input->pause_bytes = 0;
		return 0;
	}
	if (input->prefix == 0xe1) {
		return decode_pause(input, byte, pressed);
	}
	uint32_t qnum = byte & ~RELEASED;
	*pressed = !(byte & RELEASED);
	/* Some keyboards wrap grey keys in shifts that nobody pressed. */
	bool fake = input->prefix == 0xe0 && (qnum == 0x2a || qnum == 0x36);
	qnum |= input->prefix == 0xe0 ? GREY : 0;
	input->prefix = 0;
	return fake || qnum == GREY ? 0 : qnum;
}

static void keyboard_push(SpiceKbdInstance *keyboard, uint8_t byte) {
	struct spice_input *input =
		(struct spice_input *)((char *)keyboard - offsetof(struct spice_input, keyboard));
	bool pressed;
	uint32_t qnum = spice_input_decode(input, byte, &pressed);
	if (qnum && input->console && !input->view_only) {
		console_key(input->console, qnum, pressed);
	}
}

static uint8_t keyboard_leds(SpiceKbdInstance *keyboard) {
	struct spice_input *input =
		(struct spice_input *)((char *)keyboard - offsetof(struct spice_input, keyboard));
	return input->leds; /* SPICE and Display1 number them alike */
}

static const SpiceKbdInterface keyboard_interface = {
	.base.type = SPICE_INTERFACE_KEYBOARD,
	.base.description = "mullion",
	.base.major_version = SPICE_INTERFACE_KEYBOARD_MAJOR,
	.base.minor_version = SPICE_INTERFACE_KEYBOARD_MINOR,
	.push_scan_freg = keyboard_push,
	.get_leds = keyboard_leds,
};

/* Pointer */

/* What clients point at; NULL if they may not, or there is nothing. */
static struct console *pointed(const struct spice_input *input) {
	return input->view_only ? NULL : input->console;
}

static void set_buttons(struct spice_input *input, struct console *console, uint32_t buttons) {
	uint32_t changed = input->buttons ^ buttons;
	for (size_t i = 0; i < sizeof(buttons_by_mask) / sizeof(buttons_by_mask[0]); i++) {
		if (console && changed & buttons_by_mask[i].mask) {
			console_button(console, buttons_by_mask[i].button,
				buttons & buttons_by_mask[i].mask);
		}
	}
	input->buttons = buttons;
}

static void turn_wheel(struct console *console, int steps) {
	enum console_button button =
		steps < 0 ? CONSOLE_BUTTON_WHEEL_UP : CONSOLE_BUTTON_WHEEL_DOWN;
	if (steps != 0 && console) {
		console_button(console, button, true);
		console_button(console, button, false);
	}
}

static void move_to(struct console *console, uint32_t x, uint32_t y) {
	const struct frame *frame = console ? console->screen.frame : NULL;
	if (frame && x < frame->width && y < frame->height) {
		console_move_to(console, x, y);
	}
}

void spice_input_point(struct spice_input *input, struct console *console, uint32_t x, uint32_t y,
	uint32_t buttons, int wheel) {
	console = input->view_only ? NULL : console;
	if (console != input->pointed || x != input->x || y != input->y) {
		move_to(console, x, y);
	}
	input->pointed = console;
	input->x = x;
	input->y = y;
	set_buttons(input, console, buttons);
	turn_wheel(console, wheel);
}

static struct spice_input *input_of_mouse(SpiceMouseInstance *mouse) {
	return (struct spice_input *)((char *)mouse - offsetof(struct spice_input, mouse));
}

static void mouse_motion(SpiceMouseInstance *mouse, int dx, int dy, int dz, uint32_t buttons) {
	struct spice_input *input = input_of_mouse(mouse);
	if ((dx != 0 || dy != 0) && pointed(input)) {
		console_move_by(pointed(input), dx, dy);
	}
	set_buttons(input, pointed(input), buttons);
	turn_wheel(pointed(input), dz);
}

static void mouse_buttons(SpiceMouseInstance *mouse, uint32_t buttons) {
	struct spice_input *input = input_of_mouse(mouse);
	set_buttons(input, pointed(input), buttons);
}

static const SpiceMouseInterface mouse_interface = {
	.base.type = SPICE_INTERFACE_MOUSE,
	.base.description = "mullion",
	.base.major_version = SPICE_INTERFACE_MOUSE_MAJOR,
	.base.minor_version = SPICE_INTERFACE_MOUSE_MINOR,
	.motion = mouse_motion,
	.buttons = mouse_buttons,
};

static struct spice_input *input_of_tablet(SpiceTabletInstance *tablet) {
	return (struct spice_input *)((char *)tablet - offsetof(struct spice_input, tablet));
}

static void tablet_size(SpiceTabletInstance *tablet, int width, int height) {
	/* positions are in px already */
}

static void tablet_position(SpiceTabletInstance *tablet, int x, int y, uint32_t buttons) {
	struct spice_input *input = input_of_tablet(tablet);
	if (x >= 0 && y >= 0) {
		move_to(pointed(input), x, y);
	}
	set_buttons(input, pointed(input), buttons);
}

static void tablet_wheel(SpiceTabletInstance *tablet, int steps, uint32_t buttons) {
	struct spice_input *input = input_of_tablet(tablet);
	turn_wheel(pointed(input), steps);
	set_buttons(input, pointed(input), buttons);
}

static void tablet_buttons(SpiceTabletInstance *tablet, uint32_t buttons) {
	struct spice_input *input = input_of_tablet(tablet);
	set_buttons(input, pointed(input), buttons);
}

static const SpiceTabletInterface tablet_interface = {
	.base.type = SPICE_INTERFACE_TABLET,
	.base.description = "mullion",
	.base.major_version = SPICE_INTERFACE_TABLET_MAJOR,
	.base.minor_version = SPICE_INTERFACE_TABLET_MINOR,
	.set_logical_size = tablet_size,
	.position = tablet_position,
	.wheel = tablet_wheel,
	.buttons = tablet_buttons,
};

/* Clients send positions where there is a tablet, else motion. */
static void set_tablet(struct spice_input *input, bool absolute) {
	if (absolute == input->has_tablet) {
		return;
	}
	input->has_tablet = absolute;
	if (absolute) {
		spice_server_add_interface(input->server, &input->tablet.base);
	} else {
		spice_server_remove_interface(&input->tablet.base);
	}
}

void spice_input_set_console(struct spice_input *input, struct console *console) {
	if (console != input->console) {
		input->console = console;
		input->buttons = 0;
	}
	if (!console) {
		return;
	}
	bool absolute = console->mouse_absolute || input->view_only;
	set_tablet(input, absolute);
	if (input->has_agent) {
		spice_server_set_agent_mouse(input->server, absolute);
	}
	if (input->leds != console->leds) {
		input->leds = console->leds;
		spice_server_kbd_leds(&input->keyboard, input->leds);
	}
}

bool spice_input_init(struct spice_input *input, SpiceServer *server) {
	input->server = server;
	input->keyboard.base.sif = &keyboard_interface.base;
	input->mouse.base.sif = &mouse_interface.base;
	input->tablet.base.sif = &tablet_interface.base;
	if (spice_server_add_interface(server, &input->keyboard.base) != 0 ||
		spice_server_add_interface(server, &input->mouse.base) != 0) {
		log_error("can't add a keyboard and a mouse to the SPICE server");
		return false;
	}
	set_tablet(input, true);
	return true;
}
