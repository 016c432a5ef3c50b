#include "input/keyboard.h"

#include <linux/input-event-codes.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/backend/libinput.h>
#include <wlr/config.h>
#include <wlr/interfaces/wlr_keyboard.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/types/wlr_virtual_keyboard_v1.h>

#include "input/console_keys.h"
#include "input/key_set.h"
#include "input/keymap.h"
#include "input/pointer.h"
#include "input/seat_private.h"
#include "keys/qnum.h"
#include "util/log.h"
#include "util/mem.h"

struct keyboard {
	struct seat *seat;
	struct wlr_keyboard wlr; /* what clients see; fed by the devices and by remote keys */
	uint16_t down[KEY_CNT]; /* how many devices hold the key */
	struct key_set remote; /* held by remote input */
	struct key_set taken; /* by bindings: their releases go nowhere */
	struct console_keys console; /* what the focused one was told */
	struct wl_list devices; /* keyboard_device.link */
	struct wl_listener key, modifiers;
};

struct keyboard_device {
	struct keyboard *keyboard;
	struct wlr_keyboard *wlr;
	bool own_keymap; /* a virtual one: its keys don't go through the seat's keyboard */
	struct wl_list link; /* keyboard.devices */
	struct wl_listener key, modifiers, destroy;
};

static bool switch_vt(struct seat *seat, struct wlr_keyboard *source, uint32_t key) {
	if (!seat->impl->switch_vt || !source->xkb_state) {
		return false;
	}
	xkb_keysym_t sym = xkb_state_key_get_one_sym(source->xkb_state, key + 8);
	return sym >= XKB_KEY_XF86Switch_VT_1 && sym <= XKB_KEY_XF86Switch_VT_12 &&
		seat->impl->switch_vt(seat->data, sym - XKB_KEY_XF86Switch_VT_1 + 1);
}

/* Presses and releases a combination in what has the focus, whatever the user holds. */
static void send_combo(struct keyboard *keyboard, const char *text) {
	struct seat *seat = keyboard->seat;
	struct combo combo;
	const char *error;
	struct keymap_stroke stroke;
	if (!combo_parse(text, seat->config.modifier, &combo, &error) ||
		!keymap_find_stroke(keyboard->wlr.keymap, &combo, &stroke)) {
		log_error("no key of this keyboard gives %s", text);
		return;
	}
	if (seat->focused_console) {
		console_keys_release(&keyboard->console, seat->focused_console);
		for (unsigned int i = 0; i < stroke.count; i++) {
			console_key(seat->focused_console, qnum_from_evdev(stroke.keys[i]), true);
		}
		for (unsigned int i = stroke.count; i > 0; i--) {
			console_key(
				seat->focused_console, qnum_from_evdev(stroke.keys[i - 1]), false);
		}
		return;
	}
	struct wlr_keyboard_modifiers modifiers = keyboard->wlr.modifiers;
	modifiers.depressed = stroke.mask;
	uint32_t key = stroke.keys[stroke.count - 1], now = seat_now();
	wlr_seat_set_keyboard(seat->wlr, &keyboard->wlr);
	wlr_seat_keyboard_notify_modifiers(seat->wlr, &modifiers);
	wlr_seat_keyboard_notify_key(seat->wlr, now, key, WL_KEYBOARD_KEY_STATE_PRESSED);
	wlr_seat_keyboard_notify_key(seat->wlr, now, key, WL_KEYBOARD_KEY_STATE_RELEASED);
	wlr_seat_keyboard_notify_modifiers(seat->wlr, &keyboard->wlr.modifiers);
}

void keyboard_run_binding(struct keyboard *keyboard, const struct binding *binding) {
	struct seat *seat = keyboard->seat;
	console_keys_use(&keyboard->console);
	switch (binding->action) {
	case BINDING_RELEASE_POINTER:
		seat_release_pointer(seat);
		break;
	case BINDING_SEND_KEYS:
		send_combo(keyboard, binding->argument);
		break;
	default:;
		struct seat_target target = pointer_target(seat->pointer);
		seat->impl->action(seat->data, binding, &target);
	}
}

