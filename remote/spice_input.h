/* What SPICE clients type and point, as input to a console. The library's callbacks don't say whose
 * it is: all clients have the same keyboard and pointer. */
#ifndef REMOTE_SPICE_INPUT_H
#define REMOTE_SPICE_INPUT_H

#include <spice.h>
#include <stdbool.h>
#include <stdint.h>

struct console;

enum spice_input_button { /* the library's mask, in which the wheel has no place */
	SPICE_INPUT_LEFT = 1,
	SPICE_INPUT_RIGHT = 2,
	SPICE_INPUT_MIDDLE = 4,
	SPICE_INPUT_SIDE = 64,
	SPICE_INPUT_EXTRA = 128,
};

struct spice_input {
	bool view_only, has_agent; /* set before spice_input_init; the agent tells of the pointer */
	/* private */
	SpiceServer *server;
	SpiceKbdInstance keyboard;
	SpiceMouseInstance mouse;
	SpiceTabletInstance tablet;
	bool has_tablet;
	struct console *console; /* NULL: there is none now */
	uint8_t prefix; /* 0xe0 or 0xe1, after which the key comes */
	uint8_t pause_bytes; /* of the sequence that only this key has */
	uint32_t buttons; /* enum spice_input_button */
	const struct console *pointed; /* by spice_input_point, and where, px */
	uint32_t x, y;
	uint8_t leds;
};

/* Adds the devices to the server. False after a log line. */
bool spice_input_init(struct spice_input *input, SpiceServer *server);

/* Another console, or none, or this one's LEDs or kind of mouse changed. */
void spice_input_set_console(struct spice_input *input, struct console *console);

/* A pointer on this console, px; `console` may be NULL, or another than the keyboard's. */
void spice_input_point(struct spice_input *input, struct console *console, uint32_t x, uint32_t y,
	uint32_t buttons, int wheel);

/* A key of AT's set 1, byte by byte; returns the qnum, with *pressed, when it is complete, else 0.
 */
uint32_t spice_input_decode(struct spice_input *input, uint8_t byte, bool *pressed);

#endif
