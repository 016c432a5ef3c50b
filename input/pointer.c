#include "input/pointer.h"

#include <math.h>
#include <stdlib.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_cursor.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/types/wlr_pointer.h>
#include <wlr/types/wlr_seat.h>

#include "input/constraint.h"
#include "input/cursor.h"
#include "input/pointer_private.h"
#include "util/mem.h"
#include "vm-display/frame.h"

/* What it is over */

static void handle_surface_destroy(struct wl_listener *listener, void *data) {
	struct pointer *pointer = wl_container_of(listener, pointer, surface_destroy);
	struct seat_target none = {.kind = SEAT_TARGET_NONE};
	wl_list_remove(&pointer->surface_destroy.link);
	wl_list_init(&pointer->surface_destroy.link);
	pointer->target = none;
}

static bool is_same(const struct seat_target *a, const struct seat_target *b) {
	return a->kind == b->kind && (a->kind != SEAT_TARGET_SURFACE || a->surface == b->surface) &&
		(a->kind != SEAT_TARGET_CONSOLE || a->console == b->console);
}

void pointer_set_target(struct pointer *pointer, const struct seat_target *target) {
	struct wlr_seat *wlr = pointer->seat->wlr;
	bool same = is_same(&pointer->target, target);
	if (!same && wlr->pointer_state.sent_axis_source) {
		wlr_seat_pointer_notify_frame(wlr); /* belongs to the one that got the axis */
	}
	pointer->target = *target;
	pointer->target_lx = pointer->lx;
	pointer->target_ly = pointer->ly;
	if (!same) {
		wl_list_remove(&pointer->surface_destroy.link);
		wl_list_init(&pointer->surface_destroy.link);
		if (target->kind == SEAT_TARGET_SURFACE) {
			wl_signal_add(&target->surface->events.destroy, &pointer->surface_destroy);
		}
	}
	if (target->kind == SEAT_TARGET_SURFACE) {
		wlr_seat_pointer_notify_enter(wlr, target->surface, target->x, target->y);
	} else {
		wlr_seat_pointer_notify_clear_focus(wlr);
	}
	constraint_update(pointer->seat->constraint);
}

static void show_cursor(struct pointer *pointer) {
	struct cursor *cursor = pointer->seat->cursor;
	const struct seat_target *target = &pointer->target;
	switch (target->kind) {
	case SEAT_TARGET_SURFACE:
		cursor_show_client(cursor, wl_resource_get_client(target->surface->resource));
		break;
	case SEAT_TARGET_CONSOLE:
		cursor_show_console(cursor, target->console);
		break;
	case SEAT_TARGET_CHROME:
		cursor_show_name(cursor, target->cursor ? target->cursor : "default");
		break;
	default:
		cursor_show_name(cursor, "default");
	}
}

static uint32_t clamp_to_frame(double value, uint32_t size) {
	if (!(value > 0)) {
		return 0;
	}
	return value >= size ? size - 1 : (uint32_t)value;
}

static void send_place(struct pointer *pointer, struct console *console, double x, double y) {
	const struct frame *frame = console->screen.frame;
	if (!console->mouse_absolute || !frame || frame->width == 0 || frame->height == 0) {
		return;
	}
	uint32_t px = clamp_to_frame(x, frame->width), py = clamp_to_frame(y, frame->height);
	if (pointer->sent_console == console && pointer->sent_x == px && pointer->sent_y == py) {
		return;
	}
	pointer->sent_console = console;
	pointer->sent_x = px;
	pointer->sent_y = py;
	console_move_to(console, px, py);
}

void pointer_place_in_target(const struct pointer *pointer, double *x, double *y) {
	const struct seat_target *target = &pointer->target;
	*x = target->x + (pointer->lx - pointer->target_lx) * target->scale;
	*y = target->y + (pointer->ly - pointer->target_ly) * target->scale;
}

void pointer_deliver(struct pointer *pointer, uint32_t time) {
	const struct seat_target *target = &pointer->target;
	double x, y;
	pointer_place_in_target(pointer, &x, &y);
	if (target->kind == SEAT_TARGET_SURFACE) {
		wlr_seat_pointer_notify_motion(pointer->seat->wlr, time, x, y);
	} else if (target->kind == SEAT_TARGET_CONSOLE && !pointer->seat->wlr->drag) {
		send_place(pointer, target->console, x, y);
	}
}

