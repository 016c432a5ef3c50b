/* The bridge from a guest's frame to the scene: the frame's memory becomes a wlr_buffer that a
 * wlr_scene_buffer shows, in place on pixman, through one texture that is updated by damage on
 * GLES2, or imported as a dmabuf. No pixel is copied that isn't damaged. */
#ifndef COMPOSITOR_BRIDGE_H
#define COMPOSITOR_BRIDGE_H

#include <pixman.h>
#include <stdbool.h>
#include <wlr/types/wlr_scene.h>

struct frame;
struct wlr_client_buffer;
struct wlr_renderer;

struct bridge {
	struct wlr_renderer *renderer;
	struct wlr_scene_buffer *scene_buffer; /* owned */
	struct frame *frame; /* NULL: none is set */
	struct wlr_buffer *buffer; /* of `frame`; NULL if that can't be shown */
	bool imported; /* the buffer is a dmabuf to the renderer, else memory */
	struct wlr_client_buffer
		*texture_buffer; /* NULL where the renderer reads memory in place */
};

void bridge_init(
	struct bridge *bridge, struct wlr_scene_tree *parent, struct wlr_renderer *renderer);
void bridge_finish(struct bridge *bridge);

/* Shows another frame, or nothing (NULL). */
void bridge_set_frame(struct bridge *bridge, struct frame *frame);
/* False without a frame, or if the renderer can't read its dmabuf and neither can the CPU. */
bool bridge_shows(const struct bridge *bridge);
/* Shows the same by another renderer; the old one may be lost, but must still be there. */
void bridge_set_renderer(struct bridge *bridge, struct wlr_renderer *renderer);
/* The frame's pixels changed there (frame px). */
void bridge_damage(struct bridge *bridge, const pixman_region32_t *damage);

#endif
