/* For the tests of input: a headless desk with a real seat, guests behind real connections and a
 * real Wayland client, all in one thread. What arrives is kept as text. */
#ifndef TESTS_INPUT_DESK_H
#define TESTS_INPUT_DESK_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>
#include <wayland-server-core.h>
#include <wlr/types/wlr_keyboard.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_pointer.h>
#include <wlr/types/wlr_touch.h>
#include <wlr/util/box.h>

#include "input/seat.h"
#include "vm-display/display_client.h"
#include "vm-display/frame.h"
#include "vm-display/publisher.h"

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition);    \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

struct test_case {
	const char *name;
	void (*run)(void);
};
#define TEST_CASE(name)                                                                            \
	{ #name, name }
/* All of them, or those named on the command line. */
int run_cases(const struct test_case *cases, size_t count, int argc, char **argv);

/* Words separated by spaces; taken by the check. */
struct record {
	char text[2048];
};
void record_add(struct record *record, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void record_check(struct record *record, const char *expected, const char *file, int line);
#define CHECK_RECORD(record, expected) record_check(record, expected, __FILE__, __LINE__)

struct wl_client_side;

struct desk_place { /* the first one that holds the point counts */
	struct wlr_box box; /* layout px */
	struct seat_target target; /* its x and y are set from the box and the scale */
};

struct desk {
	sd_event *event;
	struct wl_display *display;
	struct wlr_backend *backend;
	struct wlr_renderer *renderer;
	struct wlr_allocator *allocator;
	struct wlr_compositor *compositor;
	struct wlr_output_layout *layout;
	struct wlr_output *output; /* headless, 800x600 at 0,0 */
	struct binding_list bindings;
	struct seat_config config;
	struct seat *seat;
	struct desk_place places[4];
	int place_count;
	enum seat_button_result button_result;
	struct seat_grab *grab_on_button; /* begun by the next press */
	struct record actions; /* "focus:1" … */
	struct record buttons; /* "console:272" … */
	struct cursor_image *cursor; /* as reported last */
	int cursor_reports;
	double cursor_lx, cursor_ly;
	int activity;
	unsigned int vt; /* asked for last */
	bool has_session;
	struct client *client; /* pumped with the rest; NULL: none */
};
void desk_init(struct desk *desk);
void desk_finish(struct desk *desk);
/* Handles what is there and what follows from it, until nothing is left. */
void desk_settle(struct desk *desk);
struct desk_place *desk_add_place(struct desk *desk, int x, int y, int width, int height);
void desk_tap(struct desk *desk, uint32_t key); /* remote: press and release */

/* A console as the compositor has it, and what its guest is told:
 * "key:30+" (qnum), "at:3,4", "by:-1,2", "button:0+", "touch:0@0". */
struct guest {
	struct screen screen;
	struct publisher *publisher;
	struct published_console *published;
	struct display_client *display;
	struct console *console;
	struct desk *desk;
	bool is_ready;
	struct record record;
};
void guest_init(struct guest *guest, struct desk *desk, bool mouse_absolute); /* 400x200 px */
void guest_finish(struct guest *guest);
void guest_check(struct guest *guest, const char *expected, const char *file, int line);
#define CHECK_GUEST(guest, expected) guest_check(guest, expected, __FILE__, __LINE__)

/* Devices, as a backend has them. */
struct wlr_keyboard *desk_plug_keyboard(struct desk *desk);
void desk_key(struct wlr_keyboard *keyboard, uint32_t key, bool pressed);
void desk_unplug_keyboard(struct wlr_keyboard *keyboard);
struct wlr_pointer *desk_plug_pointer(struct desk *desk, const char *output_name);
void desk_move(struct wlr_pointer *pointer, double dx, double dy, double raw_dx, double raw_dy);
void desk_move_to(struct wlr_pointer *pointer, double x, double y); /* 0…1 */
void desk_button(struct wlr_pointer *pointer, uint32_t button, bool pressed);
void desk_wheel(struct wlr_pointer *pointer, int discrete); /* 120 are a step, down is positive */
void desk_unplug_pointer(struct wlr_pointer *pointer);
struct wlr_touch *desk_plug_touch(struct desk *desk);
void desk_unplug_touch(struct wlr_touch *touch);

#endif
