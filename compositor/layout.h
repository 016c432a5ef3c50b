/* Where views go: pure geometry, in logical px. */
#ifndef COMPOSITOR_LAYOUT_H
#define COMPOSITOR_LAYOUT_H

#include <stdbool.h>
#include <wlr/util/box.h>

enum layout_mode { LAYOUT_GRID, LAYOUT_SINGLE, LAYOUT_FREE };

const char *layout_mode_name(enum layout_mode mode);
bool layout_mode_parse(const char *name, enum layout_mode *mode);

/* Fills `boxes` with `count` boxes inside `area`, `gap` px apart: the number of columns is the one
 * that gives contents of 16:10 the largest size. A last row that isn't full is centred. */
void layout_grid(const struct wlr_box *area, int count, int gap, struct wlr_box *boxes);

/* A first place in the free layout for a view of this size: cascaded, within `area`. */
struct wlr_box layout_cascade(const struct wlr_box *area, int width, int height, int index);

/* `box` moved, and cut if need be, so that its title bar stays reachable within `area`. */
struct wlr_box layout_keep_reachable(const struct wlr_box *area, const struct wlr_box *box);

/* The largest box of the picture's proportions, centred in `content`. Pictures that fit exactly, or
 * scaled by a whole number, are placed on whole px. */
struct wlr_box layout_fit(const struct wlr_box *content, int width, int height);

#endif
