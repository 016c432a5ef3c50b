/* The outline of what lies free above the views and is no view: popups, menus, tooltips. In the
 * colour of windows, above the surface's own pixels, so that no guest's picture or frame can be
 * imitated by it. Input goes through it. */
#ifndef COMPOSITOR_SHELLS_OUTLINE_H
#define COMPOSITOR_SHELLS_OUTLINE_H

#include <stdint.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/util/box.h>

#define OUTLINE_WIDTH 2 /* logical px */

struct outline {
	struct wlr_scene_buffer *edges[4]; /* they go with their parent */
};

/* Above what the parent holds now. */
void outline_init(struct outline *outline, struct wlr_scene_tree *parent, uint32_t color);
/* Along the edges of `box`, within it; in the parent's coordinates. */
void outline_place(struct outline *outline, const struct wlr_box *box);

#endif
