/* A client's keys, as a guest's keyboard would send them. Characters come as keysyms, already
 * shaped by the modifiers of the client's own layout: they are turned into the keys that give the
 * same character in the target's layout, with the modifiers that this needs and no others, for the
 * moment of the press. */
#ifndef REMOTE_VNC_KEYBOARD_H
#define REMOTE_VNC_KEYBOARD_H

#include <stdbool.h>
#include <stdint.h>

#define VNC_KEYBOARD_PRESSED_MAX 32

struct layout;

struct vnc_keyboard {
	struct layout *layout; /* the caller's */
	void (*key)(void *data, uint32_t qnum, bool pressed);
	void *data;
	bool caps_lock; /* the target's */
	bool held[256]; /* by qnum: keys that are down for the target */
	struct {
		uint32_t keysym; /* 0: free */
		uint32_t qnum;
	} pressed[VNC_KEYBOARD_PRESSED_MAX]; /* which key a keysym went to */
};

void vnc_keyboard_init(struct vnc_keyboard *keyboard, struct layout *layout,
	void (*key)(void *data, uint32_t qnum, bool pressed), void *data);

void vnc_keyboard_keysym(struct vnc_keyboard *keyboard, uint32_t keysym, bool pressed);
void vnc_keyboard_qnum(struct vnc_keyboard *keyboard, uint32_t qnum, bool pressed);
/* The target's LEDs, as struct console has them. */
void vnc_keyboard_set_leds(struct vnc_keyboard *keyboard, uint32_t leds);
/* The target is another one, or gone: nothing is held there. */
void vnc_keyboard_forget(struct vnc_keyboard *keyboard);

#endif
