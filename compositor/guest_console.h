/* A console of a guest as it is republished: the same memory, with input straight to the guest. */
#ifndef COMPOSITOR_GUEST_CONSOLE_H
#define COMPOSITOR_GUEST_CONSOLE_H

#include <stdbool.h>
#include <wayland-util.h>

struct console;
struct managed_guest;
struct published_console;

struct guest_console {
	struct managed_guest *guest;
	struct console *console;
	unsigned int head;
	struct published_console *published; /* NULL while the guest has no publisher */
	bool listened; /* somebody listens to the published console */
	bool resized; /* for one of those who listen */
	struct wl_list link; /* managed_guest.consoles */
};

/* Publishes the console if the guest has a publisher. */
struct guest_console *guest_console_create(
	struct managed_guest *guest, struct console *console, unsigned int head);
void guest_console_destroy(struct guest_console *console);
void guest_console_publish(struct guest_console *console);
/* The mouse's mode or the LEDs changed. */
void guest_console_changed(struct console *console);

#endif
