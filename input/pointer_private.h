/* What pointer.c, button.c, wheel.c, lock.c and grab.c share. */
#ifndef INPUT_POINTER_PRIVATE_H
#define INPUT_POINTER_PRIVATE_H

#include "input/key_set.h"
#include "input/pointer.h"
#include "input/seat_private.h"

#define POINTER_BUTTONS_MAX 16

enum pointer_owner { /* who gets the releases of the buttons that are down */
	POINTER_OWNER_NONE, /* none is down */
	POINTER_OWNER_COMPOSITOR,
	POINTER_OWNER_SURFACE,
	POINTER_OWNER_CONSOLE,
};

struct pointer_buttons {
	struct {
		uint32_t code; /* BTN_* */
		unsigned int holders; /* devices */
	} down[POINTER_BUTTONS_MAX];
	unsigned int count;
	enum pointer_owner owner;
	struct key_set remote; /* held by remote input */
};

struct pointer_lock { /* of a console without a tablet */
	struct console *console; /* NULL: not locked */
	double rest_x, rest_y; /* px that were not sent yet */
};

struct pointer {
	struct seat *seat;
	struct wlr_cursor *wlr; /* the cursor's */
	bool awake;
	double lx, ly;
	double absolute_lx, absolute_ly; /* the last point of an absolute device; NaN: none */
	/* What has the pointer; x and y belong to the layout point (target_lx, target_ly). */
	struct seat_target target;
	double target_lx, target_ly;
	struct console *sent_console; /* who got the last position */
	uint32_t sent_x, sent_y; /* px of its frame */
	struct pointer_buttons buttons;
	struct pointer_lock lock;
	double wheel_rest; /* 120 are a step */
	struct seat_grab grab;
	bool grabbed;
	double grab_lx, grab_ly; /* where the grab began */
	struct wl_listener motion, motion_absolute, button, axis, frame;
	struct wl_listener surface_destroy; /* of the target */
};

/* pointer.c */
void pointer_refocus(struct pointer *pointer, uint32_t time); /* what is under it may be another */
void pointer_set_target(struct pointer *pointer, const struct seat_target *target);
void pointer_deliver(struct pointer *pointer, uint32_t time); /* its place, to the target */

/* lock.c */
void pointer_lock(struct pointer *pointer, struct console *console);
void pointer_unlock(struct pointer *pointer);
void pointer_locked_motion(struct pointer *pointer, double dx, double dy);

/* button.c */
void pointer_release_in_console(struct pointer *pointer); /* the buttons go nowhere from now on */

/* wheel.c */
struct wlr_pointer_axis_event;
void pointer_axis(struct pointer *pointer, const struct wlr_pointer_axis_event *event);

/* grab.c */
void pointer_grab_motion(struct pointer *pointer);
void pointer_end_grab(struct pointer *pointer);

#endif
