/* A textured rectangle in space: what the effects pass draws. The texture is stretched over
 * (0, 0) … (width, height), the quad's own space, which the homography maps to the output's px.
 *
 * How it looks: the texture is sampled perspective-correctly, bilinearly; where it is made smaller
 * and `trilinear` is set, between the two levels next to log2 of the longer of the steps that one
 * px right and one px down make in the texture. An edge covers a px by its distance from the px's
 * centre. What isn't in front of the viewer isn't seen. */
#ifndef COMPOSITOR_EFFECTS_QUAD_H
#define COMPOSITOR_EFFECTS_QUAD_H

#include <stdbool.h>
#include <wlr/util/box.h>

#include "compositor/effects/homography.h"

struct texture;

struct quad {
	struct texture *texture;
	double width, height; /* own space */
	struct homography map; /* own space → px */
	double opacity; /* 0 … 1 */
	double shade; /* 0 … 1: black … as it is */
	double radius; /* of the corners, own space */
	bool trilinear;
};

/* Flat, at a box of the output: opaque, unshaded, trilinear, with sharp corners. */
struct quad quad_at(struct texture *texture, double x, double y, double width, double height);

/* An affine function of px: a·x + b·y + c. */
struct quad_line {
	double a, b, c;
};

#define QUAD_EDGES 4
#define QUAD_CUTS 4

/* A quad as seen from the output: the point of its space at a px is (s, t) / q, where q > 0. */
struct quad_view {
	struct quad_line s, t, q;
	struct quad_line edges[QUAD_EDGES]; /* signed distance in px, positive inside */
	struct quad_line cuts[QUAD_CUTS]; /* inside of these no corner's arc is near */
	double width, height, radius;
};

/* False if nothing of it can be seen. */
bool quad_view_init(struct quad_view *view, const struct quad *quad);
/* How much of the px at this centre the quad covers, 0 … 1. */
double quad_view_coverage(const struct quad_view *view, double x, double y);

/* The px that it touches, inside of `limits`; empty if there are none. */
struct wlr_box quad_bounds(const struct quad *quad, const struct wlr_box *limits);
/* The point of the quad's space that is seen at a point of the output; false if that is beside the
 * quad. For input. */
bool quad_locate(const struct quad *quad, double x, double y, double out[static 2]);

#endif
