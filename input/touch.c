#include "input/touch.h"

#include <linux/input-event-codes.h>
#include <stdlib.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_cursor.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/types/wlr_touch.h>

#include "input/cursor.h"
#include "input/keyboard.h"
#include "input/pointer.h"
#include "input/seat_private.h"
#include "util/mem.h"

#define TOUCH_FINGERS_MAX 16

enum finger_owner { FINGER_FREE, FINGER_SURFACE, FINGER_CONSOLE, FINGER_POINTER };

struct finger {
	enum finger_owner owner;
	struct seat_device *device; /* with `id`, what names it */
	int32_t id;
	struct console *console;
	double lx, ly; /* where it came down … */
	double x, y, scale; /* … and that in the target's px */
};

struct touch {
	struct seat *seat;
	struct finger fingers[TOUCH_FINGERS_MAX]; /* the index is the id for clients and guests */
	struct wl_listener down, up, motion, cancel, frame;
};

static struct finger *find(struct touch *touch, const struct seat_device *device, int32_t id) {
	for (int i = 0; i < TOUCH_FINGERS_MAX; i++) {
		struct finger *finger = &touch->fingers[i];
		if (finger->owner != FINGER_FREE && finger->device == device && finger->id == id) {
			return finger;
		}
	}
	return NULL;
}

static struct finger *take(struct touch *touch, struct seat_device *device, int32_t id) {
	for (int i = 0; i < TOUCH_FINGERS_MAX; i++) {
		struct finger *finger = &touch->fingers[i];
		if (finger->owner == FINGER_FREE) {
			*finger = (struct finger){.device = device, .id = id};
			return finger;
		}
	}
	return NULL;
}

static bool is_pointing(const struct touch *touch) {
	for (int i = 0; i < TOUCH_FINGERS_MAX; i++) {
		if (touch->fingers[i].owner == FINGER_POINTER) {
			return true;
		}
	}
	return false;
}

static int index_of(const struct touch *touch, const struct finger *finger) {
	return (int)(finger - touch->fingers);
}

/* Clients and guests that know touch get it, everything else the first finger as a pointer. A guest
 * with a tablet is one of the latter: that it has a touch screen as well can't be known. */
static enum finger_owner choose(struct touch *touch, const struct seat_target *target) {
	struct seat *seat = touch->seat;
	if (target->kind == SEAT_TARGET_SURFACE &&
		wlr_surface_accepts_touch(seat->wlr, target->surface)) {
		return FINGER_SURFACE;
	}
	if (target->kind == SEAT_TARGET_CONSOLE && target->console->has_touch &&
		!target->console->mouse_absolute) {
		return FINGER_CONSOLE;
	}
	return is_pointing(touch) ? FINGER_FREE : FINGER_POINTER;
}

static void come_down(struct touch *touch, struct finger *finger, uint32_t time,
	const struct seat_target *target) {
	struct seat *seat = touch->seat;
	finger->x = target->x;
	finger->y = target->y;
	finger->scale = target->scale;
	switch (finger->owner) {
	case FINGER_SURFACE:
		wlr_seat_touch_notify_down(seat->wlr, target->surface, time,
			index_of(touch, finger), target->x, target->y);
		break;
	case FINGER_CONSOLE:
		finger->console = target->console;
		console_touch(target->console, CONSOLE_TOUCH_BEGIN,
			(uint64_t)index_of(touch, finger), target->x, target->y);
		break;
	case FINGER_POINTER:
		pointer_move_to(seat->pointer, finger->lx, finger->ly);
		pointer_button(seat->pointer, time, BTN_LEFT, true);
		wlr_seat_pointer_notify_frame(seat->wlr);
		break;
	default:
		break;
	}
}

static void handle_down(struct wl_listener *listener, void *data) {
	struct touch *touch = wl_container_of(listener, touch, down);
	struct wlr_touch_down_event *event = data;
	struct seat *seat = touch->seat;
	struct seat_device *device = event->touch->base.data;
	double lx, ly;
	seat_make_ready(seat);
	seat_activity(seat);
	if (find(touch, device, event->touch_id) ||
		!seat_absolute_to_layout(
			seat, device, event->touch->output_name, event->x, event->y, &lx, &ly)) {
		return;
	}
	struct seat_target target = seat_target_at(seat, lx, ly);
	enum finger_owner owner = choose(touch, &target);
	struct finger *finger = take(touch, device, event->touch_id);
	if (!finger || owner == FINGER_FREE) {
		return;
	}
	/* The pointer asks the compositor by itself. */
	if (owner != FINGER_POINTER &&
		seat->impl->button(seat->data, &target, BTN_LEFT,
			keyboard_modifiers(seat->keyboard)) == SEAT_BUTTON_TAKEN) {
		return;
	}
	finger->owner = owner;
	finger->lx = lx;
	finger->ly = ly;
	come_down(touch, finger, event->time_msec, &target);
}

/* What is dragged is offered to what the finger is over now. */
static void enter_while_dragging(
	struct touch *touch, struct finger *finger, uint32_t time, double lx, double ly) {
	struct seat *seat = touch->seat;
	int id = index_of(touch, finger);
	if (!seat->wlr->drag || !wlr_seat_touch_get_point(seat->wlr, id)) {
		return;
	}
	struct seat_target target = seat_target_at(seat, lx, ly);
	if (target.kind == SEAT_TARGET_SURFACE) {
		wlr_seat_touch_point_focus(seat->wlr, target.surface, time, id, target.x, target.y);
	} else {
		wlr_seat_touch_point_clear_focus(seat->wlr, time, id);
	}
}