static bool take_key(struct keyboard *keyboard, struct wlr_keyboard *source, uint32_t key) {
	struct seat *seat = keyboard->seat;
	if (switch_vt(seat, source, key)) {
		key_set_add(&keyboard->taken, key);
		return true;
	}
	if (seat->locked || !source->keymap) {
		return false;
	}
	const struct binding *binding =
		keymap_find_binding(source, key, seat->config.bindings, keymap_modifiers(source));
	if (!binding) {
		return false;
	}
	/* Before it runs: it may move the focus, and look at the keys that are down. */
	key_set_add(&keyboard->taken, key);
	keyboard_run_binding(keyboard, binding);
	return true;
}

static void dispatch_key(struct keyboard *keyboard, struct wlr_keyboard *source,
	const struct wlr_keyboard_key_event *event) {
	struct seat *seat = keyboard->seat;
	bool pressed = event->state == WL_KEYBOARD_KEY_STATE_PRESSED;
	seat_activity(seat);
	if (!pressed && key_set_remove(&keyboard->taken, event->keycode)) {
		return;
	}
	if (pressed && take_key(keyboard, source, event->keycode)) {
		return;
	}
	if (seat->focused_console) {
		console_keys_send(&keyboard->console, source->keymap, event->keycode, pressed);
		return;
	}
	if (!pressed) {
		console_keys_drop(&keyboard->console, event->keycode);
	}
	wlr_seat_set_keyboard(seat->wlr, source);
	wlr_seat_keyboard_notify_key(seat->wlr, event->time_msec, event->keycode, event->state);
}

static void handle_key(struct wl_listener *listener, void *data) {
	struct keyboard *keyboard = wl_container_of(listener, keyboard, key);
	dispatch_key(keyboard, &keyboard->wlr, data);
}

static void handle_modifiers(struct wl_listener *listener, void *data) {
	struct keyboard *keyboard = wl_container_of(listener, keyboard, modifiers);
	wlr_seat_set_keyboard(keyboard->seat->wlr, &keyboard->wlr);
	wlr_seat_keyboard_notify_modifiers(keyboard->seat->wlr, &keyboard->wlr.modifiers);
}

/* A key of one of the devices: the seat's keyboard sees the first press and the last release. */
static void feed(struct keyboard *keyboard, struct wlr_keyboard_key_event *event) {
	uint16_t *down = &keyboard->down[event->keycode];
	if (event->state == WL_KEYBOARD_KEY_STATE_PRESSED) {
		if ((*down)++ > 0) {
			return;
		}
	} else if (*down == 0 || --*down > 0) {
		return;
	}
	wlr_keyboard_notify_key(&keyboard->wlr, event);
}

static void handle_device_key(struct wl_listener *listener, void *data) {
	struct keyboard_device *device = wl_container_of(listener, device, key);
	struct wlr_keyboard_key_event *event = data;
	if (event->keycode >= KEY_CNT) {
		return;
	}
	seat_make_ready(device->keyboard->seat);
	if (device->own_keymap) {
		dispatch_key(device->keyboard, device->wlr, event);
		return;
	}
	/* What is released when a device is unplugged comes without; else it does no harm. */
	event->update_state |= event->state == WL_KEYBOARD_KEY_STATE_RELEASED;
	feed(device->keyboard, event);
}

static void handle_device_modifiers(struct wl_listener *listener, void *data) {
	struct keyboard_device *device = wl_container_of(listener, device, modifiers);
	struct wlr_keyboard_modifiers *modifiers = &device->wlr->modifiers;
	if (device->own_keymap) {
		struct wlr_seat *wlr = device->keyboard->seat->wlr;
		wlr_seat_set_keyboard(wlr, device->wlr);
		wlr_seat_keyboard_notify_modifiers(wlr, modifiers);
		return;
	}
	wlr_keyboard_notify_modifiers(&device->keyboard->wlr, modifiers->depressed,
		modifiers->latched, modifiers->locked, modifiers->group);
}

