#include "input/console_keys.h"

#include <xkbcommon/xkbcommon.h>

#include "input/keymap.h"
#include "input/seat_private.h"
#include "keys/qnum.h"

void console_keys_init(struct console_keys *keys, struct seat *seat) {
	*keys = (struct console_keys){.seat = seat};
}

void console_keys_finish(struct console_keys *keys) {
	if (keys->repeat) {
		wl_event_source_remove(keys->repeat);
	}
	*keys = (struct console_keys){0};
}

static void arm_repeat(struct console_keys *keys, int ms) {
	if (keys->repeat) {
		wl_event_source_timer_update(keys->repeat, ms);
	}
}

/* Guests with a PS/2 keyboard count on it to repeat; those that repeat by themselves ignore a press
 * of what is down. */
static int handle_repeat(void *data) {
	struct console_keys *keys = data;
	struct seat *seat = keys->seat;
	if (!seat->focused_console || !key_set_has(&keys->pressed, keys->repeat_key)) {
		return 0;
	}
	console_key(seat->focused_console, qnum_from_evdev(keys->repeat_key), true);
	arm_repeat(keys, seat->config.repeat_rate > 0 ? 1000 / seat->config.repeat_rate : 0);
	return 0;
}

static void start_repeat(struct console_keys *keys, struct xkb_keymap *keymap, uint32_t evdev) {
	const struct seat_config *config = &keys->seat->config;
	if (config->repeat_rate <= 0 || config->repeat_delay <= 0 || !keymap ||
		!xkb_keymap_key_repeats(keymap, evdev + 8)) {
		return;
	}
	if (!keys->repeat) {
		keys->repeat = wl_event_loop_add_timer(
			wl_display_get_event_loop(keys->seat->display), handle_repeat, keys);
	}
	keys->repeat_key = evdev;
	arm_repeat(keys, config->repeat_delay);
}

static void press(struct console_keys *keys, uint32_t evdev) {
	key_set_add(&keys->pressed, evdev);
	console_key(keys->seat->focused_console, qnum_from_evdev(evdev), true);
}

static void release(struct console_keys *keys, uint32_t evdev) {
	if (!key_set_remove(&keys->pressed, evdev)) {
		return; /* pressed before the console had the focus */
	}
	if (keys->repeat_key == evdev) {
		arm_repeat(keys, 0);
	}
	console_key(keys->seat->focused_console, qnum_from_evdev(evdev), false);
}

void console_keys_flush(struct console_keys *keys) {
	unsigned int count = keys->withheld_count;
	keys->withheld_count = 0;
	keys->used = false;
	for (unsigned int i = 0; keys->seat->focused_console && i < count; i++) {
		press(keys, keys->withheld[i]);
	}
}

void console_keys_use(struct console_keys *keys) {
	keys->used = keys->withheld_count > 0;
}

void console_keys_drop(struct console_keys *keys, uint32_t evdev) {
	unsigned int kept = 0;
	for (unsigned int i = 0; i < keys->withheld_count; i++) {
		if (keys->withheld[i] != evdev) {
			keys->withheld[kept++] = keys->withheld[i];
		}
	}
	keys->withheld_count = kept;
	keys->used = keys->used && kept > 0;
}

static bool is_withheld(const struct console_keys *keys, uint32_t evdev) {
	for (unsigned int i = 0; i < keys->withheld_count; i++) {
		if (keys->withheld[i] == evdev) {
			return true;
		}
	}
	return false;
}

/* Whether the key may be the beginning of a binding. */
static bool withholds(const struct console_keys *keys, struct xkb_keymap *keymap, uint32_t evdev) {
	unsigned int modifier = keymap ? keymap_key_modifier(keymap, evdev) : 0;
	return keys->withheld_count < CONSOLE_KEYS_WITHHELD_MAX && modifier != 0 &&
		(keys->withheld_count > 0 || (modifier & keys->seat->config.modifier));
}

void console_keys_send(
	struct console_keys *keys, struct xkb_keymap *keymap, uint32_t evdev, bool pressed) {
	if (qnum_from_evdev(evdev) == 0) {
		return;
	}
	if (pressed && withholds(keys, keymap, evdev)) {
		keys->withheld[keys->withheld_count++] = evdev;
	} else if (pressed) {
		console_keys_flush(keys);
		press(keys, evdev);
		start_repeat(keys, keymap, evdev);
	} else if (is_withheld(keys, evdev) && keys->used) {
		console_keys_drop(keys, evdev);
	} else if (is_withheld(keys, evdev)) {
		console_keys_flush(keys);
		release(keys, evdev);
	} else {
		release(keys, evdev);
	}
}

void console_keys_release(struct console_keys *keys, struct console *console) {
	for (uint32_t key = 0; key < KEY_CNT; key++) {
		if (key_set_remove(&keys->pressed, key) && console) {
			console_key(console, qnum_from_evdev(key), false);
		}
	}
	arm_repeat(keys, 0);
}
