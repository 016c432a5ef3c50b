/* A combination of keys as people write it: "ctrl+alt+Delete", "super+1", "Return", "F5". */
#ifndef KEYS_COMBO_H
#define KEYS_COMBO_H

#include <stdbool.h>
#include <stdint.h>

enum combo_modifier {
	COMBO_SHIFT = 1,
	COMBO_CTRL = 2,
	COMBO_ALT = 4,
	COMBO_SUPER = 8,
};

struct combo {
	unsigned int modifiers; /* enum combo_modifier */
	uint32_t keysym; /* lower case; XKB_KEY_NoSymbol for modifiers alone or a wheel */
	int wheel; /* "super+wheelup": 1, "super+wheeldown": -1, else 0 */
};

/* Names: shift, ctrl (control), alt (mod1), super (logo, mod4, win), and XKB's keysym names in any
 * case; "mod" stands for `mod`. False with *error (a static string). */
bool combo_parse(const char *text, unsigned int mod, struct combo *combo, const char **error);

#endif
