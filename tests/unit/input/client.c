#include "tests/unit/input/client.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wlr/types/wlr_compositor.h>

#include "cursor-shape-v1-client-protocol.h"
#include "pointer-constraints-unstable-v1-client-protocol.h"
#include "relative-pointer-unstable-v1-client-protocol.h"

static void handle_keymap(
	void *data, struct wl_keyboard *keyboard, uint32_t format, int fd, uint32_t size) {
	struct client *client = data;
	CHECK(format == WL_KEYBOARD_KEYMAP_FORMAT_XKB_V1);
	client->keymaps++;
	close(fd);
}

static void handle_enter(void *data, struct wl_keyboard *keyboard, uint32_t serial,
	struct wl_surface *surface, struct wl_array *keys) {
	struct client *client = data;
	record_add(&client->record, "enter");
	uint32_t *key;
	wl_array_for_each (key, keys) {
		record_add(&client->record, "held:%u", *key);
	}
}

static void handle_leave(
	void *data, struct wl_keyboard *keyboard, uint32_t serial, struct wl_surface *surface) {
	struct client *client = data;
	record_add(&client->record, "leave");
}

static void handle_key(void *data, struct wl_keyboard *keyboard, uint32_t serial, uint32_t time,
	uint32_t key, uint32_t state) {
	struct client *client = data;
	record_add(&client->record, "key:%u%c", key, state ? '+' : '-');
}

static void handle_modifiers(void *data, struct wl_keyboard *keyboard, uint32_t serial,
	uint32_t depressed, uint32_t latched, uint32_t locked, uint32_t group) {
	struct client *client = data;
	record_add(&client->record, "mods:%u", depressed);
}

static void handle_repeat_info(
	void *data, struct wl_keyboard *keyboard, int32_t rate, int32_t delay) {
}

static const struct wl_keyboard_listener keyboard_listener = {
	.keymap = handle_keymap,
	.enter = handle_enter,
	.leave = handle_leave,
	.key = handle_key,
	.modifiers = handle_modifiers,
	.repeat_info = handle_repeat_info,
};

static void handle_pointer_enter(void *data, struct wl_pointer *pointer, uint32_t serial,
	struct wl_surface *surface, wl_fixed_t x, wl_fixed_t y) {
	struct client *client = data;
	client->enter_serial = serial;
	record_add(&client->record, "penter:%g,%g", wl_fixed_to_double(x), wl_fixed_to_double(y));
}

static void handle_pointer_leave(
	void *data, struct wl_pointer *pointer, uint32_t serial, struct wl_surface *surface) {
	struct client *client = data;
	record_add(&client->record, "pleave");
}

static void handle_pointer_motion(
	void *data, struct wl_pointer *pointer, uint32_t time, wl_fixed_t x, wl_fixed_t y) {
	struct client *client = data;
	record_add(&client->record, "motion:%g,%g", wl_fixed_to_double(x), wl_fixed_to_double(y));
}

static void handle_pointer_button(void *data, struct wl_pointer *pointer, uint32_t serial,
	uint32_t time, uint32_t button, uint32_t state) {
	struct client *client = data;
	client->press_serial = state ? serial : client->press_serial;
	record_add(&client->record, "button:%u%c", button, state ? '+' : '-');
}

static void handle_pointer_axis(
	void *data, struct wl_pointer *pointer, uint32_t time, uint32_t axis, wl_fixed_t value) {
	struct client *client = data;
	record_add(&client->record, "axis:%g", wl_fixed_to_double(value));
}

static void handle_pointer_frame(void *data, struct wl_pointer *pointer) {
	struct client *client = data;
	record_add(&client->record, "frame");
}

static void handle_axis_source(void *data, struct wl_pointer *pointer, uint32_t source) {
}

static void handle_axis_stop(void *data, struct wl_pointer *pointer, uint32_t time, uint32_t axis) {
}

static void handle_axis_discrete(
	void *data, struct wl_pointer *pointer, uint32_t axis, int32_t steps) {
}

static void handle_axis_value120(
	void *data, struct wl_pointer *pointer, uint32_t axis, int32_t value) {
	struct client *client = data;
	record_add(&client->record, "v120:%d", value);
}

static const struct wl_pointer_listener pointer_listener = {
	.enter = handle_pointer_enter,
	.leave = handle_pointer_leave,
	.motion = handle_pointer_motion,
	.button = handle_pointer_button,
	.axis = handle_pointer_axis,
	.frame = handle_pointer_frame,
	.axis_source = handle_axis_source,
	.axis_stop = handle_axis_stop,
	.axis_discrete = handle_axis_discrete,
	.axis_value120 = handle_axis_value120,
};

