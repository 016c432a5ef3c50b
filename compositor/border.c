#include "compositor/border.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/util/edges.h>

#include "compositor/config.h"
#include "compositor/text.h"
#include "util/mem.h"

enum { TOP, RIGHT, BOTTOM, LEFT };

struct border *border_create(
	struct wlr_scene_tree *parent, const struct config *config, struct text *text) {
	struct border *border = xcalloc(1, sizeof(*border));
	border->config = config;
	border->text = text;
	border->tree = wlr_scene_tree_create(parent);
	float none[4] = {0};
	for (int i = 0; i < 4; i++) {
		border->edges[i] = wlr_scene_rect_create(border->tree, 0, 0, none);
	}
	border->title = wlr_scene_buffer_create(border->tree, NULL);
	border->name = xstrdup("");
	border->scale = 1;
	return border;
}

void border_destroy(struct border *border) {
	if (!border) {
		return;
	}
	wlr_scene_node_destroy(&border->tree->node);
	free(border->name);
	free(border);
}

/* The label's colour, dimmed towards grey where the view doesn't have the focus. */
static uint32_t shown_color(const struct border *border) {
	if (border->focused) {
		return border->color;
	}
	uint32_t result = 0;
	for (int shift = 0; shift <= 16; shift += 8) {
		uint32_t part = border->color >> shift & 0xff;
		result |= (part * 5 / 10 + 0x1c) << shift;
	}
	return result;
}

/* Black or white, whichever reads better (ITU-R BT.601 luma). */
static uint32_t ink_for(uint32_t color) {
	uint32_t luma =
		((color >> 16 & 0xff) * 299 + (color >> 8 & 0xff) * 587 + (color & 0xff) * 114) /
		1000;
	return luma > 140 ? 0x101010 : 0xffffff;
}

static void draw_title(struct border *border) {
	int height = border->config->title_height;
	int room = border->width - 2 * border->config->border - 8;
	border->drawn_width = room;
	struct wlr_buffer *picture = NULL;
	if (border->style == BORDER_FULL && room > 0) {
		picture = text_render(border->text, border->name, lroundf(height * border->scale),
			lroundf(room * border->scale), ink_for(shown_color(border)));
	}
	wlr_scene_buffer_set_buffer(border->title, picture);
	if (!picture) {
		return;
	}
	wlr_scene_buffer_set_dest_size(
		border->title, lroundf(picture->width / border->scale), height);
	wlr_scene_node_set_position(&border->title->node, border->config->border + 4, 0);
	wlr_buffer_drop(picture);
}

static void draw_edges(struct border *border) {
	uint32_t color = shown_color(border);
	float floats[4] = {(color >> 16 & 0xff) / 255.0f, (color >> 8 & 0xff) / 255.0f,
		(color & 0xff) / 255.0f, 1};
	for (int i = 0; i < 4; i++) {
		wlr_scene_rect_set_color(border->edges[i], floats);
	}
}

static void place_edge(struct wlr_scene_rect *edge, int x, int y, int width, int height) {
	wlr_scene_rect_set_size(edge, width > 0 ? width : 0, height > 0 ? height : 0);
	wlr_scene_node_set_position(&edge->node, x, y);
}

static void place_edges(struct border *border) {
	int thick = border->config->border, title = border->config->title_height;
	int width = border->width, height = border->height;
	bool full = border->style == BORDER_FULL;
	for (int i = RIGHT; i <= LEFT; i++) {
		wlr_scene_node_set_enabled(&border->edges[i]->node, full);
	}
	place_edge(border->edges[TOP], 0, 0, width, full ? title : BORDER_STRIP_HEIGHT);
	place_edge(border->edges[RIGHT], width - thick, title, thick, height - title);
	place_edge(border->edges[BOTTOM], thick, height - thick, width - 2 * thick, thick);
	place_edge(border->edges[LEFT], 0, title, thick, height - title);
}

void border_set_name(struct border *border, const char *name, uint32_t color) {
	if (strcmp(border->name, name) == 0 && border->color == color) {
		return;
	}
	free(border->name);
	border->name = xstrdup(name);
	border->color = color;
	draw_edges(border);
	draw_title(border);
}

void border_set_focused(struct border *border, bool focused) {
	if (border->focused != focused) {
		border->focused = focused;
		draw_edges(border);
		draw_title(border);
	}
}

void border_set_geometry(
	struct border *border, enum border_style style, int width, int height, float scale) {
	bool redraw = style != border->style || scale != border->scale ||
		width - 2 * border->config->border - 8 != border->drawn_width;
	border->style = style;
	border->width = width;
	border->height = height;
	border->scale = scale;
	place_edges(border);
	if (redraw) {
		draw_title(border);
	}
}

void border_set_config(struct border *border, const struct config *config) {
	border->config = config;
	place_edges(border);
	draw_title(border);
}

struct wlr_box border_content(
	const struct config *config, enum border_style style, const struct wlr_box *outer) {
	if (style == BORDER_STRIP) {
		return *outer;
	}
	struct wlr_box content = {
		.x = outer->x + config->border,
		.y = outer->y + config->title_height,
		.width = outer->width - 2 * config->border,
		.height = outer->height - config->title_height - config->border,
	};
	content.width = content.width > 1 ? content.width : 1;
	content.height = content.height > 1 ? content.height : 1;
	return content;
}

void border_outer_size(const struct config *config, int *width, int *height) {
	*width += 2 * config->border;
	*height += config->title_height + config->border;
}

uint32_t border_edges_at(const struct border *border, double x, double y) {
	if (border->style == BORDER_STRIP) {
		return WLR_EDGE_NONE;
	}
	const int corner = 16; /* px along an edge that count as its corner */
	double thick = border->config->border;
	uint32_t edges = WLR_EDGE_NONE;
	bool on_side = x < thick || x >= border->width - thick;
	bool on_end = y < 2 || y >= border->height - thick;
	if (on_side || on_end) {
		edges |= x < (on_end ? corner : thick) ? WLR_EDGE_LEFT : 0;
		edges |= x >= border->width - (on_end ? corner : thick) ? WLR_EDGE_RIGHT : 0;
		edges |= y < (on_side ? corner : 2) ? WLR_EDGE_TOP : 0;
		edges |= y >= border->height - (on_side ? corner : thick) ? WLR_EDGE_BOTTOM : 0;
	}
	return edges;
}
