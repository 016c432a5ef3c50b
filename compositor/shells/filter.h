/* How surfaces are scaled. */
#ifndef COMPOSITOR_SHELLS_FILTER_H
#define COMPOSITOR_SHELLS_FILTER_H

struct wlr_scene_tree;

/* Buffers of a single pixel, scaled to fill an area, keep their colour: between a pixel and the
 * nothing around it, the renderer's smooth filter would make a gradient. After a commit. */
void filter_update(struct wlr_scene_tree *tree);

#endif
