#include "tests/unit/effects/scenes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

/* One quad; rows of the same name are one scene. Angles in degrees. */
struct row {
	const char *name;
	enum scene_texture texture;
	double x, y, width, height; /* of the flat box */
	double turn_x, turn_y, turn_z, distance;
	double opacity, shade, radius;
	bool bilinear, mirrored;
};

#define FLAT 0, 0, 0, 500
#define PLAIN 1, 1, 0
static const struct row rows[] = {
	{"copy", TEXTURE_GRADIENT, 20, 10, 128, 96, FLAT, PLAIN},
	{"copy with opacity", TEXTURE_CHECKER, 20, 10, 128, 96, FLAT, 0.5, 1, 0},
	{"copy of glass", TEXTURE_GLASS, 33, 21, 128, 96, FLAT, 0.8, 1, 0},
	{"copy beyond the picture", TEXTURE_NOISE, -50, -40, 128, 96, FLAT, PLAIN},
	{"copy with round corners", TEXTURE_GRADIENT, 40, 30, 128, 96, FLAT, 1, 1, 24},
	{"shaded copy", TEXTURE_SCREEN, -40, -20, 320, 200, FLAT, 1, 0.4, 0},
	{"between px", TEXTURE_CHECKER, 20.3, 10.7, 128, 96, FLAT, PLAIN},
	{"larger", TEXTURE_CHECKER, 5, 5, 230, 150, FLAT, PLAIN},
	{"larger with opacity", TEXTURE_NOISE, 5, 5, 230, 150, FLAT, 0.37, 1, 0},
	{"much larger", TEXTURE_GLASS, -300, -200, 900, 700, FLAT, PLAIN},
	{"smaller", TEXTURE_SCREEN, 30, 20, 170, 110, FLAT, PLAIN},
	{"much smaller", TEXTURE_SCREEN, 30.5, 20.25, 40, 25, FLAT, PLAIN},
	{"smaller, bilinear", TEXTURE_GRADIENT, 30, 20, 90, 70, FLAT, 1, 1, 0, true},
	{"narrow", TEXTURE_NOISE, 100, 10, 9, 140, FLAT, 0.9, 1, 0},
	{"flat line", TEXTURE_NOISE, 10, 80, 220, 1.4, FLAT, PLAIN},
	{"mirrored", TEXTURE_GRADIENT, 30, 20, 170, 110, FLAT, 0.7, 1, 0, false, true},
	{"mirrored and tilted", TEXTURE_SCREEN, 30, 20, 170, 110, 10, 30, 0, 400, 0.7, 1, 0, false,
		true},
	{"turned", TEXTURE_CHECKER, 50, 30, 128, 96, 0, 0, 30, 500, PLAIN},
	{"turned by 90", TEXTURE_SCREEN, 40, 20, 160, 100, 0, 0, 90, 500, PLAIN},
	{"turned by 180", TEXTURE_NOISE, 50, 30, 128, 96, 0, 0, 180, 500, 0.5, 1, 0},
	{"tilted about y", TEXTURE_SCREEN, 10, 10, 220, 140, 0, 40, 0, 400, PLAIN},
	{"tilted about x", TEXTURE_SCREEN, 10, 10, 220, 140, 50, 0, 0, 400, PLAIN},
	{"tilted about all", TEXTURE_CHECKER, 10, 10, 220, 140, 20, 30, 10, 400, 0.6, 1, 0},
	{"tilted, bilinear", TEXTURE_GRADIENT, 10, 10, 220, 140, 20, -30, 5, 400, 0.6, 1, 0, true},
	{"tilted, from near", TEXTURE_CHECKER, 10, 10, 220, 140, 0, 60, 0, 200, PLAIN},
	{"tilted glass", TEXTURE_GLASS, 10, 10, 220, 140, -30, 20, 0, 400, PLAIN},
	{"tilted, round", TEXTURE_SCREEN, 30, 20, 180, 120, 25, 35, 0, 400, 1, 0.8, 20},
	{"round as can be", TEXTURE_NOISE, 50, 20, 120, 120, 0, 30, 20, 400, 1, 1, 100},
	{"nearly edge on", TEXTURE_SCREEN, 10, 10, 220, 140, 0, 86, 0, 600, PLAIN},
	{"floor up to the horizon", TEXTURE_CHECKER, -200, -100, 640, 400, 80, 0, 0, 220, PLAIN},
	{"passing behind the viewer", TEXTURE_NOISE, -300, -100, 840, 360, 0, 70, 0, 200, PLAIN},
	{"tiny texture", TEXTURE_TINY, 30, 20, 100, 90, 0, 30, 10, 400, 0.5, 1, 0},
	{"tiny texture, flat", TEXTURE_TINY, 30.5, 20.5, 100, 90, FLAT, 0.5, 1, 10},
	{"previews", TEXTURE_SCREEN, 10, 8, 64, 40, 0, 20, 0, 300, 1, 1, 4},
	{"previews", TEXTURE_NOISE, 88, 8, 64, 40, 0, 0, 0, 300, 1, 1, 4},
	{"previews", TEXTURE_CHECKER, 166, 8, 64, 40, 0, -20, 0, 300, 1, 1, 4},
	{"previews", TEXTURE_GRADIENT, 10, 58, 64, 40, 0, 20, 0, 300, 1, 0.6, 4},
	{"previews", TEXTURE_SCREEN, 88, 58, 64, 40, 0, 0, 0, 300, 1, 1, 4},
	{"previews", TEXTURE_SCREEN, 166, 58, 64, 40, 0, -20, 0, 300, 0.5, 1, 4},
	{"previews", TEXTURE_GLASS, 10, 108, 64, 40, 20, 20, 0, 300, 1, 1, 4},
	{"previews", TEXTURE_SCREEN, 88, 108, 64, 40, 20, 0, 0, 300, 1, 1, 4},
	{"previews", TEXTURE_SCREEN, 166, 108, 64, 40, 20, -20, 0, 300, 1, 1, 4},
	{"stack", TEXTURE_SCREEN, 10, 30, 160, 100, 0, 45, 0, 400, 0.6, 1, 6},
	{"stack", TEXTURE_CHECKER, 40, 30, 160, 100, 0, 45, 0, 400, 0.6, 1, 6},
	{"stack", TEXTURE_GRADIENT, 70, 30, 160, 100, 0, 45, 0, 400, 0.6, 1, 6},
	{"stack", TEXTURE_NOISE, 100, 30, 160, 100, 0, 45, 0, 400, 0.6, 1, 6},
	{"glass over all", TEXTURE_SCREEN, 0, 0, 240, 160, FLAT, PLAIN},
	{"glass over all", TEXTURE_NOISE, 20, 20, 128, 96, FLAT, 0.3, 1, 0},
	{"glass over all", TEXTURE_GLASS, 40, 30, 180, 120, 10, 30, 0, 400, 0.9, 1, 12},
	{"faint", TEXTURE_CHECKER, 10, 10, 220, 140, 20, 10, 0, 400, 0.02, 1, 0},
	{"five over each other", TEXTURE_GLASS, 20, 20, 190, 110, FLAT, 0.4, 1, 0},
	{"five over each other", TEXTURE_GLASS, 25, 22, 190, 110, FLAT, 0.4, 1, 0},
	{"five over each other", TEXTURE_GRADIENT, 30, 24, 190, 110, FLAT, 0.4, 1, 0},
	{"five over each other", TEXTURE_GLASS, 35, 26, 190, 110, FLAT, 0.4, 1, 0},
	{"five over each other", TEXTURE_GRADIENT, 40, 28, 190, 110, 0, 10, 0, 400, 0.4, 1, 0},
};
/* llvmpipe keeps 48 bytes of its own for some deleted textures. */
const char *__lsan_default_suppressions(void);
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void) {
	return "leak:libgallium\nleak:swrast_dri\n";
}