static void device_destroy(struct keyboard_device *device) {
	wl_list_remove(&device->key.link);
	wl_list_remove(&device->modifiers.link);
	wl_list_remove(&device->destroy.link);
	wl_list_remove(&device->link);
	free(device);
}

static void handle_device_destroy(struct wl_listener *listener, void *data) {
	struct keyboard_device *device = wl_container_of(listener, device, destroy);
	struct keyboard *keyboard = device->keyboard;
	if (keyboard->wlr.keymap) {
		wlr_seat_set_keyboard(keyboard->seat->wlr, &keyboard->wlr);
	}
	device_destroy(device);
}

/* A device whose modifiers somebody else tracks (a host compositor) needs the keymap to tell them;
 * a real one needs none of its own. */
static bool tracks_modifiers(struct wlr_input_device *device) {
#if WLR_HAS_LIBINPUT_BACKEND
	return !wlr_input_device_is_libinput(device);
#else
	return true;
#endif
}

void keyboard_add_device(struct keyboard *keyboard, struct wlr_input_device *wlr) {
	struct keyboard_device *device = xcalloc(1, sizeof(*device));
	device->keyboard = keyboard;
	device->wlr = wlr_keyboard_from_input_device(wlr);
	device->own_keymap = wlr_input_device_get_virtual_keyboard(wlr) != NULL;
	if (!device->own_keymap && tracks_modifiers(wlr)) {
		seat_make_ready(keyboard->seat);
		wlr_keyboard_set_keymap(device->wlr, keyboard->wlr.keymap);
	}
	wlr_keyboard_set_repeat_info(device->wlr, keyboard->seat->config.repeat_rate,
		keyboard->seat->config.repeat_delay);
	device->key.notify = handle_device_key;
	wl_signal_add(&device->wlr->events.key, &device->key);
	device->modifiers.notify = handle_device_modifiers;
	wl_signal_add(&device->wlr->events.modifiers, &device->modifiers);
	device->destroy.notify = handle_device_destroy;
	wl_signal_add(&wlr->events.destroy, &device->destroy);
	wl_list_insert(&keyboard->devices, &device->link);
	keyboard_update_leds(keyboard);
}

static void handle_led_update(struct wlr_keyboard *wlr, uint32_t leds) {
	struct keyboard *keyboard = wl_container_of(wlr, keyboard, wlr);
	keyboard_update_leds(keyboard);
}

static const struct wlr_keyboard_impl keyboard_impl = {
	.name = "seat",
	.led_update = handle_led_update,
};

static uint32_t leds_from_console(uint32_t leds) {
	return ((leds & 1) ? WLR_LED_SCROLL_LOCK : 0) | ((leds & 2) ? WLR_LED_NUM_LOCK : 0) |
		((leds & 4) ? WLR_LED_CAPS_LOCK : 0);
}

void keyboard_update_leds(struct keyboard *keyboard) {
	struct console *console = keyboard->seat->focused_console;
	uint32_t leds = console ? leds_from_console(console->leds) : keyboard->wlr.leds;
	struct keyboard_device *device;
	wl_list_for_each (device, &keyboard->devices, link) {
		if (!device->own_keymap) {
			wlr_keyboard_led_update(device->wlr, leds);
		}
	}
}

static void set_keymap(struct keyboard *keyboard) {
	struct xkb_keymap *keymap = keymap_compile(&keyboard->seat->config);
	if (!keymap) {
		return;
	}
	wlr_keyboard_set_keymap(&keyboard->wlr, keymap);
	struct keyboard_device *device;
	wl_list_for_each (device, &keyboard->devices, link) {
		if (device->wlr->keymap && !device->own_keymap) {
			wlr_keyboard_set_keymap(device->wlr, keymap);
		}
	}
	xkb_keymap_unref(keymap);
}