static void handle_relative_motion(void *data, struct zwp_relative_pointer_v1 *relative,
	uint32_t time_hi, uint32_t time_lo, wl_fixed_t dx, wl_fixed_t dy, wl_fixed_t raw_dx,
	wl_fixed_t raw_dy) {
	struct client *client = data;
	record_add(&client->record, "relative:%g,%g/%g,%g", wl_fixed_to_double(dx),
		wl_fixed_to_double(dy), wl_fixed_to_double(raw_dx), wl_fixed_to_double(raw_dy));
}

static const struct zwp_relative_pointer_v1_listener relative_listener = {
	.relative_motion = handle_relative_motion,
};

static void handle_touch_down(void *data, struct wl_touch *touch, uint32_t serial, uint32_t time,
	struct wl_surface *surface, int32_t id, wl_fixed_t x, wl_fixed_t y) {
	struct client *client = data;
	record_add(
		&client->record, "down:%d@%g,%g", id, wl_fixed_to_double(x), wl_fixed_to_double(y));
}

static void handle_touch_up(
	void *data, struct wl_touch *touch, uint32_t serial, uint32_t time, int32_t id) {
	struct client *client = data;
	record_add(&client->record, "up:%d", id);
}

static void handle_touch_motion(
	void *data, struct wl_touch *touch, uint32_t time, int32_t id, wl_fixed_t x, wl_fixed_t y) {
	struct client *client = data;
	record_add(
		&client->record, "drag:%d@%g,%g", id, wl_fixed_to_double(x), wl_fixed_to_double(y));
}

static void handle_touch_frame(void *data, struct wl_touch *touch) {
}

static void handle_touch_cancel(void *data, struct wl_touch *touch) {
	struct client *client = data;
	record_add(&client->record, "cancel");
}

static const struct wl_touch_listener touch_listener = {
	.down = handle_touch_down,
	.up = handle_touch_up,
	.motion = handle_touch_motion,
	.frame = handle_touch_frame,
	.cancel = handle_touch_cancel,
};

static void handle_capabilities(void *data, struct wl_seat *seat, uint32_t capabilities) {
	struct client *client = data;
	client->capabilities = capabilities;
	if ((capabilities & WL_SEAT_CAPABILITY_KEYBOARD) && !client->keyboard) {
		client->keyboard = wl_seat_get_keyboard(seat);
		wl_keyboard_add_listener(client->keyboard, &keyboard_listener, client);
	}
	if ((capabilities & WL_SEAT_CAPABILITY_POINTER) && !client->pointer) {
		client->pointer = wl_seat_get_pointer(seat);
		wl_pointer_add_listener(client->pointer, &pointer_listener, client);
	}
	if ((capabilities & WL_SEAT_CAPABILITY_TOUCH) && !client->touch) {
		client->touch = wl_seat_get_touch(seat);
		wl_touch_add_listener(client->touch, &touch_listener, client);
	}
}

static void handle_name(void *data, struct wl_seat *seat, const char *name) {
	CHECK(strcmp(name, "seat0") == 0);
}

static const struct wl_seat_listener seat_listener = {
	.capabilities = handle_capabilities,
	.name = handle_name,
};

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version) {
	struct client *client = data;
	const struct {
		const struct wl_interface *interface;
		uint32_t version;
		void **object;
	} wanted[] = {
		{&wl_compositor_interface, 4, (void **)&client->compositor},
		{&wl_shm_interface, 1, (void **)&client->shm},
		{&wl_seat_interface, 8, (void **)&client->seat},
		{&wl_data_device_manager_interface, 3, (void **)&client->data_devices},
		{&zwp_pointer_constraints_v1_interface, 1, (void **)&client->constraints},
		{&zwp_relative_pointer_manager_v1_interface, 1, (void **)&client->relative_manager},
		{&wp_cursor_shape_manager_v1_interface, 1, (void **)&client->shapes},
	};
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (strcmp(interface, wanted[i].interface->name) == 0) {
			*wanted[i].object = wl_registry_bind(
				registry, name, wanted[i].interface, wanted[i].version);
		}
	}
	if (strcmp(interface, wl_seat_interface.name) == 0) {
		wl_seat_add_listener(client->seat, &seat_listener, client);
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name) {
}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

static void handle_new_surface(struct wl_listener *listener, void *data) {
	struct client *client = wl_container_of(listener, client, new_surface);
	client->wlr_surface = data;
}