#define ROWS ((int)(sizeof(rows) / sizeof(rows[0])))

uint32_t scene_random(uint32_t *seed) {
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static uint32_t premultiplied(uint32_t alpha, uint32_t r, uint32_t g, uint32_t b) {
	return alpha << 24 | r * alpha / 255 << 16 | g * alpha / 255 << 8 | b * alpha / 255;
}

static uint32_t pixel_of(enum scene_texture kind, uint32_t x, uint32_t y, uint32_t *seed) {
	switch (kind) {
	case TEXTURE_GRADIENT:
		return (x * 2 & 255) << 16 | (y * 2 & 255) << 8 | ((x + y) & 255);
	case TEXTURE_CHECKER:
		return (x / 8 + y / 8) % 2 ? 0xf0e8d0 : 0x203060;
	case TEXTURE_NOISE:
		return scene_random(seed) & 0xffffff;
	case TEXTURE_GLASS:
		return premultiplied(x * 255 / 127, 255 - y * 2, y * 2, 200);
	case TEXTURE_SCREEN:
		if (y % 12 < 7 && x > 10 && x < 300 - (y / 12 * 37 % 120) &&
			scene_random(seed) % 3) {
			return 0xe0e0e0;
		}
		return y < 14 ? 0x3060c0 : 0x101418;
	default:
		return 0x40c080;
	}
}

struct texture *scene_texture_create(enum scene_texture kind) {
	int width = kind == TEXTURE_SCREEN ? 320 : kind == TEXTURE_TINY ? 1 : 128;
	int height = kind == TEXTURE_SCREEN ? 200 : kind == TEXTURE_TINY ? 1 : 96;
	size_t stride = width + 5;
	uint32_t *pixels = xcalloc(stride * height, sizeof(*pixels));
	uint32_t seed = kind;
	for (int y = 0; y < height; y++) {
		for (int x = 0; x < width; x++) {
			pixels[stride * y + x] = pixel_of(kind, x, y, &seed);
		}
	}
	return texture_create(pixels, width, height, stride * 4, kind != TEXTURE_GLASS);
}

void scene_texture_destroy(struct texture *texture) {
	uint32_t *pixels = (uint32_t *)texture->levels[0].pixels;
	texture_destroy(texture);
	free(pixels);
}

void scene_background(uint32_t *pixels, const pixman_region32_t *region) {
	int count;
	const pixman_box32_t *boxes = pixman_region32_rectangles(region, &count);
	for (int i = 0; i < count; i++) {
		for (int y = boxes[i].y1; y < boxes[i].y2; y++) {
			for (int x = boxes[i].x1; x < boxes[i].x2; x++) {
				pixels[y * SCENE_WIDTH + x] =
					0xff000000 | (uint32_t)x << 16 | (uint32_t)y << 8 | 0x40;
			}
		}
	}
}

static struct quad quad_of(const struct row *row, struct texture *texture) {
	const double degree = M_PI / 180;
	struct quad quad = quad_at(texture, row->x, row->y, row->width, row->height);
	if (row->mirrored) {
		quad.map = homography_place(row->x + row->width, row->y, -1, 1);
	}
	if (row->turn_x != 0 || row->turn_y != 0 || row->turn_z != 0) {
		struct homography tilt = homography_tilt(row->x + row->width / 2,
			row->y + row->height / 2, row->turn_x * degree, row->turn_y * degree,
			row->turn_z * degree, row->distance);
		quad.map = homography_multiply(&tilt, &quad.map);
	}
	quad.opacity = row->opacity;
	quad.shade = row->shade;
	quad.radius = row->radius;
	quad.trilinear = !row->bilinear;
	return quad;
}

int scene_count(void) {
	int count = 0;
	for (int i = 0; i < ROWS; i++) {
		count += i == 0 || strcmp(rows[i].name, rows[i - 1].name) != 0;
	}
	return count;
}

void scene_get(
	int number, struct texture *const textures[static TEXTURE_KINDS], struct scene *out) {
	int at = -1;
	*out = (struct scene){0};
	for (int i = 0; i < ROWS; i++) {
		at += i == 0 || strcmp(rows[i].name, rows[i - 1].name) != 0;
		if (at == number) {
			out->name = rows[i].name;
			out->quads[out->count++] = quad_of(&rows[i], textures[rows[i].texture]);
		}
	}
}
