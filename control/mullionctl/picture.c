#include "picture.h"

static pixman_image_t *view_frame(const struct frame *frame) {
	if (!frame->data || !frame->format) {
		return NULL;
	}
	/* Read only: it is never a destination. */
	return pixman_image_create_bits_no_clear(frame->format, (int)frame->width,
		(int)frame->height, (uint32_t *)(uintptr_t)frame->data, (int)frame->stride);
}

/* The box's pixels as x8r8g8b8. */
static pixman_image_t *copy_part(const struct frame *frame, const pixman_box32_t *box) {
	pixman_image_t *from = view_frame(frame);
	if (!from) {
		return NULL;
	}
	pixman_image_t *part = pixman_image_create_bits(
		PIXMAN_x8r8g8b8, box->x2 - box->x1, box->y2 - box->y1, NULL, 0);
	if (part) {
		frame_begin_read(frame);
		pixman_image_composite32(PIXMAN_OP_SRC, from, NULL, part, box->x1, box->y1, 0, 0, 0,
			0, box->x2 - box->x1, box->y2 - box->y1);
		frame_end_read(frame);
	}
	pixman_image_unref(from);
	return part;
}

pixman_image_t *picture_copy(const struct frame *frame) {
	pixman_box32_t all = {0, 0, (int)frame->width, (int)frame->height};
	return copy_part(frame, &all);
}

static const uint32_t *row_of(pixman_image_t *image, int x, int y) {
	return pixman_image_get_data(image) + y * (pixman_image_get_stride(image) / 4) + x;
}

bool picture_differs(
	pixman_image_t *picture, const struct frame *frame, const pixman_box32_t *box) {
	pixman_image_t *part = copy_part(frame, box);
	if (!part) {
		return false;
	}
	bool differs = false;
	for (int y = box->y1; y < box->y2 && !differs; y++) {
		const uint32_t *old = row_of(picture, box->x1, y);
		const uint32_t *new = row_of(part, 0, y - box->y1);
		for (int x = 0; x < box->x2 - box->x1 && !differs; x++) {
			differs = ((old[x] ^ new[x]) & 0xffffff) != 0;
		}
	}
	pixman_image_unref(part);
	return differs;
}

void picture_add_cursor(pixman_image_t *picture, const struct screen *screen) {
	struct cursor_image *cursor = screen->cursor;
	if (!cursor || !screen->cursor_visible) {
		return;
	}
	pixman_image_t *image = pixman_image_create_bits_no_clear(
		PIXMAN_a8r8g8b8, cursor->width, cursor->height, cursor->pixels, cursor->width * 4);
	if (!image) {
		return;
	}
	pixman_image_composite32(PIXMAN_OP_OVER, image, NULL, picture, 0, 0, 0, 0,
		screen->cursor_x - cursor->hot_x, screen->cursor_y - cursor->hot_y, cursor->width,
		cursor->height);
	pixman_image_unref(image);
}
