/* The seat as a client sees it, and virtual devices by which the tests type and point. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <xkbcommon/xkbcommon.h>

#include "app.h"

struct devices {
	struct wl_seat *seat;
	struct wl_pointer *pointer;
	struct wl_keyboard *keyboard;
	struct zwlr_virtual_pointer_manager_v1 *pointer_manager;
	struct zwp_virtual_keyboard_manager_v1 *keyboard_manager;
	struct zwlr_virtual_pointer_v1 *virtual_pointer;
	struct zwp_virtual_keyboard_v1 *virtual_keyboard;
	uint32_t serial;
};

static const char *name_of(struct app *app, struct wl_surface *surface) {
	struct item *item = item_from_surface(app, surface);
	return item ? item->name : "-";
}

static void handle_pointer_enter(void *data, struct wl_pointer *pointer, uint32_t serial,
	struct wl_surface *surface, wl_fixed_t x, wl_fixed_t y) {
	say("enter %s %d,%d", name_of(data, surface), wl_fixed_to_int(x), wl_fixed_to_int(y));
}

static void handle_pointer_leave(
	void *data, struct wl_pointer *pointer, uint32_t serial, struct wl_surface *surface) {
	say("leave %s", surface ? name_of(data, surface) : "-");
}

static void handle_pointer_motion(
	void *data, struct wl_pointer *pointer, uint32_t time, wl_fixed_t x, wl_fixed_t y) {
	say("motion %d,%d", wl_fixed_to_int(x), wl_fixed_to_int(y));
}

static void handle_pointer_button(void *data, struct wl_pointer *pointer, uint32_t serial,
	uint32_t time, uint32_t button, uint32_t state) {
	struct app *app = data;
	app->devices->serial = serial;
	say("button %u %s", button, state ? "down" : "up");
}

static void handle_pointer_axis(
	void *data, struct wl_pointer *pointer, uint32_t time, uint32_t axis, wl_fixed_t value) {
	say("axis %u %d", axis, wl_fixed_to_int(value));
}

static const struct wl_pointer_listener pointer_listener = {
	.enter = handle_pointer_enter,
	.leave = handle_pointer_leave,
	.motion = handle_pointer_motion,
	.button = handle_pointer_button,
	.axis = handle_pointer_axis,
};

static void handle_keyboard_keymap(
	void *data, struct wl_keyboard *keyboard, uint32_t format, int32_t fd, uint32_t size) {
	close(fd);
}

static void handle_keyboard_enter(void *data, struct wl_keyboard *keyboard, uint32_t serial,
	struct wl_surface *surface, struct wl_array *keys) {
	say("keyboard %s", name_of(data, surface));
}

static void handle_keyboard_leave(
	void *data, struct wl_keyboard *keyboard, uint32_t serial, struct wl_surface *surface) {
	say("keyboard-leave %s", surface ? name_of(data, surface) : "-");
}

static void handle_keyboard_key(void *data, struct wl_keyboard *keyboard, uint32_t serial,
	uint32_t time, uint32_t key, uint32_t state) {
	say("key %u %s", key, state ? "down" : "up");
}

static void handle_keyboard_modifiers(void *data, struct wl_keyboard *keyboard, uint32_t serial,
	uint32_t depressed, uint32_t latched, uint32_t locked, uint32_t group) {
}

static const struct wl_keyboard_listener keyboard_listener = {
	.keymap = handle_keyboard_keymap,
	.enter = handle_keyboard_enter,
	.leave = handle_keyboard_leave,
	.key = handle_keyboard_key,
	.modifiers = handle_keyboard_modifiers,
};

static void handle_seat_capabilities(void *data, struct wl_seat *seat, uint32_t capabilities) {
	struct app *app = data;
	struct devices *devices = app->devices;
	if (capabilities & WL_SEAT_CAPABILITY_POINTER && !devices->pointer) {
		devices->pointer = wl_seat_get_pointer(seat);
		wl_pointer_add_listener(devices->pointer, &pointer_listener, app);
	}
	if (capabilities & WL_SEAT_CAPABILITY_KEYBOARD && !devices->keyboard) {
		devices->keyboard = wl_seat_get_keyboard(seat);
		wl_keyboard_add_listener(devices->keyboard, &keyboard_listener, app);
	}
}

static const struct wl_seat_listener seat_listener = {.capabilities = handle_seat_capabilities};

void devices_bind(struct app *app, const char *interface, uint32_t name) {
	if (!app->devices) {
		app->devices = calloc(1, sizeof(*app->devices));
	}
	struct devices *devices = app->devices;
	if (strcmp(interface, wl_seat_interface.name) == 0) {
		devices->seat = wl_registry_bind(app->registry, name, &wl_seat_interface, 1);
		wl_seat_add_listener(devices->seat, &seat_listener, app);
	} else if (strcmp(interface, zwlr_virtual_pointer_manager_v1_interface.name) == 0) {
		devices->pointer_manager = wl_registry_bind(
			app->registry, name, &zwlr_virtual_pointer_manager_v1_interface, 2);
	} else if (strcmp(interface, zwp_virtual_keyboard_manager_v1_interface.name) == 0) {
		devices->keyboard_manager = wl_registry_bind(
			app->registry, name, &zwp_virtual_keyboard_manager_v1_interface, 1);
	}
}

uint32_t devices_serial(struct app *app) {
	return app->devices->serial;
}

struct wl_seat *devices_seat(struct app *app) {
	return app->devices->seat;
}

static uint32_t now(void) {
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static struct zwlr_virtual_pointer_v1 *virtual_pointer(struct app *app) {
	struct devices *devices = app->devices;
	if (!devices->virtual_pointer) {
		devices->virtual_pointer = zwlr_virtual_pointer_manager_v1_create_virtual_pointer(
			devices->pointer_manager, devices->seat);
	}
	return devices->virtual_pointer;
}

void devices_point(
	struct app *app, unsigned int x, unsigned int y, unsigned int width, unsigned int height) {
	struct zwlr_virtual_pointer_v1 *pointer = virtual_pointer(app);
	zwlr_virtual_pointer_v1_motion_absolute(pointer, now(), x, y, width, height);
	zwlr_virtual_pointer_v1_frame(pointer);
}

void devices_button(struct app *app, uint32_t button, bool pressed) {
	struct zwlr_virtual_pointer_v1 *pointer = virtual_pointer(app);
	zwlr_virtual_pointer_v1_button(pointer, now(), button, pressed);
	zwlr_virtual_pointer_v1_frame(pointer);
}

static void send_keymap(struct zwp_virtual_keyboard_v1 *keyboard) {
	struct xkb_context *context = xkb_context_new(XKB_CONTEXT_NO_FLAGS);
	const struct xkb_rule_names names = {.layout = "us"};
	struct xkb_keymap *keymap = xkb_keymap_new_from_names(context, &names, 0);
	char *text = keymap ? xkb_keymap_get_as_string(keymap, XKB_KEYMAP_FORMAT_TEXT_V1) : NULL;
	int fd = memfd_create("keymap", MFD_CLOEXEC);
	size_t size = text ? strlen(text) + 1 : 0;
	if (!text || fd < 0 || write(fd, text, size) != (ssize_t)size) {
		fail("no keymap");
	}
	zwp_virtual_keyboard_v1_keymap(keyboard, WL_KEYBOARD_KEYMAP_FORMAT_XKB_V1, fd, size);
	close(fd);
	free(text);
	xkb_keymap_unref(keymap);
	xkb_context_unref(context);
}

void devices_key(struct app *app, uint32_t key, bool pressed) {
	struct devices *devices = app->devices;
	if (!devices->virtual_keyboard) {
		devices->virtual_keyboard = zwp_virtual_keyboard_manager_v1_create_virtual_keyboard(
			devices->keyboard_manager, devices->seat);
		send_keymap(devices->virtual_keyboard);
	}
	zwp_virtual_keyboard_v1_key(devices->virtual_keyboard, now(), key, pressed);
}

static void handle_source_cancelled(void *data, struct wl_data_source *source) {
	say("drag-cancelled");
	wl_data_source_destroy(source);
}

static void handle_source_target(void *data, struct wl_data_source *source, const char *mime) {
}

static void handle_source_send(
	void *data, struct wl_data_source *source, const char *mime, int32_t fd) {
	close(fd);
}

static void handle_source_drop(void *data, struct wl_data_source *source) {
	say("dropped");
}

static void handle_source_finished(void *data, struct wl_data_source *source) {
	say("drag-finished");
}

static void handle_source_action(void *data, struct wl_data_source *source, uint32_t action) {
}

static const struct wl_data_source_listener source_listener = {
	.target = handle_source_target,
	.send = handle_source_send,
	.cancelled = handle_source_cancelled,
	.dnd_drop_performed = handle_source_drop,
	.dnd_finished = handle_source_finished,
	.action = handle_source_action,
};

void devices_drag(struct app *app, struct item *origin, struct item *icon) {
	struct wl_data_device *device =
		wl_data_device_manager_get_data_device(app->data_manager, app->devices->seat);
	struct wl_data_source *source =
		wl_data_device_manager_create_data_source(app->data_manager);
	wl_data_source_add_listener(source, &source_listener, app);
	wl_data_source_offer(source, "text/plain");
	wl_data_source_set_actions(source, WL_DATA_DEVICE_MANAGER_DND_ACTION_COPY);
	wl_data_device_start_drag(
		device, source, origin->surface, icon->surface, app->devices->serial);
	item_draw(icon);
}

void devices_destroy(struct app *app) {
	if (app->devices->virtual_pointer) {
		zwlr_virtual_pointer_v1_destroy(app->devices->virtual_pointer);
		app->devices->virtual_pointer = NULL;
	}
	if (app->devices->virtual_keyboard) {
		zwp_virtual_keyboard_v1_destroy(app->devices->virtual_keyboard);
		app->devices->virtual_keyboard = NULL;
	}
}
