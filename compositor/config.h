/* The configuration file: INI (docs/mullion-config.5.scd). */
#ifndef COMPOSITOR_CONFIG_H
#define COMPOSITOR_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <wayland-util.h>

#include "compositor/layout.h"
#include "control/control.h"
#include "input/seat.h"

struct output_config {
	char *name; /* of the output, or "*" */
	struct control_output_change change;
	struct wl_list link;
};

struct config {
	unsigned int modifier; /* enum combo_modifier */
	enum layout_mode layout;
	struct binding_list bindings;
	struct device_rules devices;
	char *xkb_layout, *xkb_variant, *xkb_options, *xkb_model; /* NULL: the system's */
	int repeat_rate; /* Hz */
	int repeat_delay; /* ms */
	char *cursor_theme; /* NULL: default */
	int cursor_size; /* px */
	char *font;
	int border, title_height, gap; /* logical px */
	uint32_t background, window_label; /* 0xRRGGBB */
	bool xwayland;
	char *guest_user; /* who runs QEMU when we are root; NULL: vmm's default */
	char *remote_user; /* who runs remote servers then; NULL: the same */
	char **guests; /* paths, absolute */
	size_t guest_count;
	struct wl_list outputs; /* output_config.link */
	struct wl_list remotes; /* remote_config.link */
};

struct config *config_create_default(void);
/* Every mistake is written as "FILE:LINE: what is wrong"; NULL if there was one. */
struct config *config_load(const char *path, FILE *errors);
/* `path`, or the user's file if that is NULL, or the defaults if there is none. */
struct config *config_find(const char *path, FILE *errors);
void config_destroy(struct config *config); /* NULL is legal */

/* The seat's part; points into the config. */
struct seat_config config_seat(struct config *config);
/* The change for an output of this name; NULL if the file says nothing about it. */
const struct control_output_change *config_output(const struct config *config, const char *name);

/* An output change that changes nothing. */
struct control_output_change config_no_output_change(void);

#endif
