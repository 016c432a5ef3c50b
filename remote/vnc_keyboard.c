#include "remote/vnc_keyboard.h"

#include <linux/input-event-codes.h>
#include <string.h>
#include <xkbcommon/xkbcommon.h>

#include "keys/layout.h"
#include "keys/qnum.h"
#include "util/log.h"

#define LED_CAPS_LOCK 4

/* Modifiers that change which character a key gives; ctrl, alt and super are left alone. */
static const uint32_t shaping_keys[] = {KEY_LEFTSHIFT, KEY_RIGHTSHIFT, KEY_RIGHTALT};
#define SHAPING_COUNT (sizeof(shaping_keys) / sizeof(shaping_keys[0]))

void vnc_keyboard_init(struct vnc_keyboard *keyboard, struct layout *layout,
	void (*key)(void *data, uint32_t qnum, bool pressed), void *data) {
	*keyboard = (struct vnc_keyboard){.layout = layout, .key = key, .data = data};
}

void vnc_keyboard_set_leds(struct vnc_keyboard *keyboard, uint32_t leds) {
	keyboard->caps_lock = leds & LED_CAPS_LOCK;
}

void vnc_keyboard_forget(struct vnc_keyboard *keyboard) {
	memset(keyboard->held, 0, sizeof(keyboard->held));
	memset(keyboard->pressed, 0, sizeof(keyboard->pressed));
}

void vnc_keyboard_qnum(struct vnc_keyboard *keyboard, uint32_t qnum, bool pressed) {
	if (qnum == 0 || qnum >= sizeof(keyboard->held) || (!pressed && !keyboard->held[qnum])) {
		return;
	}
	keyboard->held[qnum] = pressed;
	keyboard->key(keyboard->data, qnum, pressed);
}

/* Keys that every layout has, whatever its levels say. */
static uint32_t modifier_key(uint32_t keysym) {
	switch (keysym) {
	case XKB_KEY_Shift_L:
		return KEY_LEFTSHIFT;
	case XKB_KEY_Shift_R:
		return KEY_RIGHTSHIFT;
	case XKB_KEY_Control_L:
		return KEY_LEFTCTRL;
	case XKB_KEY_Control_R:
		return KEY_RIGHTCTRL;
	case XKB_KEY_Alt_L:
	case XKB_KEY_Meta_L:
		return KEY_LEFTALT;
	case XKB_KEY_Alt_R:
	case XKB_KEY_Meta_R:
	case XKB_KEY_ISO_Level3_Shift:
	case XKB_KEY_Mode_switch:
		return KEY_RIGHTALT;
	case XKB_KEY_Super_L:
	case XKB_KEY_Hyper_L:
		return KEY_LEFTMETA;
	case XKB_KEY_Super_R:
	case XKB_KEY_Hyper_R:
		return KEY_RIGHTMETA;
	case XKB_KEY_ISO_Left_Tab:
		return KEY_TAB; /* what shift+Tab gives */
	default:
		return 0;
	}
}

/* The strokes for a keysym; 0 if the layout has none. */
static size_t find_strokes(
	struct vnc_keyboard *keyboard, uint32_t keysym, struct layout_keys strokes[2]) {
	if (layout_find_keysym(keyboard->layout, keysym, &strokes[0])) {
		return 1;
	}
	uint32_t code_point = xkb_keysym_to_utf32(keysym);
	return code_point ? layout_find_character(keyboard->layout, code_point, strokes) : 0;
}

static bool needs(const struct layout_keys *keys, uint32_t evdev) {
	for (unsigned int i = 0; i < keys->modifier_count; i++) {
		if (keys->modifiers[i] == evdev) {
			return true;
		}
	}
	return false;
}

static bool is_cased(uint32_t keysym) {
	return xkb_keysym_to_upper(keysym) != xkb_keysym_to_lower(keysym);
}

/* With caps lock on in the target, shift gives the lower case. */
static void allow_for_caps_lock(struct layout_keys *keys) {
	if (needs(keys, KEY_LEFTSHIFT)) {
		unsigned int kept = 0;
		for (unsigned int i = 0; i < keys->modifier_count; i++) {
			if (keys->modifiers[i] != KEY_LEFTSHIFT) {
				keys->modifiers[kept++] = keys->modifiers[i];
			}
		}
		keys->modifier_count = kept;
	} else if (keys->modifier_count < LAYOUT_MODIFIERS_MAX) {
		keys->modifiers[keys->modifier_count++] = KEY_LEFTSHIFT;
	}
}

static bool shift_is_held(const struct vnc_keyboard *keyboard) {
	return keyboard->held[qnum_from_evdev(KEY_LEFTSHIFT)] ||
		keyboard->held[qnum_from_evdev(KEY_RIGHTSHIFT)];
}

static bool is_held_for(const struct vnc_keyboard *keyboard, uint32_t evdev) {
	return evdev == KEY_LEFTSHIFT ? shift_is_held(keyboard)
				      : keyboard->held[qnum_from_evdev(evdev)];
}

