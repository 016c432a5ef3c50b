#include "compositor/effects/texture.h"

#include <stdlib.h>

#include "util/mem.h"

struct texture *texture_create(
	const uint32_t *pixels, int width, int height, size_t stride, bool opaque) {
	if (width < 1 || height < 1 || width > TEXTURE_SIDE_MAX || height > TEXTURE_SIDE_MAX ||
		stride % 4 != 0 || stride / 4 < (size_t)width ||
		stride / 4 > (size_t)INT32_MAX / height || (uintptr_t)pixels % 4 != 0) {
		return NULL;
	}
	struct texture *texture = xcalloc(1, sizeof(*texture));
	texture->opaque = opaque;
	texture->levels[0] = (struct texture_level){pixels, width, height, stride / 4};
	texture->level_count = 1;
	for (int w = width, h = height; w > 1 || h > 1; texture->level_count++) {
		w = w > 1 ? w / 2 : 1;
		h = h > 1 ? h / 2 : 1;
		texture->levels[texture->level_count] = (struct texture_level){NULL, w, h, w};
	}
	pixman_region32_init(&texture->stale);
	pixman_region32_init_rect(&texture->upload_stale, 0, 0, width, height);
	return texture;
}

static void free_levels(struct texture *texture) {
	for (int i = 1; i < texture->level_count; i++) {
		free((uint32_t *)texture->levels[i].pixels);
		texture->levels[i].pixels = NULL;
	}
}

void texture_destroy(struct texture *texture) {
	if (!texture) {
		return;
	}
	if (texture->upload_destroy) {
		texture->upload_destroy(texture);
	}
	free_levels(texture);
	pixman_region32_fini(&texture->stale);
	pixman_region32_fini(&texture->upload_stale);
	free(texture);
}

void texture_damage(struct texture *texture, const pixman_region32_t *damage) {
	pixman_region32_t inside;
	pixman_region32_init(&inside);
	pixman_region32_intersect_rect(&inside, (pixman_region32_t *)damage, 0, 0,
		texture->levels[0].width, texture->levels[0].height);
	if (texture->has_small) {
		pixman_region32_union(&texture->stale, &texture->stale, &inside);
	}
	pixman_region32_union(&texture->upload_stale, &texture->upload_stale, &inside);
	pixman_region32_fini(&inside);
}

/* The mean of four, each channel rounded. */
static uint32_t mean(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
	const uint32_t mask = 0x00ff00ff;
	uint32_t low = (a & mask) + (b & mask) + (c & mask) + (d & mask) + 0x00020002;
	uint32_t high =
		(a >> 8 & mask) + (b >> 8 & mask) + (c >> 8 & mask) + (d >> 8 & mask) + 0x00020002;
	return (low >> 2 & mask) | (high >> 2 & mask) << 8;
}

static void shrink(const struct texture_level *from, const struct texture_level *to,
	const pixman_box32_t *box, uint32_t fill) {
	for (int y = box->y1; y < box->y2; y++) {
		const uint32_t *above = from->pixels + from->stride * (y * 2);
		const uint32_t *below = from->height > 1 ? above + from->stride : above;
		uint32_t *out = (uint32_t *)to->pixels + to->stride * y;
		int right = from->width > 1;
		for (int x = box->x1; x < box->x2; x++) {
			int a = x * 2, b = x * 2 + right;
			out[x] = mean(above[a], above[b], below[a], below[b]) | fill;
		}
	}
}

static void renew(struct texture *texture, pixman_box32_t box) {
	for (int i = 1; i < texture->level_count; i++) {
		const struct texture_level *to = &texture->levels[i];
		box.x1 /= 2;
		box.y1 /= 2;
		box.x2 = (box.x2 + 1) / 2 < to->width ? (box.x2 + 1) / 2 : to->width;
		box.y2 = (box.y2 + 1) / 2 < to->height ? (box.y2 + 1) / 2 : to->height;
		shrink(to - 1, to, &box, texture->opaque ? 0xff000000 : 0);
	}
}

static bool allocate(struct texture *texture) {
	for (int i = 1; i < texture->level_count; i++) {
		struct texture_level *level = &texture->levels[i];
		level->pixels = malloc(level->stride * level->height * 4);
		if (!level->pixels) {
			free_levels(texture);
			return false;
		}
	}
	texture->has_small = true;
	pixman_region32_union_rect(&texture->stale, &texture->stale, 0, 0, texture->levels[0].width,
		texture->levels[0].height);
	return true;
}

bool texture_prepare(struct texture *texture) {
	if (!texture->has_small && !allocate(texture)) {
		return false;
	}
	int count;
	const pixman_box32_t *boxes = pixman_region32_rectangles(&texture->stale, &count);
	for (int i = 0; i < count; i++) {
		renew(texture, boxes[i]);
	}
	pixman_region32_clear(&texture->stale);
	return true;
}
