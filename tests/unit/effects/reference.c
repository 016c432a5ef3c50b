#include "tests/unit/effects/reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compositor/effects/texture.h"
#include "util/mem.h"

#define GRID 16 /* points across a px on an edge */

struct image {
	int width, height;
	double *channels;
};

static struct image image_create(int width, int height) {
	return (struct image){width, height, xcalloc((size_t)width * height * 4, sizeof(double))};
}

static struct image image_from(const struct texture *texture) {
	const struct texture_level *level = &texture->levels[0];
	struct image image = image_create(level->width, level->height);
	for (int y = 0; y < level->height; y++) {
		for (int x = 0; x < level->width; x++) {
			uint32_t pixel = level->pixels[level->stride * y + x];
			for (int k = 0; k < 4; k++) {
				double value = (pixel >> (8 * k) & 255) / 255.0;
				image.channels[(y * level->width + x) * 4 + k] =
					k == 3 && texture->opaque ? 1 : value;
			}
		}
	}
	return image;
}

static double texel(const struct image *image, int x, int y, int k) {
	x = x < 0 ? 0 : x < image->width ? x : image->width - 1;
	y = y < 0 ? 0 : y < image->height ? y : image->height - 1;
	return image->channels[(y * image->width + x) * 4 + k];
}

static struct image image_halved(const struct image *from) {
	struct image image = image_create(
		from->width > 1 ? from->width / 2 : 1, from->height > 1 ? from->height / 2 : 1);
	for (int i = 0; i < image.width * image.height * 4; i++) {
		int x = i / 4 % image.width * 2, y = i / 4 / image.width * 2, k = i % 4;
		image.channels[i] =
			(texel(from, x, y, k) + texel(from, x + 1, y, k) +
				texel(from, x, y + 1, k) + texel(from, x + 1, y + 1, k)) /
			4;
	}
	return image;
}

/* At a point of the unit square. */
static void bilinear(const struct image *image, double u, double v, double out[static 4]) {
	double x = u * image->width - 0.5, y = v * image->height - 0.5;
	x = fmin(fmax(x, -1), image->width);
	y = fmin(fmax(y, -1), image->height);
	int x0 = (int)floor(x), y0 = (int)floor(y);
	double fx = x - x0, fy = y - y0;
	for (int k = 0; k < 4; k++) {
		out[k] = (1 - fy) *
				((1 - fx) * texel(image, x0, y0, k) +
					fx * texel(image, x0 + 1, y0, k)) +
			fy *
				((1 - fx) * texel(image, x0, y0 + 1, k) +
					fx * texel(image, x0 + 1, y0 + 1, k));
	}
}

/* Solves map · (s, t, 1) ~ (x, y, 1) by Cramer's rule; false behind the viewer. */
static bool solve(const struct quad *quad, double x, double y, double out[static 2]) {
	const double(*m)[3] = quad->map.m;
	double a = m[0][0] - x * m[2][0], b = m[0][1] - x * m[2][1], e = x * m[2][2] - m[0][2];
	double c = m[1][0] - y * m[2][0], d = m[1][1] - y * m[2][1], f = y * m[2][2] - m[1][2];
	double det = a * d - b * c;
	out[0] = (e * d - b * f) / det;
	out[1] = (a * f - e * c) / det;
	return m[2][0] * out[0] + m[2][1] * out[1] + m[2][2] > 0;
}

static bool is_inside(const struct quad *quad, double x, double y) {
	double at[2];
	if (!solve(quad, x, y, at) || !(at[0] >= 0 && at[1] >= 0) ||
		!(at[0] <= quad->width && at[1] <= quad->height)) {
		return false;
	}
	double r = fmin(quad->radius, fmin(quad->width, quad->height) / 2);
	double dx = fmax(fmax(r - at[0], at[0] - (quad->width - r)), 0);
	double dy = fmax(fmax(r - at[1], at[1] - (quad->height - r)), 0);
	return dx * dx + dy * dy <= r * r;
}

