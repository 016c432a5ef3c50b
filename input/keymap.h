/* The keymap: compiling it, and what a key means to a binding. */
#ifndef INPUT_KEYMAP_H
#define INPUT_KEYMAP_H

#include <stdbool.h>
#include <stdint.h>
#include <xkbcommon/xkbcommon.h>

#include "input/binding.h"

struct seat_config;
struct wlr_keyboard;

/* The configured one, else the system's default; NULL after a log line if there is none at all. */
struct xkb_keymap *keymap_compile(const struct seat_config *config);

unsigned int keymap_modifiers(const struct wlr_keyboard *keyboard); /* enum combo_modifier */
/* Which one the key is, 0 if it is none. */
unsigned int keymap_key_modifier(struct xkb_keymap *keymap, uint32_t evdev);

/* By what the key gives without modifiers, in the active layout and then in the others. Digits are
 * found on layouts where they need Shift, too. NULL if nothing is bound. */
const struct binding *keymap_find_binding(const struct wlr_keyboard *keyboard, uint32_t evdev,
	const struct binding_list *bindings, unsigned int modifiers);

#define KEYMAP_STROKE_MAX 5
struct keymap_stroke { /* evdev codes: modifiers, then the key */
	uint32_t keys[KEYMAP_STROKE_MAX];
	unsigned int count;
	xkb_mod_mask_t mask; /* the modifiers, as clients get them */
};
bool keymap_find_stroke(
	struct xkb_keymap *keymap, const struct combo *combo, struct keymap_stroke *stroke);

#endif
