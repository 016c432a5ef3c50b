#include <math.h>
#include <stdlib.h>
#include <wlr/types/wlr_pointer.h>
#include <wlr/types/wlr_seat.h>
#include <xkbcommon/xkbcommon.h>

#include "input/keyboard.h"
#include "input/pointer_private.h"

#define STEP WLR_POINTER_AXIS_DISCRETE_STEP
#define STEPS_MAX 16 /* of one event */
#define STEP_PX 15.0 /* of a touchpad, where libinput gives a wheel's step 15 degrees */

/* Whole steps of the wheel, up is positive; what is left over is kept for the next event. */
static int take_steps(struct pointer *pointer, const struct wlr_pointer_axis_event *event) {
	double amount = event->delta_discrete != 0 ? -(double)event->delta_discrete
						   : -event->delta * STEP / STEP_PX;
	if (!isfinite(amount)) {
		return 0;
	}
	if (amount * pointer->wheel_rest < 0) {
		pointer->wheel_rest = 0;
	}
	pointer->wheel_rest += fmax(-STEP * STEPS_MAX, fmin(STEP * STEPS_MAX, amount));
	int steps = (int)(pointer->wheel_rest / STEP);
	pointer->wheel_rest -= (double)steps * STEP;
	return steps;
}

/* True if the wheel is bound with the modifiers that are down now. */
static bool run_binding(struct pointer *pointer, const struct wlr_pointer_axis_event *event) {
	struct seat *seat = pointer->seat;
	const struct binding_list *bindings = seat->config.bindings;
	unsigned int modifiers = keyboard_modifiers(seat->keyboard);
	if (seat->locked || modifiers == 0 ||
		(!binding_list_find(bindings, modifiers, XKB_KEY_NoSymbol, 1) &&
			!binding_list_find(bindings, modifiers, XKB_KEY_NoSymbol, -1))) {
		return false;
	}
	int steps = take_steps(pointer, event);
	for (int i = 0; i < abs(steps); i++) {
		/* Looked up every time: an action may change the bindings. */
		const struct binding *binding = binding_list_find(
			seat->config.bindings, modifiers, XKB_KEY_NoSymbol, steps > 0 ? 1 : -1);
		if (binding) {
			keyboard_run_binding(seat->keyboard, binding);
		}
	}
	return true;
}

static void turn_in_console(struct console *console, int steps) {
	enum console_button button =
		steps > 0 ? CONSOLE_BUTTON_WHEEL_UP : CONSOLE_BUTTON_WHEEL_DOWN;
	for (int i = 0; i < abs(steps); i++) {
		console_button(console, button, true);
		console_button(console, button, false);
	}
}

void pointer_axis(struct pointer *pointer, const struct wlr_pointer_axis_event *event) {
	bool vertical = event->orientation == WL_POINTER_AXIS_VERTICAL_SCROLL;
	if (pointer->grabbed || (vertical && run_binding(pointer, event))) {
		return;
	}
	const struct seat_target *target = &pointer->target;
	if (target->kind == SEAT_TARGET_CONSOLE) {
		if (vertical) {
			keyboard_flush(pointer->seat->keyboard, target->console);
			turn_in_console(target->console, take_steps(pointer, event));
		}
	} else if (target->kind == SEAT_TARGET_SURFACE) {
		struct wlr_seat *wlr = pointer->seat->wlr;
		if (wlr->pointer_state.sent_axis_source &&
			wlr->pointer_state.cached_axis_source != event->source) {
			wlr_seat_pointer_notify_frame(wlr); /* one source a frame */
		}
		wlr_seat_pointer_notify_axis(wlr, event->time_msec, event->orientation,
			event->delta, event->delta_discrete, event->source,
			event->relative_direction);
	}
}

void seat_remote_wheel(struct seat *seat, int steps) {
	steps = steps > STEPS_MAX ? STEPS_MAX : steps < -STEPS_MAX ? -STEPS_MAX : steps;
	struct wlr_pointer_axis_event event = {
		.time_msec = seat_now(),
		.source = WL_POINTER_AXIS_SOURCE_WHEEL,
		.orientation = WL_POINTER_AXIS_VERTICAL_SCROLL,
		.delta = -steps * STEP_PX,
		.delta_discrete = -steps * STEP,
	};
	if (steps == 0) {
		return;
	}
	seat_make_ready(seat);
	pointer_wake(seat->pointer);
	seat_activity(seat);
	pointer_refocus(seat->pointer, event.time_msec);
	pointer_axis(seat->pointer, &event);
	wlr_seat_pointer_notify_frame(seat->wlr);
}
