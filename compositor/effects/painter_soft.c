#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <wayland-util.h>

#include "compositor/effects/kernels.h"
#include "compositor/effects/painter.h"
#include "util/mem.h"

#define SPAN_MAX 128 // px
#define SPAN_BENT 32 // px, where the minification changes
#define BEND_MAX 0.02 // levels
#define SURE 1e-4 /* px; an edge that is nearer than this to covering a px covers it */

struct painter_soft {
	struct painter base;
	const struct kernels *kernels;
	int16_t *row; /* TEXTURE_SIDE_MAX + 2 texels */
};

enum way {
	WAY_COPY, /* texels are px */
	WAY_STRETCH, /* rows of texels are rows of px */
	WAY_PROJECT,
};

/* A quad on its way into a picture. */
struct job {
	struct painter_soft *painter;
	const struct painter_picture *picture;
	const struct texture *texture;
	struct quad_view view;
	struct quad_line u, v; /* texels of level 0 times q */
	enum way way;
	bool trilinear;
	uint32_t fill;
	double opacity, shade;
	int x, y; /* WAY_COPY: where the texture's first texel is */
};

static int16_t weight(double value) {
	long fixed = lrint(value * 32768);
	return fixed < 0 ? 0 : fixed < KERNEL_ONE ? fixed : KERNEL_ONE;
}

static double line_at(const struct quad_line *line, double x, double y) {
	return line->a * x + line->b * y + line->c;
}

static bool near_whole(double value) {
	return fabs(value - rint(value)) < 1e-6 && fabs(value) < 1e6;
}

static enum way choose_way(struct job *job) {
	const struct quad_line *u = &job->u, *v = &job->v, *q = &job->view.q;
	if (q->a != 0 || q->b != 0 || u->b != 0 || v->a != 0 || !(u->a > 0)) {
		return WAY_PROJECT;
	}
	double x = -u->c / q->c, y = -v->c / q->c;
	if (fabs(u->a - q->c) < 1e-9 && fabs(v->b - q->c) < 1e-9 && near_whole(x) &&
		near_whole(y)) {
		job->x = (int)rint(x);
		job->y = (int)rint(y);
		return WAY_COPY;
	}
	return WAY_STRETCH;
}

static bool job_init(struct job *job, struct painter_soft *painter,
	const struct painter_picture *picture, const struct quad *quad) {
	*job = (struct job){.painter = painter, .picture = picture, .texture = quad->texture};
	if (!quad_view_init(&job->view, quad)) {
		return false;
	}
	const struct texture_level *level = &quad->texture->levels[0];
	double by_u = level->width / quad->width, by_v = level->height / quad->height;
	const struct quad_line *s = &job->view.s, *t = &job->view.t;
	job->u = (struct quad_line){s->a * by_u, s->b * by_u, s->c * by_u};
	job->v = (struct quad_line){t->a * by_v, t->b * by_v, t->c * by_v};
	job->fill = quad->texture->opaque ? 0xff000000 : 0;
	job->opacity = fmin(quad->opacity, 1);
	job->shade = fmin(fmax(quad->shade, 0), 1);
	job->way = choose_way(job);
	bool smaller = job->way == WAY_PROJECT || job->u.a > job->view.q.c ||
		job->v.b > job->view.q.c || job->v.b < -job->view.q.c;
	job->trilinear = quad->trilinear && job->way != WAY_COPY && smaller;
	return true;
}

struct span {
	int x1, x2;
};

static struct span common(struct span one, struct span two) {
	return (struct span){one.x1 > two.x1 ? one.x1 : two.x1, one.x2 < two.x2 ? one.x2 : two.x2};
}

/* Keeps what is at least `least` inside of the line. */
static void cut_span(struct span *span, const struct quad_line *line, double y, double least) {
	double rest = least - line->b * y - line->c - line->a * 0.5;
	if (fabs(line->a) < 1e-12) {
		if (rest > 0) {
			span->x2 = span->x1;
		}
	} else if (line->a > 0) {
		double first = ceil(rest / line->a);
		span->x1 = first > span->x1 ? (int)fmin(first, span->x2) : span->x1;
	} else {
		double end = floor(rest / line->a) + 1;
		span->x2 = end < span->x2 ? (int)fmax(end, span->x1) : span->x2;
	}
}

/* The px of a row that the quad touches, and of these those that it covers. */
static void find_spans(const struct job *job, int row, struct span *touched, struct span *covered) {
	double y = row + 0.5;
	cut_span(touched, &job->view.q, y, 0);
	for (int i = 0; i < QUAD_EDGES; i++) {
		cut_span(touched, &job->view.edges[i], y, -0.5);
	}
	*covered = *touched;
	for (int i = 0; i < QUAD_EDGES; i++) {
		cut_span(covered, &job->view.edges[i], y, 0.5 - SURE);
	}
	for (int i = 0; i < QUAD_CUTS && job->view.radius > 0; i++) {
		cut_span(covered, &job->view.cuts[i], y, 1);
	}
}