/* Either shift will do where one is needed. */
static bool is_in_the_way(
	const struct vnc_keyboard *keyboard, const struct layout_keys *keys, uint32_t evdev) {
	if (!keyboard->held[qnum_from_evdev(evdev)]) {
		return false;
	}
	return !needs(keys, evdev == KEY_RIGHTSHIFT ? KEY_LEFTSHIFT : evdev);
}

struct adjustment {
	uint32_t lifted[SHAPING_COUNT], added[LAYOUT_MODIFIERS_MAX]; /* qnums */
	unsigned int lifted_count, added_count;
};

static void adjust(struct vnc_keyboard *keyboard, const struct layout_keys *keys,
	struct adjustment *adjustment) {
	*adjustment = (struct adjustment){0};
	for (size_t i = 0; i < SHAPING_COUNT; i++) {
		if (is_in_the_way(keyboard, keys, shaping_keys[i])) {
			uint32_t qnum = qnum_from_evdev(shaping_keys[i]);
			adjustment->lifted[adjustment->lifted_count++] = qnum;
			keyboard->key(keyboard->data, qnum, false);
		}
	}
	for (unsigned int i = 0; i < keys->modifier_count; i++) {
		if (!is_held_for(keyboard, keys->modifiers[i])) {
			uint32_t qnum = qnum_from_evdev(keys->modifiers[i]);
			adjustment->added[adjustment->added_count++] = qnum;
			keyboard->key(keyboard->data, qnum, true);
		}
	}
}

static void restore(struct vnc_keyboard *keyboard, const struct adjustment *adjustment) {
	for (unsigned int i = adjustment->added_count; i > 0; i--) {
		keyboard->key(keyboard->data, adjustment->added[i - 1], false);
	}
	for (unsigned int i = adjustment->lifted_count; i > 0; i--) {
		keyboard->key(keyboard->data, adjustment->lifted[i - 1], true);
	}
}

static void remember(struct vnc_keyboard *keyboard, uint32_t keysym, uint32_t qnum) {
	for (int i = 0; i < VNC_KEYBOARD_PRESSED_MAX; i++) {
		if (keyboard->pressed[i].keysym == 0 || keyboard->pressed[i].keysym == keysym) {
			keyboard->pressed[i].keysym = keysym;
			keyboard->pressed[i].qnum = qnum;
			return;
		}
	}
	/* More keys than hands have: this one won't stay down. */
	vnc_keyboard_qnum(keyboard, qnum, false);
}

/* Cursor, function and keypad keys are no characters: with them shift means what it means to the
 * target. */
static bool is_function_key(uint32_t keysym) {
	return keysym >= 0xfd00 && keysym <= 0xffff;
}

static void press(struct vnc_keyboard *keyboard, uint32_t keysym, struct layout_keys *keys) {
	struct adjustment adjustment;
	uint32_t qnum = qnum_from_evdev(keys->key);
	if (keyboard->caps_lock && is_cased(keysym)) {
		allow_for_caps_lock(keys);
	}
	bool shaped = !is_function_key(keysym);
	if (shaped) {
		adjust(keyboard, keys, &adjustment);
	}
	vnc_keyboard_qnum(keyboard, qnum, true);
	if (shaped) {
		restore(keyboard, &adjustment);
	}
	remember(keyboard, keysym, qnum);
}

static void press_and_release(struct vnc_keyboard *keyboard, const struct layout_keys *keys) {
	struct adjustment adjustment;
	adjust(keyboard, keys, &adjustment);
	keyboard->key(keyboard->data, qnum_from_evdev(keys->key), true);
	keyboard->key(keyboard->data, qnum_from_evdev(keys->key), false);
	restore(keyboard, &adjustment);
}

static void release(struct vnc_keyboard *keyboard, uint32_t keysym) {
	for (int i = 0; i < VNC_KEYBOARD_PRESSED_MAX; i++) {
		if (keyboard->pressed[i].keysym == keysym) {
			vnc_keyboard_qnum(keyboard, keyboard->pressed[i].qnum, false);
			keyboard->pressed[i].keysym = 0;
			return;
		}
	}
	/* Pressed as another character: shift went up in between, say. */
	struct layout_keys strokes[2];
	if (find_strokes(keyboard, keysym, strokes) == 1) {
		vnc_keyboard_qnum(keyboard, qnum_from_evdev(strokes[0].key), false);
	}
}

void vnc_keyboard_keysym(struct vnc_keyboard *keyboard, uint32_t keysym, bool pressed) {
	uint32_t evdev = modifier_key(keysym);
	if (keysym == 0) {
		return;
	}
	if (evdev) {
		vnc_keyboard_qnum(keyboard, qnum_from_evdev(evdev), pressed);
		return;
	}
	if (!pressed) {
		release(keyboard, keysym);
		return;
	}
	struct layout_keys strokes[2];
	size_t count = find_strokes(keyboard, keysym, strokes);
	if (count == 0) {
		log_debug("the keyboard layout has no key for keysym 0x%x", keysym);
		return;
	}
	if (count == 2) {
		press_and_release(keyboard, &strokes[0]);
	}
	press(keyboard, keysym, &strokes[count - 1]);
}
