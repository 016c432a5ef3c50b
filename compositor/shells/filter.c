#include "compositor/shells/filter.h"

#include <wlr/types/wlr_buffer.h>
#include <wlr/types/wlr_scene.h>

static void handle_buffer_filter(struct wlr_scene_buffer *buffer, int sx, int sy, void *data) {
	const struct wlr_buffer *pixels = buffer->buffer;
	bool single = pixels && pixels->width == 1 && pixels->height == 1;
	wlr_scene_buffer_set_filter_mode(
		buffer, single ? WLR_SCALE_FILTER_NEAREST : WLR_SCALE_FILTER_BILINEAR);
}

void filter_update(struct wlr_scene_tree *tree) {
	wlr_scene_node_for_each_buffer(&tree->node, handle_buffer_filter, NULL);
}
