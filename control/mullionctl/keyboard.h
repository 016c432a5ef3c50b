/* Presses keys on a target at a pace that slow guests can follow. */
#ifndef MULLIONCTL_KEYBOARD_H
#define MULLIONCTL_KEYBOARD_H

#include "keys/combo.h"
#include "keys/layout.h"
#include "target.h"

struct keyboard {
	struct target *target;
	struct layout *layout;
	uint64_t gap; /* µs between strokes */
};

enum ctl_exit keyboard_press(struct keyboard *keyboard, const struct layout_keys *keys);
enum ctl_exit keyboard_press_combo(
	struct keyboard *keyboard, const struct combo *combo, const char *name);
/* UTF-8. What the layout can't type is an error, found before the first key is pressed. */
enum ctl_exit keyboard_type(struct keyboard *keyboard, const char *text);

#endif
