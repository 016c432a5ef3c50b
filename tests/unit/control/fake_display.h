/* Screens with known patterns for the fake mullion: the output "fake-1" (64x48, with a cursor), the
 * guest "debian" with heads of 80x60 and 40x30, and the guest "uefi", which shows nothing. */
#ifndef TESTS_UNIT_CONTROL_FAKE_DISPLAY_H
#define TESTS_UNIT_CONTROL_FAKE_DISPLAY_H

#include <systemd/sd-event.h>

struct fake_display;

struct fake_display *fake_display_create(sd_event *event);
void fake_display_destroy(struct fake_display *display);

int fake_display_open(
	struct fake_display *display, const char *target, unsigned int rights, char **error);

/* On debian's first head: paints the next colour into 10,10 20x20; says that something changed
 * there though nothing did; does the former every 40 ms for a second. */
void fake_display_change(struct fake_display *display);
void fake_display_damage(struct fake_display *display);
void fake_display_animate(struct fake_display *display);

#endif
