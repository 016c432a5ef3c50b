/* Clipboards of Wayland clients, and drag and drop between them. */
#ifndef COMPOSITOR_SHELLS_SELECTION_H
#define COMPOSITOR_SHELLS_SELECTION_H

#include <wayland-server-core.h>

struct shells;
struct wlr_scene_tree;

struct selection {
	struct shells *shells;
	struct wlr_scene_tree *icon; /* of the drag in progress; NULL if there is none */
	struct wl_listener request_set_selection, request_set_primary_selection;
	struct wl_listener request_start_drag, start_drag, icon_destroy;
};

struct selection *selection_create(struct shells *shells);
void selection_destroy(struct selection *selection); /* NULL is legal */
void selection_cursor_moved(struct selection *selection, double lx, double ly);

#endif
