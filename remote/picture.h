/* What encoders read: a frame's own memory where it is laid out as 32-bit XRGB, else a copy of it
 * in that format, or a dark placeholder where there is no frame. */
#ifndef REMOTE_PICTURE_H
#define REMOTE_PICTURE_H

#include <pixman.h>
#include <stdbool.h>
#include <stdint.h>

/* px: libvncserver sends whole rows out of a buffer of 32 KiB; wider frames are cut at the right.
 */
#define PICTURE_WIDTH_MAX 8189

struct frame;

struct picture {
	const uint8_t *pixels; /* XRGB8888; never NULL after picture_init; may change and vanish
				  (guard.h) */
	uint32_t width, height; /* px */
	uint32_t stride; /* bytes */
	struct frame *frame; /* whose memory that is; the picture's */
	/* private */
	struct frame *source, *copy; /* copy: NULL while the source is read in place */
};

/* False if memory is out. */
bool picture_init(struct picture *picture);
void picture_finish(struct picture *picture);

/* Takes a reference. NULL, or a frame that can't be read by the CPU, gives the placeholder; false
 * in this case. The whole of the picture is new. */
bool picture_set_frame(struct picture *picture, struct frame *frame);
bool picture_is_placeholder(const struct picture *picture);

/* Brings this region, px of the frame, up to date. */
void picture_refresh(struct picture *picture, const pixman_region32_t *region);

#endif
