/* Outputs: monitors, nested windows and headless screens; their frames and their mirrors for
 * publishing. */
#ifndef COMPOSITOR_OUTPUT_H
#define COMPOSITOR_OUTPUT_H

#include <stdbool.h>
#include <wayland-server-core.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/util/box.h>

#include "compositor/layout.h"

struct server;
struct mirror;

struct output {
	struct outputs *outputs;
	struct wlr_output *wlr;
	struct wlr_scene_output *scene_output;
	/* Part of the desktop: views are laid out on it, and neighbours keep clear of it. Off by
	 * `output configure --disable`; one that only sleeps stays placed. */
	bool placed;
	bool fixed; /* at `x`, `y`; else to the right of the others */
	int x, y; /* logical px; asked for */
	struct wlr_box box; /* logical px; empty while it isn't placed */
	struct wlr_box usable; /* what layer surfaces leave, logical px */
	enum layout_mode layout;
	struct mirror *mirror; /* what listeners see */
	bool mirrored; /* it has taken the frame that is being committed already */
	struct wlr_scene_rect *background;
	struct wl_list layer_surfaces[4]; /* by zwlr_layer_shell_v1_layer; shells.c's */
	struct wl_list link; /* outputs.list, in the order of their appearance */
	struct wl_listener frame, request_state, precommit, commit, destroy;
};

struct outputs {
	struct server *server;
	struct wlr_output_layout *layout;
	struct wlr_scene_output_layout *scene_layout;
	struct wl_list list;
	struct {
		struct wl_signal added, removed; /* struct output */
		struct wl_signal enabled, disabled; /* struct output: `placed` changed */
		struct wl_signal changed; /* struct output: geometry, or `placed` */
		struct wl_signal frame,
			composed; /* struct output: about to be composed, was composed */
	} events;
	const char *next_name; /* of the output that is being created */
	bool closing;
	struct wl_listener new_output, layout_change;
};

struct outputs *outputs_create(struct server *server);
void outputs_destroy(struct outputs *outputs);
/* Outputs of the options and of the last session (headless ones); one of 1920x1080 if there would
 * be none at all. */
bool outputs_create_initial(struct outputs *outputs);
void outputs_reconfigure(struct outputs *outputs);
struct output *output_by_name(struct outputs *outputs, const char *name);
struct output *output_at(struct outputs *outputs, double lx, double ly); /* NULL if none is there */
struct output *output_from_wlr(struct outputs *outputs, const struct wlr_output *wlr);
struct output *outputs_first(struct outputs *outputs); /* of those that are placed; NULL: none */
bool output_is_headless(const struct output *output);

/* A headless output; NULL with *error allocated. */
struct output *outputs_create_headless(
	struct outputs *outputs, const char *name, int width, int height, char **error);
bool output_remove(struct output *output, char **error); /* headless ones only */
const char *output_transform_name(enum wl_output_transform transform); /* "normal", "90" … */
struct control_output_change;
bool output_configure(
	struct output *output, const struct control_output_change *change, char **error);

#endif