/* log2 of the longer step, at a px's centre; not below 0, not above the last level. */
static double minification(const struct job *job, double x, double y) {
	const struct quad_line *lines[2] = {&job->u, &job->v}, *q = &job->view.q;
	double z = line_at(q, x, y), right = 0, down = 0;
	for (int i = 0; i < 2; i++) {
		double value = line_at(lines[i], x, y) / z;
		double dx = (lines[i]->a - value * q->a) / z, dy = (lines[i]->b - value * q->b) / z;
		right += dx * dx;
		down += dy * dy;
	}
	double longer = right > down ? right : down;
	double last = job->texture->level_count - 1;
	return longer > 1 ? fmin(log2(longer) / 2, last) : 0;
}

static struct kernel_walk walk_from(
	const struct job *job, const struct texture_level *level, int x, int row) {
	double px = x + 0.5, py = row + 0.5, q = line_at(&job->view.q, px, py);
	double by = 1 / q; /* keeps the floats near 1 */
	double by_u = by * level->width / job->texture->levels[0].width;
	double by_v = by * level->height / job->texture->levels[0].height;
	double dq = job->view.q.a * by;
	return (struct kernel_walk){
		.u = line_at(&job->u, px, py) * by_u - 0.5,
		.v = line_at(&job->v, px, py) * by_v - 0.5,
		.q = 1,
		.du = job->u.a * by_u - 0.5 * dq,
		.dv = job->v.a * by_v - 0.5 * dq,
		.dq = dq,
	};
}

/* The row of texels between which a row of px lies. Its first texel is that before `first`. */
static void mix_rows(
	const struct job *job, const struct texture_level *level, double v, int first, int count) {
	int fixed = (int)lrint(fmin(fmax(v, 0), level->height - 1) * 32768);
	int above = fixed >> 15, below = above + 1 < level->height ? above + 1 : above;
	int16_t *row = job->painter->row;
	int skipped = first < 0 ? -first : 0;
	int from = first + skipped, have = level->width - from;
	have = have < count - skipped ? have : count - skipped;
	job->painter->kernels->between(level->pixels + level->stride * above + from,
		level->pixels + level->stride * below + from, fixed & 32767, job->fill,
		row + skipped * 4, have);
	for (int i = skipped - 1; i >= 0; i--) {
		memcpy(row + i * 4, row + (i + 1) * 4, 4 * sizeof(*row));
	}
	for (int i = skipped + have; i < count; i++) {
		memcpy(row + i * 4, row + (i - 1) * 4, 4 * sizeof(*row));
	}
}

static void stretch(const struct job *job, const struct texture_level *level, int x, int row,
	int16_t *out, int count) {
	struct kernel_walk walk = walk_from(job, level, x, row);
	double u = fmin(fmax(walk.u, -1), level->width - 0.5);
	double end = fmin(fmax(walk.u + (double)walk.du * (count - 1), u), level->width);
	int first = (int)floor(u), last = (int)floor(end) + 2;
	mix_rows(job, level, walk.v, first, last - first + 1);
	int32_t start = (int32_t)lrint((u - first) * 65536);
	int32_t step = count > 1 ? (int32_t)floor((end - u) * 65536 / (count - 1)) : 0;
	job->painter->kernels->stretch(job->painter->row, start, step, out, count);
}

static void sample(const struct job *job, int number, int x, int row, int16_t *out, int count) {
	const struct texture_level *level = &job->texture->levels[number];
	if (job->way == WAY_STRETCH) {
		stretch(job, level, x, row, out, count);
		return;
	}
	struct kernel_walk walk = walk_from(job, level, x, row);
	job->painter->kernels->project(level, job->fill, &walk, out, count);
}

/* Up to SPAN_MAX px, whose minification goes from `first` to `last`, a px after the end. */
static void sample_levels(
	const struct job *job, int x, int row, int16_t *out, int count, double first, double last) {
	int16_t upper[SPAN_MAX * 4];
	double step = (last - first) / count;
	for (int done = 0; done < count;) {
		double at = first + step * done;
		int level = (int)floor(at), run = count - done;
		double next = step > 0 ? level + 1 : level;
		if (step != 0 && (next - at) / step < run) {
			run = (int)fmax(ceil((next - at) / step), 1);
		}
		sample(job, level, x + done, row, out + done * 4, run);
		if (level + 1 < job->texture->level_count && (at > level || step != 0)) {
			sample(job, level + 1, x + done, row, upper, run);
			job->painter->kernels->mix(out + done * 4, upper,
				(int32_t)lrint((at - level) * 65536), (int32_t)lrint(step * 65536),
				run);
		}
		done += run;
	}
}

static uint32_t *pixel_at(const struct job *job, int x, int row) {
	return job->picture->pixels + job->picture->stride * row + x;
}

static void paint_copy(const struct job *job, int row, struct span span) {
	if (span.x1 >= span.x2) {
		return;
	}
	const struct texture_level *level = &job->texture->levels[0];
	const uint32_t *from = level->pixels + level->stride * (row - job->y) + (span.x1 - job->x);
	job->painter->kernels->blend(pixel_at(job, span.x1, row), from, job->fill,
		weight(job->opacity), weight(job->opacity * job->shade), span.x2 - span.x1);
}

