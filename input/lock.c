#include <math.h>

#include "input/constraint.h"
#include "input/cursor.h"
#include "input/pointer_private.h"

#define MOTION_MAX 32767.0 /* px, of one event */

void pointer_lock(struct pointer *pointer, struct console *console) {
	pointer->lock = (struct pointer_lock){.console = console};
	pointer->absolute_lx = pointer->lx;
	pointer->absolute_ly = pointer->ly;
	cursor_hide(pointer->seat->cursor);
}

void pointer_unlock(struct pointer *pointer) {
	if (!pointer->lock.console) {
		return;
	}
	if (pointer->buttons.owner == POINTER_OWNER_CONSOLE) {
		pointer_release_in_console(pointer);
	}
	pointer->lock = (struct pointer_lock){0};
	cursor_show_name(pointer->seat->cursor, "default");
	pointer_refocus(pointer, seat_now());
}

static int take_whole(double *rest, double delta) {
	*rest = fmax(-MOTION_MAX, fmin(MOTION_MAX, *rest + delta));
	double whole = trunc(*rest);
	*rest -= whole;
	return (int)whole;
}

void pointer_locked_motion(struct pointer *pointer, double dx, double dy) {
	struct pointer_lock *lock = &pointer->lock;
	if (!isfinite(dx) || !isfinite(dy)) {
		return;
	}
	int x = take_whole(&lock->rest_x, dx), y = take_whole(&lock->rest_y, dy);
	if (x != 0 || y != 0) {
		console_move_by(lock->console, x, y);
	}
}

void pointer_leave_console(struct pointer *pointer, struct console *console) {
	if (pointer->lock.console == console) {
		pointer_unlock(pointer);
	}
}

bool seat_pointer_is_locked(const struct seat *seat) {
	return seat->pointer->lock.console != NULL;
}

void seat_release_pointer(struct seat *seat) {
	pointer_unlock(seat->pointer);
	constraint_release(seat->constraint);
}
