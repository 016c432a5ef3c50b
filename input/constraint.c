#include "input/constraint.h"

#include <math.h>
#include <stdlib.h>
#include <wlr/types/wlr_pointer_constraints_v1.h>
#include <wlr/types/wlr_relative_pointer_v1.h>
#include <wlr/util/region.h>

#include "input/pointer.h"
#include "input/seat_private.h"
#include "util/mem.h"

struct constraint {
	struct seat *seat;
	struct wlr_pointer_constraints_v1 *manager;
	struct wlr_relative_pointer_manager_v1 *relative;
	struct wlr_pointer_constraint_v1 *active; /* NULL: none */
	/* The user took the pointer back from it; only compared. NULL: nothing. */
	struct wlr_surface *released;
	struct wl_listener new_constraint, active_destroy;
};

/* A client that locks says where the cursor should be afterwards. */
static void apply_hint(struct constraint *constraint) {
	const struct wlr_pointer_constraint_v1 *active = constraint->active;
	if (active->type == WLR_POINTER_CONSTRAINT_V1_LOCKED &&
		active->current.cursor_hint.enabled &&
		pointer_surface(constraint->seat->pointer) == active->surface) {
		pointer_warp_in_target(constraint->seat->pointer, active->current.cursor_hint.x,
			active->current.cursor_hint.y);
	}
}

static void forget_active(struct constraint *constraint) {
	wl_list_remove(&constraint->active_destroy.link);
	wl_list_init(&constraint->active_destroy.link);
	constraint->active = NULL;
}

static void handle_active_destroy(struct wl_listener *listener, void *data) {
	struct constraint *constraint = wl_container_of(listener, constraint, active_destroy);
	apply_hint(constraint);
	forget_active(constraint);
}

static void deactivate(struct constraint *constraint) {
	struct wlr_pointer_constraint_v1 *active = constraint->active;
	if (active) {
		apply_hint(constraint);
		forget_active(constraint);
		wlr_pointer_constraint_v1_send_deactivated(active); /* may destroy it */
	}
}

static bool is_in_region(
	const struct constraint *constraint, struct wlr_pointer_constraint_v1 *wanted) {
	double sx, sy;
	pointer_place_in_target(constraint->seat->pointer, &sx, &sy);
	return pixman_region32_contains_point(
		&wanted->region, (int)floor(sx), (int)floor(sy), NULL);
}

/* What should be active: the one of the surface that has both the pointer and the keyboard. */
static struct wlr_pointer_constraint_v1 *find_wanted(struct constraint *constraint) {
	struct seat *seat = constraint->seat;
	struct wlr_surface *surface = pointer_surface(seat->pointer);
	if (surface != constraint->released) {
		constraint->released = NULL;
	}
	if (!surface || surface == constraint->released || surface != seat->focused_surface) {
		return NULL;
	}
	return wlr_pointer_constraints_v1_constraint_for_surface(
		constraint->manager, surface, seat->wlr);
}

void constraint_update(struct constraint *constraint) {
	struct wlr_pointer_constraint_v1 *wanted = find_wanted(constraint);
	if (wanted == constraint->active) {
		return;
	}
	deactivate(constraint);
	if (wanted && is_in_region(constraint, wanted)) {
		constraint->active = wanted;
		wl_signal_add(&wanted->events.destroy, &constraint->active_destroy);
		wlr_pointer_constraint_v1_send_activated(wanted);
	}
}

void constraint_release(struct constraint *constraint) {
	if (constraint->active) {
		constraint->released = constraint->active->surface;
		deactivate(constraint);
	}
}

bool constraint_is_locked(const struct constraint *constraint) {
	return constraint->active && constraint->active->type == WLR_POINTER_CONSTRAINT_V1_LOCKED;
}

void constraint_send_motion(struct constraint *constraint, uint32_t time, double dx, double dy,
	double unaccel_dx, double unaccel_dy) {
	wlr_relative_pointer_manager_v1_send_relative_motion(constraint->relative,
		constraint->seat->wlr, (uint64_t)time * 1000, dx, dy, unaccel_dx, unaccel_dy);
}

void constraint_confine(
	struct constraint *constraint, double sx, double sy, double *dx, double *dy) {
	const struct wlr_pointer_constraint_v1 *active = constraint->active;
	double x, y;
	if (active && active->type == WLR_POINTER_CONSTRAINT_V1_CONFINED &&
		wlr_region_confine(&active->region, sx, sy, sx + *dx, sy + *dy, &x, &y)) {
		*dx = x - sx;
		*dy = y - sy;
	}
}

static void handle_new_constraint(struct wl_listener *listener, void *data) {
	struct constraint *constraint = wl_container_of(listener, constraint, new_constraint);
	constraint_update(constraint);
}

struct constraint *constraint_create(struct seat *seat) {
	struct constraint *constraint = xcalloc(1, sizeof(*constraint));
	constraint->seat = seat;
	constraint->manager = wlr_pointer_constraints_v1_create(seat->display);
	constraint->relative = wlr_relative_pointer_manager_v1_create(seat->display);
	if (!constraint->manager || !constraint->relative) {
		abort(); /* small allocations only */
	}
	constraint->new_constraint.notify = handle_new_constraint;
	wl_signal_add(&constraint->manager->events.new_constraint, &constraint->new_constraint);
	constraint->active_destroy.notify = handle_active_destroy;
	wl_list_init(&constraint->active_destroy.link);
	return constraint;
}

void constraint_destroy(struct constraint *constraint) {
	wl_list_remove(&constraint->new_constraint.link);
	wl_list_remove(&constraint->active_destroy.link);
	free(constraint);
}