/* While buttons are down, what was pressed keeps the pointer, wherever it goes. */
static void follow_held(struct pointer *pointer, uint32_t time) {
	struct seat_target target = seat_target_at(pointer->seat, pointer->lx, pointer->ly);
	if (is_same(&pointer->target, &target)) {
		pointer->target = target;
		pointer->target_lx = pointer->lx;
		pointer->target_ly = pointer->ly;
	}
	if (pointer->buttons.owner != POINTER_OWNER_COMPOSITOR) {
		pointer_deliver(pointer, time);
	}
}

void pointer_refocus(struct pointer *pointer, uint32_t time) {
	if (!pointer->awake || pointer->lock.console || pointer->grabbed) {
		return;
	}
	if (pointer->buttons.count > 0 && !pointer->seat->wlr->drag) {
		follow_held(pointer, time);
		return;
	}
	struct seat_target target = seat_target_at(pointer->seat, pointer->lx, pointer->ly);
	pointer_set_target(pointer, &target);
	pointer_deliver(pointer, time);
	show_cursor(pointer);
}

void seat_rebase(struct seat *seat) {
	pointer_refocus(seat->pointer, seat_now());
}

struct seat_target pointer_target(struct pointer *pointer) {
	if (!pointer->awake) {
		return (struct seat_target){.kind = SEAT_TARGET_NONE};
	}
	return seat_target_at(pointer->seat, pointer->lx, pointer->ly);
}

struct wlr_surface *pointer_surface(const struct pointer *pointer) {
	return pointer->target.kind == SEAT_TARGET_SURFACE ? pointer->target.surface : NULL;
}

/* Where it is */

void pointer_wake(struct pointer *pointer) {
	struct seat *seat = pointer->seat;
	if (pointer->awake) {
		return;
	}
	pointer->awake = true;
	cursor_move(seat->cursor, pointer->lx, pointer->ly);
	if (seat->impl->cursor_moved) {
		seat->impl->cursor_moved(seat->data, pointer->lx, pointer->ly);
	}
}

void pointer_position(const struct pointer *pointer, double *lx, double *ly) {
	*lx = pointer->lx;
	*ly = pointer->ly;
}

void pointer_warp(struct pointer *pointer, double lx, double ly) {
	struct seat *seat = pointer->seat;
	if (!isfinite(lx) || !isfinite(ly)) {
		return;
	}
	wlr_output_layout_closest_point(seat->layout, NULL, lx, ly, &lx, &ly);
	if (!isfinite(lx) || !isfinite(ly) || (lx == pointer->lx && ly == pointer->ly)) {
		return;
	}
	pointer->lx = lx;
	pointer->ly = ly;
	cursor_move(seat->cursor, lx, ly);
	if (pointer->awake && seat->impl->cursor_moved) {
		seat->impl->cursor_moved(seat->data, lx, ly);
	}
}

void pointer_warp_in_target(struct pointer *pointer, double x, double y) {
	const struct seat_target *target = &pointer->target;
	if (target->scale > 0) {
		pointer_warp(pointer, pointer->target_lx + (x - target->x) / target->scale,
			pointer->target_ly + (y - target->y) / target->scale);
	}
}

void pointer_follow_layout(struct pointer *pointer) {
	pointer_warp(pointer, pointer->lx, pointer->ly);
}

static void move(struct pointer *pointer, uint32_t time, double lx, double ly) {
	pointer_warp(pointer, lx, ly);
	if (pointer->grabbed) {
		pointer_grab_motion(pointer);
	} else {
		pointer_refocus(pointer, time);
	}
}

static void begin_event(struct pointer *pointer) {
	seat_make_ready(pointer->seat);
	pointer_wake(pointer);
	seat_activity(pointer->seat);
}

/* Motion of a confined pointer, from where it is in its surface. */
static void confine(struct pointer *pointer, double *dx, double *dy) {
	if (pointer->target.kind == SEAT_TARGET_SURFACE && !pointer->grabbed) {
		double x, y;
		pointer_place_in_target(pointer, &x, &y);
		constraint_confine(pointer->seat->constraint, x, y, dx, dy);
	}
}

