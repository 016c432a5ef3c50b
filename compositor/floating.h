/* Floating views: dialogs and other windows that want a size of their own, above the tiled ones in
 * every layout. One with a parent is centred on it and goes where it goes. */
#ifndef COMPOSITOR_FLOATING_H
#define COMPOSITOR_FLOATING_H

#include <wlr/util/box.h>

struct desktop;
struct output;
struct view;

/* Where the chain of parents of floating views ends; the view itself if it is tiled. */
struct view *view_root(struct view *view);

/* Floats from now on, or has another parent (NULL: none); a parent that is its own child counts as
 * none. */
void floating_set_parent(struct view *view, struct view *parent);
/* The content's size that the client wants, logical px; it gets it unless a person chose one. */
void floating_set_size(struct view *view, int width, int height);
/* By a person; `box` is the outer one, in layout px. */
void floating_move(struct view *view, const struct wlr_box *box);

/* Places an output's floating views; `shown` is the only view that is shown, with its dialogs,
 * NULL: all are. */
void floating_arrange(struct desktop *desktop, struct output *output, const struct view *shown);

#endif