int client_pump(struct client *client) {
	int events = wl_display_dispatch_pending(client->display);
	CHECK(events >= 0);
	wl_display_flush(client->display);
	while (wl_display_prepare_read(client->display) != 0) {
		events += wl_display_dispatch_pending(client->display);
	}
	struct pollfd fd = {.fd = wl_display_get_fd(client->display), .events = POLLIN};
	if (poll(&fd, 1, 0) > 0) {
		CHECK(wl_display_read_events(client->display) == 0);
	} else {
		wl_display_cancel_read(client->display);
	}
	events += wl_display_dispatch_pending(client->display);
	CHECK(wl_display_get_error(client->display) == 0);
	wl_display_flush(client->display);
	return events;
}

static void paint(struct client *client, struct wl_surface *surface, int size, uint32_t argb) {
	size_t bytes = (size_t)size * (size_t)size * 4;
	int fd = memfd_create("cursor", MFD_CLOEXEC);
	CHECK(fd >= 0 && ftruncate(fd, (off_t)bytes) == 0);
	uint32_t *pixels = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(pixels != MAP_FAILED);
	for (int i = 0; i < size * size; i++) {
		pixels[i] = argb;
	}
	munmap(pixels, bytes);
	struct wl_shm_pool *pool = wl_shm_create_pool(client->shm, fd, (int)bytes);
	close(fd);
	struct wl_buffer *buffer =
		wl_shm_pool_create_buffer(pool, 0, size, size, size * 4, WL_SHM_FORMAT_ARGB8888);
	wl_shm_pool_destroy(pool);
	wl_surface_attach(surface, buffer, 0, 0);
	wl_surface_damage_buffer(surface, 0, 0, size, size);
	wl_surface_commit(surface);
	wl_buffer_destroy(buffer);
}

struct wl_surface *client_create_cursor(struct client *client, int size, uint32_t argb) {
	struct wl_surface *surface = wl_compositor_create_surface(client->compositor);
	paint(client, surface, size, argb);
	return surface;
}

void client_init(struct client *client, struct desk *desk) {
	*client = (struct client){.desk = desk};
	int fds[2];
	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
	client->server_side = wl_client_create(desk->display, fds[0]);
	client->display = wl_display_connect_to_fd(fds[1]);
	CHECK(client->server_side && client->display);
	desk->client = client;
	client->registry = wl_display_get_registry(client->display);
	wl_registry_add_listener(client->registry, &registry_listener, client);
	desk_settle(desk);
	CHECK(client->compositor && client->shm && client->seat && client->constraints &&
		client->relative_manager && client->shapes);
	client->new_surface.notify = handle_new_surface;
	wl_signal_add(&desk->compositor->events.new_surface, &client->new_surface);
	client->surface = client_create_cursor(client, 100, 0xff808080);
	desk_settle(desk);
	wl_list_remove(&client->new_surface.link);
	CHECK(client->wlr_surface && client->keyboard && client->pointer);
	client->relative = zwp_relative_pointer_manager_v1_get_relative_pointer(
		client->relative_manager, client->pointer);
	zwp_relative_pointer_v1_add_listener(client->relative, &relative_listener, client);
	desk_settle(desk);
	CHECK(client->keymaps == 1);
}

void client_destroy_surface(struct client *client) {
	wl_surface_destroy(client->surface);
	client->surface = NULL;
	desk_settle(client->desk);
}

void client_finish(struct client *client) {
	if (client->surface) {
		wl_surface_destroy(client->surface);
	}
	zwp_relative_pointer_v1_destroy(client->relative);
	zwp_relative_pointer_manager_v1_destroy(client->relative_manager);
	zwp_pointer_constraints_v1_destroy(client->constraints);
	wp_cursor_shape_manager_v1_destroy(client->shapes);
	wl_keyboard_destroy(client->keyboard);
	wl_pointer_destroy(client->pointer);
	if (client->touch) {
		wl_touch_destroy(client->touch);
	}
	if (client->data_devices) {
		wl_data_device_manager_destroy(client->data_devices);
	}
	wl_seat_destroy(client->seat);
	wl_shm_destroy(client->shm);
	wl_compositor_destroy(client->compositor);
	wl_registry_destroy(client->registry);
	client->desk->client = NULL;
	wl_display_disconnect(client->display);
	wl_client_destroy(client->server_side);
	desk_settle(client->desk);
}

void client_check(struct client *client, const char *expected, const char *file, int line) {
	desk_settle(client->desk);
	record_check(&client->record, expected, file, line);
}
