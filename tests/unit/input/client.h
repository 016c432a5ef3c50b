/* A Wayland client in the test's own thread. What it is told, as text: "enter", "leave", "key:30+",
 * "mods:40", "penter:3,4", "pleave", "motion:3,4", "button:272+", "axis:15/120", "frame",
 * "down:0@3,4", "up:0", "locked" … */
#ifndef TESTS_INPUT_CLIENT_H
#define TESTS_INPUT_CLIENT_H

#include <wayland-client-core.h>
#include <wayland-client-protocol.h>

#include "tests/unit/input/desk.h"

struct client {
	struct desk *desk;
	struct wl_client *server_side;
	struct wl_display *display;
	struct wl_registry *registry;
	struct wl_compositor *compositor;
	struct wl_shm *shm;
	struct wl_seat *seat;
	struct zwp_pointer_constraints_v1 *constraints;
	struct zwp_relative_pointer_manager_v1 *relative_manager;
	struct wp_cursor_shape_manager_v1 *shapes;
	struct wl_data_device_manager *data_devices; /* NULL if the test made none */
	struct wl_keyboard *keyboard;
	struct wl_pointer *pointer;
	struct wl_touch *touch;
	struct zwp_relative_pointer_v1 *relative;
	struct wl_surface *surface;
	struct wlr_surface *wlr_surface; /* the same one, in the compositor */
	uint32_t enter_serial, press_serial; /* of the pointer */
	uint32_t capabilities;
	int keymaps;
	struct record record;
	struct wl_listener new_surface;
};
/* With a surface of 100x100 px and all objects of the seat. */
void client_init(struct client *client, struct desk *desk);
void client_finish(struct client *client);
int client_pump(struct client *client); /* handles what came; returns how much */
void client_destroy_surface(struct client *client);
/* A surface of one colour, as wl_pointer.set_cursor takes them. */
struct wl_surface *client_create_cursor(struct client *client, int size, uint32_t argb);
void client_check(struct client *client, const char *expected, const char *file, int line);
#define CHECK_CLIENT(client, expected) client_check(client, expected, __FILE__, __LINE__)

#endif