static double coverage(const struct quad *quad, int x, int y, uint8_t *edge) {
	int found = 0;
	for (int i = 0; i < 25; i++) {
		found +=
			is_inside(quad, x + 0.5 + (i % 5 - 2) * 0.55, y + 0.5 + (i / 5 - 2) * 0.55);
	}
	if (found == 0 || found == 25) {
		return found / 25.0;
	}
	*edge = 1;
	found = 0;
	for (int i = 0; i < GRID * GRID; i++) {
		found += is_inside(quad, x + (i % GRID + 0.5) / GRID, y + (i / GRID + 0.5) / GRID);
	}
	return (double)found / (GRID * GRID);
}

static double smaller_by(const struct quad *quad, const struct image *image, double x, double y) {
	const double h = 1e-3;
	double longest = 0;
	for (int i = 0; i < 2; i++) {
		double one[2], two[2];
		solve(quad, x - (i ? 0 : h), y - (i ? h : 0), one);
		solve(quad, x + (i ? 0 : h), y + (i ? h : 0), two);
		double du = (two[0] - one[0]) / (2 * h) * image->width / quad->width;
		double dv = (two[1] - one[1]) / (2 * h) * image->height / quad->height;
		longest = fmax(longest, hypot(du, dv));
	}
	return fmax(log2(longest), 0);
}

static void color_at(const struct quad *quad, const struct image *levels, int count, double x,
	double y, double out[static 4]) {
	double at[2], upper[4];
	solve(quad, x, y, at);
	double u = at[0] / quad->width, v = at[1] / quad->height;
	double lambda = quad->trilinear ? smaller_by(quad, levels, x, y) : 0;
	lambda = fmin(lambda, count - 1);
	int level = (int)floor(lambda);
	bilinear(&levels[level], u, v, out);
	bilinear(&levels[level + 1 < count ? level + 1 : level], u, v, upper);
	for (int k = 0; k < 4; k++) {
		out[k] += (upper[k] - out[k]) * (lambda - level);
	}
}

void reference_paint(struct reference *reference, const struct quad *quad) {
	struct image levels[TEXTURE_LEVELS_MAX] = {image_from(quad->texture)};
	int count = 1;
	while (levels[count - 1].width > 1 || levels[count - 1].height > 1) {
		levels[count] = image_halved(&levels[count - 1]);
		count++;
	}
	for (int i = 0; i < reference->width * reference->height; i++) {
		int x = i % reference->width, y = i / reference->width;
		double color[4], cover = coverage(quad, x, y, &reference->edge[i]) * quad->opacity;
		if (cover <= 0) {
			continue;
		}
		color_at(quad, levels, count, x + 0.5, y + 0.5, color);
		double *below = &reference->channels[i * 4], alpha = color[3] * cover;
		for (int k = 0; k < 4; k++) {
			double light = k == 3 ? 1 : quad->shade;
			below[k] = color[k] * cover * light + below[k] * (1 - alpha);
		}
	}
	while (count > 0) {
		free(levels[--count].channels);
	}
}

struct reference *reference_create(const uint32_t *pixels, int width, int height) {
	struct reference *reference = xcalloc(1, sizeof(*reference));
	reference->width = width;
	reference->height = height;
	reference->channels = xcalloc((size_t)width * height * 4, sizeof(double));
	reference->edge = xcalloc((size_t)width * height, 1);
	for (int i = 0; i < width * height * 4; i++) {
		reference->channels[i] = (pixels[i / 4] >> (i % 4 * 8) & 255) / 255.0;
	}
	return reference;
}

void reference_destroy(struct reference *reference) {
	free(reference->channels);
	free(reference->edge);
	free(reference);
}

struct difference reference_compare(const struct reference *reference, const uint32_t *pixels) {
	struct difference found = {0};
	int count = reference->width * reference->height;
	for (int i = 0; i < count * 4; i++) {
		double value = pixels[i / 4] >> (i % 4 * 8) & 255;
		double off = fabs(value - reference->channels[i] * 255);
		found.mean += off / (count * 4);
		if (!reference->edge[i / 4] && off > found.worst) {
			found.worst = off;
			found.worst_x = i / 4 % reference->width;
			found.worst_y = i / 4 / reference->width;
		}
	}
	return found;
}
