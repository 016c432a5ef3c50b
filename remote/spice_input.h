/* What SPICE clients type and point, as input to a console. The library's callbacks don't say whose
 * it is: all clients have the same keyboard and pointer. */
#ifndef REMOTE_SPICE_INPUT_H
#define REMOTE_SPICE_INPUT_H

#include <spice.h>
#include <stdbool.h>
#include <stdint.h>

struct console;

struct spice_input {
	bool view_only; /* set before spice_input_init */
	/* private */
	SpiceServer *server;
	SpiceKbdInstance keyboard;
	SpiceMouseInstance mouse;
	SpiceTabletInstance tablet;
	bool has_tablet;
	struct console *console; /* NULL: there is none now */
	uint8_t prefix; /* 0xe0 or 0xe1, after which the key comes */
	uint8_t pause_bytes; /* of the sequence that only this key has */
	uint32_t buttons; /* the library's mask */
	uint8_t leds;
};

/* Adds the devices to the server. False after a log line. */
bool spice_input_init(struct spice_input *input, SpiceServer *server);

/* Another console, or none, or this one's LEDs or kind of mouse changed. */
void spice_input_set_console(struct spice_input *input, struct console *console);

/* A key of AT's set 1, byte by byte; returns the qnum, with *pressed, when it is complete, else 0.
 */
uint32_t spice_input_decode(struct spice_input *input, uint8_t byte, bool *pressed);

#endif
