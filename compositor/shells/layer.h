/* layer-shell: backgrounds, bars, launchers and notifications. */
#ifndef COMPOSITOR_SHELLS_LAYER_H
#define COMPOSITOR_SHELLS_LAYER_H

#include <stdbool.h>
#include <wayland-server-core.h>

struct output;
struct shells;
struct wlr_scene_layer_surface_v1;
struct wlr_scene_tree;
struct wlr_surface;

struct layer_shell {
	struct shells *shells;
	struct wl_listener new_surface, output_removed, output_disabled;
};

struct layer_surface {
	struct layer_shell *layer_shell;
	struct output *output;
	struct wlr_layer_surface_v1 *wlr;
	struct wlr_scene_layer_surface_v1 *scene;
	struct wlr_scene_tree *popups; /* in layers.layer_popups, at the surface's corner */
	bool clicked; /* one that takes the keyboard on demand got it */
	struct wl_list link; /* output.layer_surfaces[wlr->current.layer] */
	struct wl_listener map, unmap, commit, new_popup, destroy;
};

struct layer_shell *layer_shell_create(struct shells *shells);
void layer_shell_destroy(struct layer_shell *layer_shell); /* NULL is legal */

/* Places the output's surfaces and sets output->usable. */
void layer_shell_arrange(struct layer_shell *layer_shell, struct output *output);
/* The user clicked on this surface, or elsewhere (NULL): keyboard on demand. */
void layer_shell_click(struct layer_shell *layer_shell, struct wlr_surface *surface);

#endif
