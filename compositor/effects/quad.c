#include "compositor/effects/quad.h"

#include <math.h>

#define NEAR 1e-6 /* w of what is just in front of the viewer */

struct quad quad_at(struct texture *texture, double x, double y, double width, double height) {
	return (struct quad){
		.texture = texture,
		.width = width,
		.height = height,
		.map = homography_place(x, y, 1, 1),
		.opacity = 1,
		.shade = 1,
		.trilinear = true,
	};
}

static struct quad_line line_sum(
	const struct quad_line *one, double by_one, const struct quad_line *two, double by_two) {
	return (struct quad_line){one->a * by_one + two->a * by_two,
		one->b * by_one + two->b * by_two, one->c * by_one + two->c * by_two};
}

static double line_at(const struct quad_line *line, double x, double y) {
	return line->a * x + line->b * y + line->c;
}

/* To a distance in px. */
static struct quad_line line_scaled(struct quad_line line) {
	double length = hypot(line.a, line.b);
	double by = length > 1e-12 ? 1 / length : 1e12;
	return (struct quad_line){line.a * by, line.b * by, line.c * by};
}

static double limited_radius(const struct quad *quad) {
	double most = fmin(quad->width, quad->height) / 2;
	return quad->radius > 0 ? fmin(quad->radius, most) : 0;
}

bool quad_view_init(struct quad_view *view, const struct quad *quad) {
	struct homography inverse;
	if (!(quad->opacity > 0) || !(quad->width > 0) || !(quad->height > 0) ||
		!homography_invert(&quad->map, &inverse)) {
		return false;
	}
	const double(*m)[3] = inverse.m;
	struct quad_line s = {m[0][0], m[0][1], m[0][2]}, t = {m[1][0], m[1][1], m[1][2]};
	struct quad_line q = {m[2][0], m[2][1], m[2][2]};
	struct quad_line right = line_sum(&q, quad->width, &s, -1);
	struct quad_line bottom = line_sum(&q, quad->height, &t, -1);
	*view = (struct quad_view){.s = s,
		.t = t,
		.q = q,
		.width = quad->width,
		.height = quad->height,
		.radius = limited_radius(quad)};
	const struct quad_line *sides[2] = {&s, &right}, *ends[2] = {&t, &bottom};
	for (int i = 0; i < 2; i++) {
		view->edges[i] = line_scaled(*sides[i]);
		view->edges[2 + i] = line_scaled(*ends[i]);
	}
	for (int i = 0; i < QUAD_CUTS; i++) {
		struct quad_line corner = line_sum(sides[i % 2], 1, ends[i / 2], 1);
		view->cuts[i] = line_scaled(line_sum(&corner, 1, &q, -view->radius));
	}
	return true;
}

/* Of the arc whose corner the point is in; 1 if it is in none. */
static double corner_coverage(const struct quad_view *view, double x, double y, double q) {
	double s = line_at(&view->s, x, y) / q, t = line_at(&view->t, x, y) / q;
	double half_w = view->width / 2, half_h = view->height / 2;
	double ds = fabs(s - half_w) - (half_w - view->radius);
	double dt = fabs(t - half_h) - (half_h - view->radius);
	double length = hypot(ds, dt);
	if (ds <= 0 || dt <= 0 || length <= 0) {
		return 1;
	}
	double ns = copysign(ds / length, s - half_w), nt = copysign(dt / length, t - half_h);
	double gx = (ns * (view->s.a - s * view->q.a) + nt * (view->t.a - t * view->q.a)) / q;
	double gy = (ns * (view->s.b - s * view->q.b) + nt * (view->t.b - t * view->q.b)) / q;
	double distance = (view->radius - length) / fmax(hypot(gx, gy), 1e-12);
	return fmin(fmax(distance + 0.5, 0), 1);
}

double quad_view_coverage(const struct quad_view *view, double x, double y) {
	double q = line_at(&view->q, x, y), coverage = 1;
	if (!(q > 0)) {
		return 0;
	}
	for (int i = 0; i < QUAD_EDGES; i++) {
		coverage *= fmin(fmax(line_at(&view->edges[i], x, y) + 0.5, 0), 1);
	}
	return view->radius > 0 ? fmin(coverage, corner_coverage(view, x, y, q)) : coverage;
}

struct extents {
	double x1, y1, x2, y2;
};

static void extend(struct extents *extents, const double point[static 3]) {
	double x = point[0] / point[2], y = point[1] / point[2];
	extents->x1 = fmin(extents->x1, x);
	extents->y1 = fmin(extents->y1, y);
	extents->x2 = fmax(extents->x2, x);
	extents->y2 = fmax(extents->y2, y);
}

/* One side of the quad, cut off where it passes behind the viewer. */
static void extend_by_side(
	struct extents *extents, const double from[static 3], const double to[static 3]) {
	if (from[2] > NEAR) {
		extend(extents, from);
	}
	if ((from[2] > NEAR) != (to[2] > NEAR)) {
		double f = (NEAR - from[2]) / (to[2] - from[2]);
		double cut[3] = {
			from[0] + (to[0] - from[0]) * f, from[1] + (to[1] - from[1]) * f, NEAR};
		extend(extents, cut);
	}
}

struct wlr_box quad_bounds(const struct quad *quad, const struct wlr_box *limits) {
	double corners[4][3];
	struct extents extents = {INFINITY, INFINITY, -INFINITY, -INFINITY};
	for (int i = 0; i < 4; i++) {
		double s = i == 1 || i == 2 ? quad->width : 0, t = i >= 2 ? quad->height : 0;
		for (int j = 0; j < 3; j++) {
			const double *row = quad->map.m[j];
			corners[i][j] = row[0] * s + row[1] * t + row[2];
		}
	}
	for (int i = 0; i < 4; i++) {
		extend_by_side(&extents, corners[i], corners[(i + 1) % 4]);
	}
	double x1 = fmax(floor(extents.x1 - 0.5), limits->x);
	double y1 = fmax(floor(extents.y1 - 0.5), limits->y);
	double x2 = fmin(ceil(extents.x2 + 0.5), limits->x + limits->width);
	double y2 = fmin(ceil(extents.y2 + 0.5), limits->y + limits->height);
	if (!(x1 < x2) || !(y1 < y2)) {
		return (struct wlr_box){0};
	}
	return (struct wlr_box){x1, y1, x2 - x1, y2 - y1};
}

bool quad_locate(const struct quad *quad, double x, double y, double out[static 2]) {
	struct homography inverse;
	return homography_invert(&quad->map, &inverse) && homography_apply(&inverse, x, y, out) &&
		out[0] >= 0 && out[1] >= 0 && out[0] < quad->width && out[1] < quad->height;
}
