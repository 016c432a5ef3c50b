/* What the files of this room share: the seat's parts and what they ask of each other. */
#ifndef INPUT_SEAT_PRIVATE_H
#define INPUT_SEAT_PRIVATE_H

#include "input/seat.h"

struct constraint;
struct cursor;
struct keyboard;
struct pointer;
struct touch;

struct seat {
	struct wl_display *display;
	struct wlr_output_layout *layout;
	struct wlr_seat *wlr;
	const struct seat_impl *impl;
	void *data;
	struct seat_config config; /* the strings are ours */
	bool ready; /* wl_seat has its capabilities */

	struct keyboard *keyboard;
	struct pointer *pointer;
	struct cursor *cursor;
	struct constraint *constraint;
	struct touch *touch;

	/* Who has the keyboard: at most one of the two is set. */
	struct console *focused_console;
	struct wlr_surface *focused_surface;
	bool locked; /* only `exclusive` gets events: NULL when that client is gone */
	struct wl_client *exclusive;
	struct wl_list devices; /* seat_device.link */

	struct wl_listener new_input, backend_destroy, client_created;
	struct wl_listener keyboard_grab_end, layout_change;
	struct wl_listener focused_surface_destroy, exclusive_destroy;
};

/* A pointer or touch screen; keyboards have keyboard_device. */
struct seat_device {
	struct seat *seat;
	struct wlr_input_device *wlr; /* its `data` is the seat_device */
	struct wlr_output *output; /* of absolute motion; NULL: as the device says */
	bool relative; /* it sends relative motion, too */
	struct wl_list link; /* seat.devices */
	struct wl_listener destroy, output_destroy;
};

/* Compiles the keymap and announces keyboard and pointer: before anybody needs them. */
void seat_make_ready(struct seat *seat);
void seat_activity(struct seat *seat);
uint32_t seat_now(void); /* ms, as events have it */
/* What is there, as far as the session lock allows. */
struct seat_target seat_target_at(struct seat *seat, double lx, double ly);
/* From the 0…1 of a device to layout px; false if there is no output. */
bool seat_absolute_to_layout(const struct seat *seat, const struct seat_device *device,
	const char *output_name, double x, double y, double *lx, double *ly);

#endif
