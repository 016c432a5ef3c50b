/* The pixel formats of Display1 that we take: what both pixman and DRM have a word for. */
#ifndef VM_DISPLAY_FORMAT_H
#define VM_DISPLAY_FORMAT_H

#include <pixman.h>
#include <stdbool.h>
#include <stdint.h>

/* The peer sends pixman's codes as numbers; anything that isn't in our table is refused. */
bool format_is_known(uint32_t code);

/* Bytes of one row of `width` px, `width` at most FRAME_SIDE_MAX. */
uint32_t format_row_bytes(pixman_format_code_t format, uint32_t width);

#endif
