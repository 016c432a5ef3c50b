/* The keys that the focused console was told of, with their repetition.
 *
 * The binding modifier, and modifiers pressed after it, are withheld until a key or a button
 * follows that is the guest's: else each binding would be a tap of Super in the guest, which opens
 * menus. A real tap is told when it is over. */
#ifndef INPUT_CONSOLE_KEYS_H
#define INPUT_CONSOLE_KEYS_H

#include "input/key_set.h"

#define CONSOLE_KEYS_WITHHELD_MAX 8

struct console;
struct seat;
struct xkb_keymap;
struct wl_event_source;

struct console_keys {
	struct seat *seat;
	struct key_set pressed;
	uint32_t withheld[CONSOLE_KEYS_WITHHELD_MAX]; /* evdev, in the order of their presses */
	unsigned int withheld_count;
	bool used; /* the withheld ones were part of a binding: their release is no tap */
	struct wl_event_source *repeat; /* armed only while a key is held */
	uint32_t repeat_key; /* evdev */
};

void console_keys_init(struct console_keys *keys, struct seat *seat);
void console_keys_finish(struct console_keys *keys);

/* A key for the seat's focused console. `keymap` may be NULL. */
void console_keys_send(
	struct console_keys *keys, struct xkb_keymap *keymap, uint32_t evdev, bool pressed);
/* Tells what was withheld: something follows that it belongs to. */
void console_keys_flush(struct console_keys *keys);
void console_keys_use(struct console_keys *keys); /* a binding ran */
/* The key is up, and the release was not the console's. */
void console_keys_drop(struct console_keys *keys, uint32_t evdev);
/* Releases in `console` what was pressed there; NULL: forgets it. */
void console_keys_release(struct console_keys *keys, struct console *console);

#endif
