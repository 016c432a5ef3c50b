/* A wlr_buffer of pixels of our own: labels, cursors. */
#ifndef COMPOSITOR_PIXEL_BUFFER_H
#define COMPOSITOR_PIXEL_BUFFER_H

#include <pixman.h>
#include <wlr/types/wlr_buffer.h>

/* ARGB8888, premultiplied, zeroed. The caller draws into *image, which lives as long as the buffer,
 * and drops the buffer when done. */
struct wlr_buffer *pixel_buffer_create(int width, int height, pixman_image_t **image);

#endif
