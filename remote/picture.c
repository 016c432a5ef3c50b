#include "remote/picture.h"

#include <stddef.h>

#include "util/log.h"
#include "vm-display/frame.h"

#define PLACEHOLDER_WIDTH 640 /* px */
#define PLACEHOLDER_HEIGHT 480

static void show(struct picture *picture, struct frame *frame) {
	picture->frame = frame;
	picture->pixels = frame->data;
	picture->width = frame->width < PICTURE_WIDTH_MAX ? frame->width : PICTURE_WIDTH_MAX;
	picture->height = frame->height;
	picture->stride = frame->stride;
}

/* As large as what was shown before, so that clients needn't follow. */
static bool show_placeholder(struct picture *picture) {
	struct frame *frame =
		frame_create_owned(picture->width ? picture->width : PLACEHOLDER_WIDTH,
			picture->height ? picture->height : PLACEHOLDER_HEIGHT, PIXMAN_x8r8g8b8);
	if (!frame) {
		return false;
	}
	frame_unref(picture->source);
	frame_unref(picture->copy);
	picture->source = NULL;
	picture->copy = frame;
	show(picture, frame);
	return true;
}

bool picture_init(struct picture *picture) {
	*picture = (struct picture){0};
	return show_placeholder(picture);
}

void picture_finish(struct picture *picture) {
	frame_unref(picture->source);
	frame_unref(picture->copy);
	*picture = (struct picture){0};
}

bool picture_is_placeholder(const struct picture *picture) {
	return !picture->source;
}

static bool is_direct(const struct frame *frame) {
	return frame->kind != FRAME_DMABUF &&
		(frame->format == PIXMAN_x8r8g8b8 || frame->format == PIXMAN_a8r8g8b8);
}

static void copy_box(struct picture *picture, pixman_image_t *from, pixman_image_t *to,
	const pixman_box32_t *box) {
	pixman_image_composite32(PIXMAN_OP_SRC, from, NULL, to, box->x1, box->y1, 0, 0, box->x1,
		box->y1, box->x2 - box->x1, box->y2 - box->y1);
}

static pixman_image_t *wrap(const struct frame *frame) {
	return pixman_image_create_bits_no_clear(
		frame->format, frame->width, frame->height, (uint32_t *)frame->data, frame->stride);
}

void picture_refresh(struct picture *picture, const pixman_region32_t *region) {
	if (!picture->source || !picture->copy) {
		return;
	}
	pixman_image_t *from = wrap(picture->source), *to = wrap(picture->copy);
	if (from && to) {
		int count;
		const pixman_box32_t *boxes =
			pixman_region32_rectangles((pixman_region32_t *)region, &count);
		for (int i = 0; i < count; i++) {
			copy_box(picture, from, to, &boxes[i]);
		}
	}
	if (from) {
		pixman_image_unref(from);
	}
	if (to) {
		pixman_image_unref(to);
	}
}

static bool show_copy(struct picture *picture, struct frame *frame) {
	struct frame *copy = frame_create_owned(frame->width, frame->height, PIXMAN_x8r8g8b8);
	if (!copy) {
		log_error("no memory for a picture of %ux%u", frame->width, frame->height);
		return false;
	}
	frame_unref(picture->source);
	frame_unref(picture->copy);
	picture->source = frame_ref(frame);
	picture->copy = copy;
	show(picture, copy);
	pixman_region32_t whole;
	pixman_region32_init_rect(&whole, 0, 0, frame->width, frame->height);
	picture_refresh(picture, &whole);
	pixman_region32_fini(&whole);
	return true;
}

static bool is_readable(const struct frame *frame) {
	return frame && frame->data && frame->format != 0 && !frame->y_inverted;
}

bool picture_set_frame(struct picture *picture, struct frame *frame) {
	bool readable = is_readable(frame);
	if (readable && is_direct(frame)) {
		frame_ref(frame);
		frame_unref(picture->source);
		frame_unref(picture->copy);
		picture->source = frame;
		picture->copy = NULL;
		show(picture, frame);
		return true;
	}
	if (readable && show_copy(picture, frame)) {
		return true;
	}
	if (frame && !readable) {
		log_info("the picture is in GPU memory that can't be read here");
	}
	/* Without memory even for this the last picture stays. */
	show_placeholder(picture);
	return false;
}
