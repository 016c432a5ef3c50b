/* Cursor images and what they are drawn from: the pixels of a client's surface, and a wlr_buffer
 * for outputs. */
#ifndef INPUT_CURSOR_BUFFER_H
#define INPUT_CURSOR_BUFFER_H

#include "vm-display/screen.h"

struct wlr_buffer;
struct wlr_surface;

/* Holds a reference to the image; to be dropped. */
struct wlr_buffer *cursor_buffer_create(struct cursor_image *image);

/* In surface px: what is larger than CURSOR_SIDE_MAX, or can't be read, gives NULL. */
struct cursor_image *cursor_image_from_surface(struct wlr_surface *surface, int hot_x, int hot_y);

#endif