/* How many of `count` px have a minification that goes straight from `first` to *last. */
static int straight_run(
	const struct job *job, int x, double y, int count, double first, double *last) {
	*last = minification(job, x + count + 0.5, y);
	while (count > 1 && (first > 0 || *last > 0)) {
		int half = count / 2;
		double middle = minification(job, x + half + 0.5, y);
		if (fabs(middle - (first + (*last - first) * half / count)) < BEND_MAX) {
			break;
		}
		count = half;
		*last = middle;
	}
	return count;
}

/* Spans begin where the quad does, not the damage: what a px gets doesn't depend on that. */
static void paint_covered(const struct job *job, int row, struct span span, struct span damage) {
	int16_t colors[SPAN_MAX * 4];
	int16_t alpha = weight(job->opacity), shade = weight(job->opacity * job->shade);
	double y = row + 0.5, first = job->trilinear ? minification(job, span.x1 + 0.5, y) : 0;
	bool bent = job->trilinear && job->way == WAY_PROJECT;
	int most = bent ? SPAN_BENT : SPAN_MAX;
	for (int x = span.x1, count; x < span.x2 && x < damage.x2; x += count) {
		count = span.x2 - x < most ? span.x2 - x : most;
		double last = first;
		if (bent) {
			count = straight_run(job, x, y, count, first, &last);
		}
		struct span part = common((struct span){x, x + count}, damage);
		if (part.x1 < part.x2) {
			sample_levels(job, x, row, colors, count, first, last);
			job->painter->kernels->over(pixel_at(job, part.x1, row),
				colors + (part.x1 - x) * 4, alpha, shade, part.x2 - part.x1);
		}
		first = last;
	}
}

static void paint_edge(const struct job *job, int row, struct span span) {
	for (int x = span.x1; x < span.x2; x++) {
		double coverage = quad_view_coverage(&job->view, x + 0.5, row + 0.5);
		if (coverage <= 0) {
			continue;
		}
		int16_t color[4];
		double opacity = job->opacity * coverage;
		double level = job->trilinear ? minification(job, x + 0.5, row + 0.5) : 0;
		sample_levels(job, x, row, color, 1, level, level);
		job->painter->kernels->over(pixel_at(job, x, row), color, weight(opacity),
			weight(opacity * job->shade), 1);
	}
}

static void paint_box(const struct job *job, const pixman_box32_t *box) {
	const struct span damage = {box->x1, box->x2};
	for (int row = box->y1; row < box->y2; row++) {
		struct span touched = {0, job->picture->width}, covered;
		find_spans(job, row, &touched, &covered);
		if (covered.x1 >= covered.x2) {
			paint_edge(job, row, common(touched, damage));
			continue;
		}
		paint_edge(job, row, common((struct span){touched.x1, covered.x1}, damage));
		if (job->way == WAY_COPY) {
			paint_copy(job, row, common(covered, damage));
		} else {
			paint_covered(job, row, covered, damage);
		}
		paint_edge(job, row, common((struct span){covered.x2, touched.x2}, damage));
	}
}

static bool paint_quad(struct painter_soft *painter, const struct painter_picture *picture,
	const struct quad *quad, const pixman_region32_t *damage) {
	struct job job;
	struct wlr_box limits = {0, 0, picture->width, picture->height};
	struct wlr_box box = quad_bounds(quad, &limits);
	if (box.width == 0 || !job_init(&job, painter, picture, quad)) {
		return true;
	}
	if (job.trilinear && !texture_prepare(quad->texture)) {
		return false;
	}
	pixman_region32_t region;
	pixman_region32_init(&region);
	pixman_region32_intersect_rect(
		&region, (pixman_region32_t *)damage, box.x, box.y, box.width, box.height);
	int count;
	const pixman_box32_t *boxes = pixman_region32_rectangles(&region, &count);
	for (int i = 0; i < count; i++) {
		paint_box(&job, &boxes[i]);
	}
	pixman_region32_fini(&region);
	return true;
}

static bool soft_paint(struct painter *base, const struct painter_picture *picture,
	const struct quad *quads, int count, const pixman_region32_t *damage) {
	struct painter_soft *painter = wl_container_of(base, painter, base);
	bool ok = true;
	for (int i = 0; i < count; i++) {
		ok = paint_quad(painter, picture, &quads[i], damage) && ok;
	}
	return ok;
}

static void soft_destroy(struct painter *base) {
	struct painter_soft *painter = wl_container_of(base, painter, base);
	free(painter->row);
	free(painter);
}

static const struct painter_impl soft_impl = {
	.destroy = soft_destroy,
	.paint = soft_paint,
};

struct painter *painter_soft_create(void) {
	struct painter_soft *painter = xcalloc(1, sizeof(*painter));
	const struct kernels *fast = kernels_avx2();
	painter->base.impl = &soft_impl;
	painter->kernels = fast ? fast : &kernels_portable;
	painter->row = xcalloc(TEXTURE_SIDE_MAX + 4, 4 * sizeof(*painter->row));
	return &painter->base;
}