static void handle_motion(struct wl_listener *listener, void *data) {
	struct touch *touch = wl_container_of(listener, touch, motion);
	struct wlr_touch_motion_event *event = data;
	struct seat *seat = touch->seat;
	struct seat_device *device = event->touch->base.data;
	struct finger *finger = find(touch, device, event->touch_id);
	double lx, ly;
	seat_activity(seat);
	if (!finger ||
		!seat_absolute_to_layout(
			seat, device, event->touch->output_name, event->x, event->y, &lx, &ly)) {
		return;
	}
	double x = finger->x + (lx - finger->lx) * finger->scale;
	double y = finger->y + (ly - finger->ly) * finger->scale;
	if (finger->owner == FINGER_SURFACE) {
		enter_while_dragging(touch, finger, event->time_msec, lx, ly);
		wlr_seat_touch_notify_motion(
			seat->wlr, event->time_msec, index_of(touch, finger), x, y);
	} else if (finger->owner == FINGER_CONSOLE) {
		console_touch(finger->console, CONSOLE_TOUCH_UPDATE,
			(uint64_t)index_of(touch, finger), x, y);
	} else {
		pointer_move_to(seat->pointer, lx, ly);
	}
}

static void lift(struct touch *touch, struct finger *finger, uint32_t time, bool cancelled) {
	struct seat *seat = touch->seat;
	enum finger_owner owner = finger->owner;
	finger->owner = FINGER_FREE;
	if (owner == FINGER_SURFACE && !cancelled) {
		wlr_seat_touch_notify_up(seat->wlr, time, index_of(touch, finger));
	} else if (owner == FINGER_SURFACE) {
		struct wlr_touch_point *point =
			wlr_seat_touch_get_point(seat->wlr, index_of(touch, finger));
		if (point) {
			wlr_seat_touch_notify_cancel(seat->wlr, point->client);
		}
	} else if (owner == FINGER_CONSOLE) {
		console_touch(finger->console, cancelled ? CONSOLE_TOUCH_CANCEL : CONSOLE_TOUCH_END,
			(uint64_t)index_of(touch, finger), finger->x, finger->y);
	} else if (owner == FINGER_POINTER) {
		pointer_button(seat->pointer, time, BTN_LEFT, false);
		wlr_seat_pointer_notify_frame(seat->wlr);
	}
}

static void handle_up(struct wl_listener *listener, void *data) {
	struct touch *touch = wl_container_of(listener, touch, up);
	struct wlr_touch_up_event *event = data;
	struct finger *finger = find(touch, event->touch->base.data, event->touch_id);
	if (finger) {
		lift(touch, finger, event->time_msec, false);
	}
}

static void handle_cancel(struct wl_listener *listener, void *data) {
	struct touch *touch = wl_container_of(listener, touch, cancel);
	struct wlr_touch_cancel_event *event = data;
	struct finger *finger = find(touch, event->touch->base.data, event->touch_id);
	if (finger) {
		lift(touch, finger, event->time_msec, true);
	}
}

static void handle_frame(struct wl_listener *listener, void *data) {
	struct touch *touch = wl_container_of(listener, touch, frame);
	wlr_seat_touch_notify_frame(touch->seat->wlr);
}

void touch_cancel(struct touch *touch) {
	for (int i = 0; i < TOUCH_FINGERS_MAX; i++) {
		if (touch->fingers[i].owner != FINGER_FREE) {
			lift(touch, &touch->fingers[i], seat_now(), true);
		}
	}
}

void touch_forget_console(struct touch *touch, struct console *console) {
	for (int i = 0; i < TOUCH_FINGERS_MAX; i++) {
		struct finger *finger = &touch->fingers[i];
		if (finger->owner == FINGER_CONSOLE && finger->console == console) {
			finger->owner = FINGER_FREE;
		}
	}
}

struct touch *touch_create(struct seat *seat) {
	struct touch *touch = xcalloc(1, sizeof(*touch));
	struct wlr_cursor *wlr = cursor_wlr(seat->cursor);
	touch->seat = seat;
	touch->down.notify = handle_down;
	wl_signal_add(&wlr->events.touch_down, &touch->down);
	touch->up.notify = handle_up;
	wl_signal_add(&wlr->events.touch_up, &touch->up);
	touch->motion.notify = handle_motion;
	wl_signal_add(&wlr->events.touch_motion, &touch->motion);
	touch->cancel.notify = handle_cancel;
	wl_signal_add(&wlr->events.touch_cancel, &touch->cancel);
	touch->frame.notify = handle_frame;
	wl_signal_add(&wlr->events.touch_frame, &touch->frame);
	return touch;
}

void touch_destroy(struct touch *touch) {
	wl_list_remove(&touch->down.link);
	wl_list_remove(&touch->up.link);
	wl_list_remove(&touch->motion.link);
	wl_list_remove(&touch->cancel.link);
	wl_list_remove(&touch->frame.link);
	free(touch);
}
