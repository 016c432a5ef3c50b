/* A copy of what a screen shows. */
#ifndef MULLIONCTL_PICTURE_H
#define MULLIONCTL_PICTURE_H

#include <pixman.h>
#include <stdbool.h>

#include "vm-display/frame.h"
#include "vm-display/screen.h"

/* x8r8g8b8; to be unreferenced. NULL if the frame can't be read by the processor, or memory is
 * out. */
pixman_image_t *picture_copy(const struct frame *frame);
/* Whether a pixel of the frame within `box`, which lies in both, isn't as in the picture. */
bool picture_differs(pixman_image_t *picture, const struct frame *frame, const pixman_box32_t *box);
void picture_add_cursor(pixman_image_t *picture, const struct screen *screen);

/* PNG to the path, or to standard output for "-". False after a line. */
bool picture_write_png(pixman_image_t *picture, const char *path);

#endif