void keyboard_make_ready(struct keyboard *keyboard) {
	if (!keyboard->wlr.keymap) {
		set_keymap(keyboard);
		wlr_seat_set_keyboard(keyboard->seat->wlr, &keyboard->wlr);
	}
}

void keyboard_configure(struct keyboard *keyboard) {
	struct seat_config *config = &keyboard->seat->config;
	wlr_keyboard_set_repeat_info(&keyboard->wlr, config->repeat_rate, config->repeat_delay);
	if (keyboard->wlr.keymap) {
		set_keymap(keyboard);
	}
}

struct keyboard *keyboard_create(struct seat *seat) {
	struct keyboard *keyboard = xcalloc(1, sizeof(*keyboard));
	keyboard->seat = seat;
	console_keys_init(&keyboard->console, seat);
	wl_list_init(&keyboard->devices);
	wlr_keyboard_init(&keyboard->wlr, &keyboard_impl, "mullion");
	keyboard_configure(keyboard);
	keyboard->key.notify = handle_key;
	wl_signal_add(&keyboard->wlr.events.key, &keyboard->key);
	keyboard->modifiers.notify = handle_modifiers;
	wl_signal_add(&keyboard->wlr.events.modifiers, &keyboard->modifiers);
	return keyboard;
}

void keyboard_destroy(struct keyboard *keyboard) {
	wl_list_remove(&keyboard->key.link);
	wl_list_remove(&keyboard->modifiers.link);
	struct keyboard_device *device, *next;
	wl_list_for_each_safe (device, next, &keyboard->devices, link) {
		device_destroy(device);
	}
	console_keys_finish(&keyboard->console);
	wlr_keyboard_finish(&keyboard->wlr);
	free(keyboard);
}

unsigned int keyboard_modifiers(const struct keyboard *keyboard) {
	return keymap_modifiers(&keyboard->wlr);
}

void keyboard_remote_key(struct keyboard *keyboard, uint32_t evdev, bool pressed) {
	if (evdev >= KEY_CNT || key_set_has(&keyboard->remote, evdev) == pressed) {
		return;
	}
	(pressed ? key_set_add : key_set_remove)(&keyboard->remote, evdev);
	struct wlr_keyboard_key_event event = {
		.time_msec = seat_now(),
		.keycode = evdev,
		.update_state = true,
		.state = pressed ? WL_KEYBOARD_KEY_STATE_PRESSED : WL_KEYBOARD_KEY_STATE_RELEASED,
	};
	feed(keyboard, &event);
}

void keyboard_enter_surface(struct keyboard *keyboard) {
	struct seat *seat = keyboard->seat;
	struct wlr_keyboard *wlr = wlr_seat_get_keyboard(seat->wlr);
	if (!wlr) {
		wlr = &keyboard->wlr;
	}
	uint32_t keys[WLR_KEYBOARD_KEYS_CAP];
	size_t count = 0;
	for (size_t i = 0; i < wlr->num_keycodes; i++) {
		if (!key_set_has(&keyboard->taken, wlr->keycodes[i])) {
			keys[count++] = wlr->keycodes[i];
		}
	}
	wlr_seat_keyboard_notify_enter(
		seat->wlr, seat->focused_surface, keys, count, &wlr->modifiers);
	keyboard_update_leds(keyboard);
}

void keyboard_leave_console(struct keyboard *keyboard, struct console *console) {
	console_keys_release(&keyboard->console, console);
}

void keyboard_forget_console(struct keyboard *keyboard) {
	console_keys_release(&keyboard->console, NULL);
}

void keyboard_flush(struct keyboard *keyboard, const struct console *console) {
	if (keyboard->seat->focused_console == console) {
		console_keys_flush(&keyboard->console);
	}
}
