/* A view: what is placed on the desktop, a guest's console or a Wayland (or X11) toplevel, with a
 * frame in its label's colour around it.
 *
 * `box` is the frame's outer edge, `content` what lies within; both in logical px of the output
 * layout. The frame belongs to the compositor and nothing of the content can cover it. */
#ifndef COMPOSITOR_VIEW_H
#define COMPOSITOR_VIEW_H

#include <stdbool.h>
#include <wayland-server-core.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/util/box.h>

#include "compositor/border.h"
#include "input/seat.h"

struct desktop;
struct output;
struct view;

#define VIEW_TITLE_MAX 128 /* bytes; longer titles are cut */

struct view_impl {
	const char *kind; /* "guest" or "window" */
	/* The content's new place. Size only concerns the content; the position is the scene's. */
	void (*configure)(struct view *view, const struct wlr_box *content);
	void (*activate)(struct view *view, bool active); /* look focused, and take the keyboard */
	void (*set_opacity)(struct view *view, double opacity); /* of the content */
	void (*set_shown)(struct view *view, bool shown); /* whether any of it is on a screen */
	void (*close)(struct view *view);
	/* Alone on its output (NULL: on the one where it is), or not any more. */
	void (*set_fullscreen)(struct view *view, bool fullscreen, struct output *output);
	bool (*is_fullscreen)(const struct view *view);
	/* A click into the content of the focused view where target_at knows nothing; may be NULL.
	 */
	void (*press)(struct view *view);
	/* What of the view is at this point of the content; kind NONE if nothing is. */
	struct seat_target (*target_at)(struct view *view, double lx, double ly);
	/* The smallest content it accepts, px; may be NULL. */
	void (*min_size)(struct view *view, int *width, int *height);
	const char *(*app_id)(struct view *view); /* may be NULL */
	const char *(*path)(struct view *view); /* display path of a console; may be NULL */
};

struct view {
	const struct view_impl *impl;
	struct desktop *desktop;
	struct output *output; /* NULL while there is none */
	char *id; /* "debian", "debian:1", "w12": unique, what commands use */
	char *title; /* printable */
	uint32_t label_color; /* 0xRRGGBB */
	struct wlr_scene_tree *tree; /* at `box`'s corner; holds frame and content */
	struct wlr_scene_tree *content; /* where the implementation puts its nodes */
	struct border *border;
	struct foreign_toplevel *foreign; /* the shells'; what task bars know of it, or NULL */
	struct wlr_box box; /* as laid out now */
	struct wlr_box content_box;
	/* In the free layout, from its output's corner; empty until it was there once. Of a
	 * floating one that was moved by hand: from its parent's corner, or the usable area's. */
	struct wlr_box free_box;
	struct view *parent; /* it is a dialog of this view, which is mapped; NULL: of none */
	int natural_width, natural_height; /* logical px, the content that it wants; floating */
	bool floating; /* above the tiled views, in every layout; see floating.h */
	bool by_hand; /* floating: a person moved or resized it */
	char *home; /* name of the output that it belongs on when that is there; NULL: any */
	double opacity; /* 0 … 1 */
	bool shown, focused;
	bool above_popups; /* it lies in layers.guests; stack.h */
	struct wl_list link; /* desktop.views, in the order of their numbers */
	struct wl_list focus_link; /* desktop.focus_order, most recent first */
	struct wl_list stack_link; /* desktop.stack, from the back to the front */
};

/* For implementations: puts the view on the desktop, on the output that has the focus, under the
 * layout's rule. `id` and `title` are copied. */
void view_init(struct view *view, const struct view_impl *impl, struct desktop *desktop,
	const char *id, const char *title, uint32_t label_color);
void view_map(struct view *view); /* it has something to show: lay out, maybe focus */
void view_unmap(struct view *view);
void view_finish(struct view *view); /* off the desktop; the nodes are destroyed */

void view_set_title(struct view *view, const char *title);
void view_set_opacity(struct view *view, double opacity); /* clamped to 0 … 1 */
/* For the desktop. */
void view_set_focused(struct view *view, bool focused);
void view_set_shown(struct view *view, bool shown);
void view_place(struct view *view, const struct wlr_box *box, enum border_style style);

struct view *view_by_id(struct desktop *desktop, const char *id); /* NULL: no such view is mapped */

#endif