static void move_relative(struct pointer *pointer, uint32_t time, double dx, double dy,
	double unaccel_dx, double unaccel_dy) {
	struct constraint *constraint = pointer->seat->constraint;
	begin_event(pointer);
	constraint_send_motion(constraint, time, dx, dy, unaccel_dx, unaccel_dy);
	if (pointer->lock.console) {
		pointer_locked_motion(pointer, unaccel_dx, unaccel_dy);
	} else if (!constraint_is_locked(constraint)) {
		confine(pointer, &dx, &dy);
		move(pointer, time, pointer->lx + dx, pointer->ly + dy);
	}
}

/* `relative`: what is locked learns of it as motion, too. */
static void move_absolute(
	struct pointer *pointer, uint32_t time, double lx, double ly, bool relative) {
	struct constraint *constraint = pointer->seat->constraint;
	begin_event(pointer);
	double dx = lx - pointer->absolute_lx, dy = ly - pointer->absolute_ly;
	pointer->absolute_lx = lx;
	pointer->absolute_ly = ly;
	if (relative && isfinite(dx) && isfinite(dy)) {
		constraint_send_motion(constraint, time, dx, dy, dx, dy);
		if (pointer->lock.console) {
			pointer_locked_motion(pointer, dx, dy);
		}
	}
	if (pointer->lock.console || constraint_is_locked(constraint)) {
		return;
	}
	dx = lx - pointer->lx;
	dy = ly - pointer->ly;
	confine(pointer, &dx, &dy);
	move(pointer, time, pointer->lx + dx, pointer->ly + dy);
}

static void handle_motion(struct wl_listener *listener, void *data) {
	struct pointer *pointer = wl_container_of(listener, pointer, motion);
	struct wlr_pointer_motion_event *event = data;
	struct seat_device *device = event->pointer->base.data;
	device->relative = true;
	move_relative(pointer, event->time_msec, event->delta_x, event->delta_y, event->unaccel_dx,
		event->unaccel_dy);
}

static void handle_motion_absolute(struct wl_listener *listener, void *data) {
	struct pointer *pointer = wl_container_of(listener, pointer, motion_absolute);
	struct wlr_pointer_motion_absolute_event *event = data;
	struct seat_device *device = event->pointer->base.data;
	double lx, ly;
	if (seat_absolute_to_layout(pointer->seat, device, event->pointer->output_name, event->x,
		    event->y, &lx, &ly)) {
		move_absolute(pointer, event->time_msec, lx, ly, !device->relative);
	}
}

static void handle_button(struct wl_listener *listener, void *data) {
	struct pointer *pointer = wl_container_of(listener, pointer, button);
	struct wlr_pointer_button_event *event = data;
	begin_event(pointer);
	pointer_button(pointer, event->time_msec, event->button,
		event->state == WL_POINTER_BUTTON_STATE_PRESSED);
}

static void handle_axis(struct wl_listener *listener, void *data) {
	struct pointer *pointer = wl_container_of(listener, pointer, axis);
	begin_event(pointer);
	pointer_axis(pointer, data);
}

static void handle_frame(struct wl_listener *listener, void *data) {
	struct pointer *pointer = wl_container_of(listener, pointer, frame);
	wlr_seat_pointer_notify_frame(pointer->seat->wlr);
}

void pointer_move_to(struct pointer *pointer, double lx, double ly) {
	move_absolute(pointer, seat_now(), lx, ly, true);
	wlr_seat_pointer_notify_frame(pointer->seat->wlr);
}

void pointer_move_by(struct pointer *pointer, double dx, double dy) {
	move_relative(pointer, seat_now(), dx, dy, dx, dy);
	wlr_seat_pointer_notify_frame(pointer->seat->wlr);
}

void seat_remote_move_to(struct seat *seat, double lx, double ly) {
	pointer_move_to(seat->pointer, lx, ly);
}

void seat_remote_move_by(struct seat *seat, double dx, double dy) {
	pointer_move_by(seat->pointer, dx, dy);
}

