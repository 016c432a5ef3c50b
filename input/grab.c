#include <wlr/types/wlr_seat.h>

#include "input/cursor.h"
#include "input/pointer_private.h"

void pointer_grab_motion(struct pointer *pointer) {
	pointer->grab.motion(
		pointer->grab.data, pointer->lx - pointer->grab_lx, pointer->ly - pointer->grab_ly);
}

void pointer_end_grab(struct pointer *pointer) {
	if (!pointer->grabbed) {
		return;
	}
	struct seat_grab grab = pointer->grab;
	pointer->grabbed = false;
	pointer->grab = (struct seat_grab){0};
	grab.end(grab.data);
}

void seat_begin_grab(struct seat *seat, const struct seat_grab *grab) {
	struct pointer *pointer = seat->pointer;
	pointer_end_grab(pointer);
	if (pointer->buttons.count == 0) {
		grab->end(grab->data);
		return;
	}
	pointer_unlock(pointer);
	if (pointer->buttons.owner == POINTER_OWNER_CONSOLE) {
		pointer_release_in_console(pointer);
	}
	struct seat_target none = {.kind = SEAT_TARGET_NONE};
	pointer_set_target(pointer, &none);
	pointer->grab = *grab;
	pointer->grabbed = true;
	pointer->grab_lx = pointer->lx;
	pointer->grab_ly = pointer->ly;
	cursor_show_name(seat->cursor, grab->cursor ? grab->cursor : "default");
}

void seat_cancel_grab(struct seat *seat) {
	pointer_end_grab(seat->pointer);
	pointer_refocus(seat->pointer, seat_now());
}
