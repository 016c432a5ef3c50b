/* The seat's keyboard: all local ones and the remote one as one, and what is done with a key. */
#ifndef INPUT_KEYBOARD_H
#define INPUT_KEYBOARD_H

#include <stdbool.h>
#include <stdint.h>

struct console;
struct seat;
struct wlr_input_device;
struct keyboard;

struct keyboard *keyboard_create(struct seat *seat);
void keyboard_destroy(struct keyboard *keyboard);
/* Compiles the keymap, once; every use of the keyboard that needs it calls this before. */
void keyboard_make_ready(struct keyboard *keyboard);
void keyboard_configure(struct keyboard *keyboard); /* the seat's configuration changed */
void keyboard_add_device(struct keyboard *keyboard, struct wlr_input_device *device);

unsigned int keyboard_modifiers(const struct keyboard *keyboard); /* enum combo_modifier */
struct binding;
void keyboard_run_binding(struct keyboard *keyboard, const struct binding *binding);
void keyboard_remote_key(struct keyboard *keyboard, uint32_t evdev, bool pressed);

/* The focus moves. Leaving a console releases there what was pressed there. */
void keyboard_enter_surface(struct keyboard *keyboard);
void keyboard_leave_console(struct keyboard *keyboard, struct console *console);
/* The same, without a word to the console. */
void keyboard_forget_console(struct keyboard *keyboard);
/* A button or the wheel is about to go to this console: with the modifiers that are held. */
void keyboard_flush(struct keyboard *keyboard, const struct console *console);
void keyboard_update_leds(struct keyboard *keyboard);

#endif
