#include "keyboard.h"

#include <linux/input-event-codes.h>
#include <stdlib.h>
#include <string.h>

#include "keys/qnum.h"
#include "util/mem.h"

/* A combination's four modifiers and those that the layout needs for its key. */
#define CHORD_MAX (4 + LAYOUT_MODIFIERS_MAX + 1)

struct chord { /* evdev codes, in the order in which they are pressed */
	uint32_t keys[CHORD_MAX];
	size_t count;
};

static void chord_add(struct chord *chord, uint32_t key) {
	for (size_t i = 0; i < chord->count; i++) {
		if (chord->keys[i] == key) {
			return;
		}
	}
	if (chord->count < CHORD_MAX) {
		chord->keys[chord->count++] = key;
	}
}

static void chord_add_keys(struct chord *chord, const struct layout_keys *keys) {
	for (unsigned int i = 0; i < keys->modifier_count; i++) {
		chord_add(chord, keys->modifiers[i]);
	}
	chord_add(chord, keys->key);
}

/* QEMU's PS/2 queue holds 16 bytes and drops what comes when it is full: a chord is pressed and
 * released in two steps, each seen by QEMU before the next. */
static enum ctl_exit press_chord(struct keyboard *keyboard, const struct chord *chord) {
	struct console *console = keyboard->target->console;
	for (size_t i = 0; i < chord->count; i++) {
		console_key(console, qnum_from_evdev(chord->keys[i]), true);
	}
	enum ctl_exit result = target_settle(keyboard->target, keyboard->gap / 2);
	for (size_t i = chord->count; i-- > 0;) {
		console_key(console, qnum_from_evdev(chord->keys[i]), false);
	}
	return result == CTL_OK ? target_settle(keyboard->target, keyboard->gap / 2) : result;
}

enum ctl_exit keyboard_press(struct keyboard *keyboard, const struct layout_keys *keys) {
	struct chord chord = {0};
	chord_add_keys(&chord, keys);
	return press_chord(keyboard, &chord);
}

enum ctl_exit keyboard_press_combo(
	struct keyboard *keyboard, const struct combo *combo, const char *name) {
	static const struct {
		unsigned int modifier;
		uint32_t key;
	} modifiers[] = {{COMBO_CTRL, KEY_LEFTCTRL}, {COMBO_ALT, KEY_LEFTALT},
		{COMBO_SHIFT, KEY_LEFTSHIFT}, {COMBO_SUPER, KEY_LEFTMETA}};
	struct chord chord = {0};
	for (size_t i = 0; i < sizeof(modifiers) / sizeof(modifiers[0]); i++) {
		if (combo->modifiers & modifiers[i].modifier) {
			chord_add(&chord, modifiers[i].key);
		}
	}
	if (combo->keysym != 0) {
		struct layout_keys keys;
		if (!layout_find_keysym(keyboard->layout, combo->keysym, &keys)) {
			return ctl_fail(
				CTL_FAILED, "the keyboard layout has no key for \"%s\"", name);
		}
		chord_add_keys(&chord, &keys);
	}
	return press_chord(keyboard, &chord);
}

/* The next code point; 0 at the end, and with *bad for what isn't UTF-8. */
static uint32_t next_character(const char **text, bool *bad) {
	const unsigned char *p = (const unsigned char *)*text;
	int more = *p < 0x80 ? 0 : *p >= 0xf0 && *p < 0xf8 ? 3 : *p >= 0xe0 && *p < 0xf0 ? 2 : 1;
	if ((*p >= 0x80 && *p < 0xc2) || *p >= 0xf8) {
		*bad = true;
		return 0;
	}
	uint32_t code = more == 0 ? *p : *p & (0x3fu >> more);
	for (int i = 1; i <= more; i++) {
		if ((p[i] & 0xc0) != 0x80) {
			*bad = true;
			return 0;
		}
		code = code << 6 | (p[i] & 0x3f);
	}
	*text += code == 0 ? 0 : more + 1;
	return code;
}

/* Fills `strokes` (NULL: only counts) with what types the text. */
static enum ctl_exit find_strokes(
	struct keyboard *keyboard, const char *text, struct layout_keys *strokes, size_t *count) {
	bool bad = false;
	uint32_t code;
	*count = 0;
	while ((code = next_character(&text, &bad)) != 0) {
		struct layout_keys keys[2];
		size_t found = layout_find_character(keyboard->layout, code, keys);
		if (found == 0) {
			return ctl_fail(CTL_FAILED,
				"the keyboard layout can't type the character U+%04X", code);
		}
		for (size_t i = 0; strokes && i < found; i++) {
			strokes[*count + i] = keys[i];
		}
		*count += found;
	}
	return bad ? ctl_fail(CTL_USAGE, "the text isn't UTF-8") : CTL_OK;
}

enum ctl_exit keyboard_type(struct keyboard *keyboard, const char *text) {
	size_t count;
	enum ctl_exit result = find_strokes(keyboard, text, NULL, &count);
	if (result != CTL_OK) {
		return result;
	}
	struct layout_keys *strokes = xcalloc(count ? count : 1, sizeof(*strokes));
	result = find_strokes(keyboard, text, strokes, &count);
	for (size_t i = 0; result == CTL_OK && i < count; i++) {
		result = keyboard_press(keyboard, &strokes[i]);
	}
	free(strokes);
	return result;
}
