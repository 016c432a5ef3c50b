/* The desktop: all views, their order, the focus, and the layout of each output. */
#ifndef COMPOSITOR_DESKTOP_H
#define COMPOSITOR_DESKTOP_H

#include <stdbool.h>
#include <wayland-server-core.h>
#include <wlr/util/box.h>

#include "compositor/layout.h"
#include "input/seat.h"

struct output;
struct server;
struct view;

struct desktop {
	struct server *server;
	struct wl_list views; /* view.link, in the order of their numbers */
	struct wl_list focus_order; /* view.focus_link, most recent first */
	struct wl_list stack; /* view.stack_link, from the back to the front */
	struct view *focused; /* NULL: none */
	struct wlr_surface *layer_focus; /* a layer surface that asked for the keyboard, or NULL */
	bool locked; /* session lock: nothing else is shown or gets input */
	struct view *grabbed; /* being moved or resized */
	struct wlr_box grab_box; /* where it was at the beginning */
	uint32_t grab_edges; /* enum wlr_edges; 0 is a move */
	unsigned int next_window; /* for "w12" */
	struct wl_listener output_added, output_removed, output_changed;
	struct wl_listener output_enabled, output_disabled;
};

struct desktop *desktop_create(struct server *server);
void desktop_destroy(struct desktop *desktop); /* NULL is legal; the views are gone by then */

/* For view.c. */
void desktop_add_view(struct desktop *desktop, struct view *view);
void desktop_remove_view(struct desktop *desktop, struct view *view);

extern const struct seat_impl desktop_seat_impl; /* desktop_seat.c; its data is the desktop */

void desktop_focus(struct desktop *desktop, struct view *view); /* NULL: nobody; also raises */
void desktop_focus_next(struct desktop *desktop, int step);
struct view *desktop_view_by_number(struct desktop *desktop, int number); /* from 1 */
struct output *desktop_focused_output(struct desktop *desktop); /* NULL if there are none */

/* Lays out one output again (NULL: all). Cheap when nothing changes. */
void desktop_arrange(struct desktop *desktop, struct output *output);
void desktop_set_layout(struct desktop *desktop, struct output *output, enum layout_mode mode);
/* Moves and resizes in the free layout (switches the output to it, but for floating views); sizes
 * of 0 are kept. */
void desktop_move_view(struct desktop *desktop, struct view *view, const struct wlr_box *box);
void desktop_assign(struct desktop *desktop, struct view *view, struct output *output);
/* Likewise, by a person's wish: the view returns there when the output comes back. */
void desktop_move_to_output(struct desktop *desktop, struct view *view, struct output *output);
/* desktop_outputs.c: the one that a binding means (BINDING_FOCUS_OUTPUT), seen from the focused
 * one; NULL if there is none. */
struct output *desktop_find_output(struct desktop *desktop, const char *where);
/* Its last view; where it has none the pointer goes there, and new windows follow. */
void desktop_focus_output(struct desktop *desktop, struct output *output);
/* Interactive, where a view can be moved: in the free layout, and floating. `edges` is enum
 * wlr_edges, 0 moves. desktop_grab.c. */
bool desktop_moves_view(const struct view *view);
void desktop_begin_grab(struct desktop *desktop, struct view *view, uint32_t edges);

/* The configuration changed: frames, gaps and colours are made again. */
void desktop_reconfigure(struct desktop *desktop);

/* A layer surface takes the keyboard, or gives it back (NULL). */
void desktop_set_layer_focus(struct desktop *desktop, struct wlr_surface *surface);
void desktop_set_locked(struct desktop *desktop, bool locked, struct wl_client *client);

#endif
