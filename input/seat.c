#include "input/seat.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wlr/backend.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_input_device.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/types/wlr_seat.h>

#include "input/constraint.h"
#include "input/cursor.h"
#include "input/device.h"
#include "input/keyboard.h"
#include "input/pointer.h"
#include "input/seat_private.h"
#include "input/touch.h"
#include "util/mem.h"

uint32_t seat_now(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint32_t)(now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

void seat_activity(struct seat *seat) {
	if (seat->impl->activity) {
		seat->impl->activity(seat->data);
	}
}

static bool is_allowed(const struct seat *seat, const struct seat_target *target) {
	switch (target->kind) {
	case SEAT_TARGET_SURFACE:
		return target->surface &&
			(!seat->locked ||
				wl_resource_get_client(target->surface->resource) ==
					seat->exclusive);
	case SEAT_TARGET_CONSOLE:
		return target->console && !seat->locked;
	default:
		return !seat->locked;
	}
}

struct seat_target seat_target_at(struct seat *seat, double lx, double ly) {
	struct seat_target target = seat->impl->target_at(seat->data, lx, ly);
	if (!is_allowed(seat, &target)) {
		return (struct seat_target){.kind = SEAT_TARGET_NONE};
	}
	if (target.scale <= 0) {
		target.scale = 1;
	}
	return target;
}

void seat_make_ready(struct seat *seat) {
	if (seat->ready) {
		return;
	}
	seat->ready = true;
	wl_list_remove(&seat->client_created.link);
	wl_list_init(&seat->client_created.link);
	keyboard_make_ready(seat->keyboard);
	seat_update_capabilities(seat);
}

static void handle_client_created(struct wl_listener *listener, void *data) {
	struct seat *seat = wl_container_of(listener, seat, client_created);
	seat_make_ready(seat);
}

static void handle_new_input(struct wl_listener *listener, void *data) {
	struct seat *seat = wl_container_of(listener, seat, new_input);
	seat_add_device(seat, data, NULL);
}

static void handle_backend_destroy(struct wl_listener *listener, void *data) {
	struct seat *seat = wl_container_of(listener, seat, backend_destroy);
	wl_list_remove(&seat->new_input.link);
	wl_list_init(&seat->new_input.link);
	wl_list_remove(&seat->backend_destroy.link);
	wl_list_init(&seat->backend_destroy.link);
}

static void handle_layout_change(struct wl_listener *listener, void *data) {
	struct seat *seat = wl_container_of(listener, seat, layout_change);
	cursor_follow_layout(seat->cursor);
	pointer_follow_layout(seat->pointer);
}

/* Focus */

static void forget_surface(struct seat *seat) {
	wl_list_remove(&seat->focused_surface_destroy.link);
	wl_list_init(&seat->focused_surface_destroy.link);
	seat->focused_surface = NULL;
}

static void handle_focused_surface_destroy(struct wl_listener *listener, void *data) {
	struct seat *seat = wl_container_of(listener, seat, focused_surface_destroy);
	forget_surface(seat);
}

/* A popup's grab ended: what should have the focus may have changed in the meantime. */
static void handle_keyboard_grab_end(struct wl_listener *listener, void *data) {
	struct seat *seat = wl_container_of(listener, seat, keyboard_grab_end);
	if (seat->focused_surface) {
		keyboard_enter_surface(seat->keyboard);
	} else {
		wlr_seat_keyboard_notify_clear_focus(seat->wlr);
	}
}

/* A popup keeps the keyboard to its client; it ends when the focus goes to somebody else. */
static void end_foreign_grab(struct seat *seat, struct wlr_surface *surface) {
	if (!wlr_seat_keyboard_has_grab(seat->wlr)) {
		return;
	}
	struct wlr_seat_client *holder = seat->wlr->keyboard_state.focused_client;
	if (!surface || !holder || holder->client != wl_resource_get_client(surface->resource)) {
		wlr_seat_keyboard_end_grab(seat->wlr);
	}
}

static void leave_console(struct seat *seat) {
	struct console *console = seat->focused_console;
	if (!console) {
		return;
	}
	keyboard_leave_console(seat->keyboard, console);
	seat->focused_console = NULL;
	pointer_leave_console(seat->pointer, console);
}

void seat_focus_surface(struct seat *seat, struct wlr_surface *surface) {
	if (surface && seat->locked &&
		wl_resource_get_client(surface->resource) != seat->exclusive) {
		surface = NULL;
	}
	leave_console(seat);
	if (surface != seat->focused_surface) {
		forget_surface(seat);
		if (surface) {
			seat->focused_surface = surface;
			wl_signal_add(&surface->events.destroy, &seat->focused_surface_destroy);
		}
	}
	end_foreign_grab(seat, surface);
	if (surface) {
		keyboard_enter_surface(seat->keyboard);
	} else {
		wlr_seat_keyboard_notify_clear_focus(seat->wlr);
		keyboard_update_leds(seat->keyboard);
	}
	constraint_update(seat->constraint);
}

void seat_focus_console(struct seat *seat, struct console *console) {
	if (!console || seat->locked) {
		seat_focus_surface(seat, NULL);
		return;
	}
	if (seat->focused_console == console) {
		return;
	}
	seat_focus_surface(seat, NULL);
	seat->focused_console = console;
	keyboard_update_leds(seat->keyboard);
}

void seat_forget_console(struct seat *seat, struct console *console) {
	if (seat->focused_console == console) {
		keyboard_forget_console(seat->keyboard);
		seat->focused_console = NULL;
		keyboard_update_leds(seat->keyboard);
	}
	pointer_forget_console(seat->pointer, console);
	touch_forget_console(seat->touch, console);
	cursor_forget_console(seat->cursor, console);
}

void seat_console_changed(struct seat *seat, struct console *console) {
	if (seat->focused_console == console) {
		keyboard_update_leds(seat->keyboard);
	}
	cursor_console_changed(seat->cursor, console);
	pointer_console_changed(seat->pointer, console);
}

static void handle_exclusive_destroy(struct wl_listener *listener, void *data) {
	struct seat *seat = wl_container_of(listener, seat, exclusive_destroy);
	wl_list_remove(&seat->exclusive_destroy.link);
	wl_list_init(&seat->exclusive_destroy.link);
	seat->exclusive = NULL; /* the lock holds */
}

void seat_set_exclusive(struct seat *seat, struct wl_client *client) {
	wl_list_remove(&seat->exclusive_destroy.link);
	wl_list_init(&seat->exclusive_destroy.link);
	seat->exclusive = client;
	seat->locked = client != NULL;
	if (client) {
		wl_client_add_destroy_listener(client, &seat->exclusive_destroy);
		seat_focus_surface(seat, seat->focused_surface); /* drops what isn't the client's */
		pointer_drop_buttons(seat->pointer);
		touch_cancel(seat->touch);
	}
	seat_rebase(seat);
}

/* Life */

static void config_finish(struct seat_config *config) {
	free((char *)config->xkb_layout);
	free((char *)config->xkb_variant);
	free((char *)config->xkb_options);
	free((char *)config->xkb_model);
	free((char *)config->cursor_theme);
	*config = (struct seat_config){0};
}

static char *copy(const char *text) {
	return text ? xstrdup(text) : NULL;
}

static void config_copy(struct seat_config *config, const struct seat_config *from) {
	config_finish(config);
	*config = *from;
	config->xkb_layout = copy(from->xkb_layout);
	config->xkb_variant = copy(from->xkb_variant);
	config->xkb_options = copy(from->xkb_options);
	config->xkb_model = copy(from->xkb_model);
	config->cursor_theme = copy(from->cursor_theme);
}

void seat_configure(struct seat *seat, const struct seat_config *config) {
	config_copy(&seat->config, config);
	keyboard_configure(seat->keyboard);
	cursor_configure(seat->cursor);
	seat_configure_devices(seat);
}

static void listen(struct seat *seat, struct wlr_backend *backend) {
	seat->client_created.notify = handle_client_created;
	wl_display_add_client_created_listener(seat->display, &seat->client_created);
	seat->new_input.notify = handle_new_input;
	wl_signal_add(&backend->events.new_input, &seat->new_input);
	seat->backend_destroy.notify = handle_backend_destroy;
	wl_signal_add(&backend->events.destroy, &seat->backend_destroy);
	seat->layout_change.notify = handle_layout_change;
	wl_signal_add(&seat->layout->events.change, &seat->layout_change);
	seat->keyboard_grab_end.notify = handle_keyboard_grab_end;
	wl_signal_add(&seat->wlr->events.keyboard_grab_end, &seat->keyboard_grab_end);
	seat->focused_surface_destroy.notify = handle_focused_surface_destroy;
	wl_list_init(&seat->focused_surface_destroy.link);
	seat->exclusive_destroy.notify = handle_exclusive_destroy;
	wl_list_init(&seat->exclusive_destroy.link);
}

struct seat *seat_create(struct wl_display *display, struct wlr_backend *backend,
	struct wlr_output_layout *layout, const struct seat_config *config,
	const struct seat_impl *impl, void *data) {
	assert(impl->target_at && impl->button && impl->action);
	struct wlr_seat *wlr = wlr_seat_create(display, "seat0");
	if (!wlr) {
		return NULL;
	}
	struct seat *seat = xcalloc(1, sizeof(*seat));
	seat->display = display;
	seat->layout = layout;
	seat->wlr = wlr;
	seat->impl = impl;
	seat->data = data;
	wl_list_init(&seat->devices);
	config_copy(&seat->config, config);
	seat->keyboard = keyboard_create(seat);
	seat->cursor = cursor_create(seat);
	seat->pointer = pointer_create(seat);
	seat->constraint = constraint_create(seat);
	seat->touch = touch_create(seat);
	listen(seat, backend);
	return seat;
}

void seat_destroy(struct seat *seat) {
	if (!seat) {
		return;
	}
	wl_list_remove(&seat->client_created.link);
	wl_list_remove(&seat->new_input.link);
	wl_list_remove(&seat->backend_destroy.link);
	wl_list_remove(&seat->layout_change.link);
	wl_list_remove(&seat->keyboard_grab_end.link);
	wl_list_remove(&seat->focused_surface_destroy.link);
	wl_list_remove(&seat->exclusive_destroy.link);
	seat_remove_devices(seat);
	touch_destroy(seat->touch);
	constraint_destroy(seat->constraint);
	pointer_destroy(seat->pointer);
	cursor_destroy(seat->cursor);
	keyboard_destroy(seat->keyboard);
	wlr_seat_destroy(seat->wlr);
	config_finish(&seat->config);
	free(seat);
}

struct wlr_seat *seat_wlr(struct seat *seat) {
	return seat->wlr;
}

void seat_remote_key(struct seat *seat, uint32_t evdev, bool pressed) {
	seat_make_ready(seat);
	keyboard_remote_key(seat->keyboard, evdev, pressed);
}