void seat_remote_button(struct seat *seat, uint32_t button, bool pressed) {
	struct pointer *pointer = seat->pointer;
	struct key_set *held = &pointer->buttons.remote;
	if (!(pressed ? key_set_add : key_set_remove)(held, button)) {
		return;
	}
	begin_event(pointer);
	pointer_button(pointer, seat_now(), button, pressed);
	wlr_seat_pointer_notify_frame(seat->wlr);
}

void seat_cursor_position(const struct seat *seat, double *lx, double *ly) {
	pointer_position(seat->pointer, lx, ly);
}

void seat_move_cursor(struct seat *seat, double lx, double ly) {
	pointer_move_to(seat->pointer, lx, ly);
}

/* Life */

void pointer_add_device(struct pointer *pointer, struct wlr_input_device *device) {
	wlr_cursor_attach_input_device(pointer->wlr, device);
	pointer_show_if_mouse(pointer);
}

static bool is_mouse(const struct seat_device *device) {
	return device->wlr->type == WLR_INPUT_DEVICE_POINTER && !device->output &&
		!wlr_pointer_from_input_device(device->wlr)->output_name;
}

void pointer_show_if_mouse(struct pointer *pointer) {
	struct seat *seat = pointer->seat;
	struct seat_device *device;
	double lx, ly;
	if (pointer->awake || !cursor_output_center(seat->cursor, &lx, &ly)) {
		return;
	}
	wl_list_for_each (device, &seat->devices, link) {
		if (is_mouse(device)) {
			pointer_warp(pointer, lx, ly);
			pointer_wake(pointer);
			cursor_show_name(seat->cursor, "default");
			return;
		}
	}
}

void pointer_forget_console(struct pointer *pointer, struct console *console) {
	if (pointer->sent_console == console) {
		pointer->sent_console = NULL;
	}
	if (pointer->lock.console == console) {
		pointer->lock = (struct pointer_lock){0};
		cursor_show_name(pointer->seat->cursor, "default");
	}
	if (pointer->target.kind == SEAT_TARGET_CONSOLE && pointer->target.console == console) {
		pointer->target = (struct seat_target){.kind = SEAT_TARGET_NONE};
		if (pointer->buttons.owner == POINTER_OWNER_CONSOLE) {
			pointer->buttons.owner = POINTER_OWNER_COMPOSITOR;
		}
	}
}

void pointer_console_changed(struct pointer *pointer, struct console *console) {
	pointer->sent_console = NULL;
	if (pointer->lock.console == console && console->mouse_absolute) {
		pointer_unlock(pointer);
	} else {
		pointer_refocus(pointer, seat_now());
	}
}

struct pointer *pointer_create(struct seat *seat) {
	struct pointer *pointer = xcalloc(1, sizeof(*pointer));
	pointer->seat = seat;
	pointer->wlr = cursor_wlr(seat->cursor);
	pointer->absolute_lx = pointer->absolute_ly = NAN;
	pointer->motion.notify = handle_motion;
	wl_signal_add(&pointer->wlr->events.motion, &pointer->motion);
	pointer->motion_absolute.notify = handle_motion_absolute;
	wl_signal_add(&pointer->wlr->events.motion_absolute, &pointer->motion_absolute);
	pointer->button.notify = handle_button;
	wl_signal_add(&pointer->wlr->events.button, &pointer->button);
	pointer->axis.notify = handle_axis;
	wl_signal_add(&pointer->wlr->events.axis, &pointer->axis);
	pointer->frame.notify = handle_frame;
	wl_signal_add(&pointer->wlr->events.frame, &pointer->frame);
	pointer->surface_destroy.notify = handle_surface_destroy;
	wl_list_init(&pointer->surface_destroy.link);
	return pointer;
}

void pointer_destroy(struct pointer *pointer) {
	wl_list_remove(&pointer->motion.link);
	wl_list_remove(&pointer->motion_absolute.link);
	wl_list_remove(&pointer->button.link);
	wl_list_remove(&pointer->axis.link);
	wl_list_remove(&pointer->frame.link);
	wl_list_remove(&pointer->surface_destroy.link);
	free(pointer);
}
