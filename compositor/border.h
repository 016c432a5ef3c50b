/* A view's frame: edges and a title bar in its label's colour, with its name. Drawn by us, above
 * the content, so that a person always knows whose view it is. */
#ifndef COMPOSITOR_BORDER_H
#define COMPOSITOR_BORDER_H

#include <stdbool.h>
#include <stdint.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/util/box.h>

struct config;
struct text;

enum border_style {
	BORDER_FULL, /* edges and a title bar around the content */
	BORDER_STRIP, /* a strip over the content's top edge: for one view on a whole screen */
};

#define BORDER_STRIP_HEIGHT 3 /* logical px */

struct border {
	const struct config *config;
	struct text *text;
	struct wlr_scene_tree *tree;
	struct wlr_scene_rect *edges[4]; /* top, with the title; right; bottom; left */
	struct wlr_scene_buffer *title;
	char *name;
	uint32_t color; /* 0xRRGGBB */
	bool focused;
	enum border_style style;
	int width, height; /* logical px, outer */
	float scale; /* of the output that it is on */
	int drawn_width; /* of the title's picture: what it was drawn for */
};

struct border *border_create(
	struct wlr_scene_tree *parent, const struct config *config, struct text *text);
void border_destroy(struct border *border); /* before its parent; NULL is legal */

void border_set_name(struct border *border, const char *name, uint32_t color);
void border_set_focused(struct border *border, bool focused);
void border_set_geometry(
	struct border *border, enum border_style style, int width, int height, float scale);
void border_set_config(struct border *border, const struct config *config);

/* The content within an outer box, both in the same coordinates. */
struct wlr_box border_content(
	const struct config *config, enum border_style style, const struct wlr_box *outer);
/* The outer size for a content size. */
void border_outer_size(const struct config *config, int *width, int *height);

/* enum wlr_edges at this point of the frame (from the outer corner); 0 on the title bar. */
uint32_t border_edges_at(const struct border *border, double x, double y);

#endif
