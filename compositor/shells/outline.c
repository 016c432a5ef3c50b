#include "compositor/shells/outline.h"

#include <pixman.h>
#include <stdbool.h>

#include "compositor/pixel_buffer.h"

enum { TOP, RIGHT, BOTTOM, LEFT };

static bool take_no_input(struct wlr_scene_buffer *buffer, double *sx, double *sy) {
	return false;
}

static struct wlr_buffer *create_pixel(uint32_t color) {
	pixman_image_t *image;
	struct wlr_buffer *buffer = pixel_buffer_create(1, 1, &image);
	if (buffer) {
		*pixman_image_get_data(image) = 0xff000000 | color;
	}
	return buffer;
}

void outline_init(struct outline *outline, struct wlr_scene_tree *parent, uint32_t color) {
	struct wlr_buffer *pixel = create_pixel(color);
	for (int i = 0; i < 4; i++) {
		struct wlr_scene_buffer *edge = wlr_scene_buffer_create(parent, pixel);
		edge->point_accepts_input = take_no_input;
		wlr_scene_buffer_set_filter_mode(edge, WLR_SCALE_FILTER_NEAREST);
		wlr_scene_node_set_enabled(&edge->node, false);
		outline->edges[i] = edge;
	}
	if (pixel) {
		wlr_buffer_drop(pixel);
	}
}

static void place(struct wlr_scene_buffer *edge, int x, int y, int width, int height) {
	bool visible = width > 0 && height > 0; /* 0 would be the buffer's own size */
	wlr_scene_node_set_enabled(&edge->node, visible);
	if (visible) {
		wlr_scene_buffer_set_dest_size(edge, width, height);
		wlr_scene_node_set_position(&edge->node, x, y);
	}
}

static int at_most(int value, int limit) {
	return value < limit ? value : limit;
}

void outline_place(struct outline *outline, const struct wlr_box *box) {
	int thick = OUTLINE_WIDTH;
	int side = at_most(thick, box->width), end = at_most(thick, box->height);
	int inner = box->height - 2 * thick;
	place(outline->edges[TOP], box->x, box->y, box->width, end);
	place(outline->edges[BOTTOM], box->x, box->y + box->height - end, box->width, end);
	place(outline->edges[LEFT], box->x, box->y + thick, side, inner);
	place(outline->edges[RIGHT], box->x + box->width - side, box->y + thick, side, inner);
}
