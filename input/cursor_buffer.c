#include "input/cursor_buffer.h"

#include <assert.h>
#include <drm_fourcc.h>
#include <pixman.h>
#include <stdlib.h>
#include <wlr/interfaces/wlr_buffer.h>
#include <wlr/render/wlr_texture.h>
#include <wlr/types/wlr_compositor.h>

#include "util/mem.h"

#define TEXTURE_SIDE_MAX (4 * CURSOR_SIDE_MAX) /* px, before scaling */

struct cursor_buffer {
	struct wlr_buffer base;
	struct cursor_image *image;
};

static const struct wlr_buffer_impl buffer_impl;

static struct cursor_buffer *cursor_buffer_from_wlr(struct wlr_buffer *wlr) {
	assert(wlr->impl == &buffer_impl);
	struct cursor_buffer *buffer = wl_container_of(wlr, buffer, base);
	return buffer;
}

static void buffer_destroy(struct wlr_buffer *wlr) {
	struct cursor_buffer *buffer = cursor_buffer_from_wlr(wlr);
	cursor_image_unref(buffer->image);
	free(buffer);
}

static bool buffer_begin_data_ptr_access(
	struct wlr_buffer *wlr, uint32_t flags, void **data, uint32_t *format, size_t *stride) {
	struct cursor_buffer *buffer = cursor_buffer_from_wlr(wlr);
	if (flags & WLR_BUFFER_DATA_PTR_ACCESS_WRITE) {
		return false;
	}
	*data = buffer->image->pixels;
	*format = DRM_FORMAT_ARGB8888;
	*stride = (size_t)buffer->image->width * sizeof(uint32_t);
	return true;
}

static void buffer_end_data_ptr_access(struct wlr_buffer *wlr) {
	/* the image is immutable */
}

static const struct wlr_buffer_impl buffer_impl = {
	.destroy = buffer_destroy,
	.begin_data_ptr_access = buffer_begin_data_ptr_access,
	.end_data_ptr_access = buffer_end_data_ptr_access,
};

struct wlr_buffer *cursor_buffer_create(struct cursor_image *image) {
	struct cursor_buffer *buffer = xcalloc(1, sizeof(*buffer));
	wlr_buffer_init(&buffer->base, &buffer_impl, image->width, image->height);
	buffer->image = cursor_image_ref(image);
	return &buffer->base;
}

/* Scales the part `box` of the texture's pixels to width x height. */
static uint32_t *scale(uint32_t *pixels, int texture_width, int texture_height,
	const struct wlr_fbox *box, int width, int height) {
	uint32_t *scaled = calloc((size_t)width * (size_t)height, sizeof(uint32_t));
	pixman_image_t *from = pixman_image_create_bits_no_clear(
		PIXMAN_a8r8g8b8, texture_width, texture_height, pixels, texture_width * 4);
	pixman_image_t *to = scaled ? pixman_image_create_bits_no_clear(
					      PIXMAN_a8r8g8b8, width, height, scaled, width * 4)
				    : NULL;
	if (from && to) {
		pixman_f_transform_t place;
		pixman_transform_t transform;
		pixman_f_transform_init_scale(&place, box->width / width, box->height / height);
		pixman_f_transform_translate(&place, NULL, box->x, box->y);
		pixman_transform_from_pixman_f_transform(&transform, &place);
		pixman_image_set_transform(from, &transform);
		pixman_image_set_filter(from, PIXMAN_FILTER_BILINEAR, NULL, 0);
		pixman_image_composite32(
			PIXMAN_OP_SRC, from, NULL, to, 0, 0, 0, 0, 0, 0, width, height);
	}
	if (to) {
		pixman_image_unref(to);
	}
	if (from) {
		pixman_image_unref(from);
	}
	return scaled;
}

static uint32_t *read_texture(struct wlr_texture *texture) {
	uint32_t *pixels = calloc((size_t)texture->width * texture->height, sizeof(uint32_t));
	struct wlr_texture_read_pixels_options options = {
		.data = pixels,
		.format = DRM_FORMAT_ARGB8888,
		.stride = texture->width * 4,
	};
	if (pixels && !wlr_texture_read_pixels(texture, &options)) {
		free(pixels);
		return NULL;
	}
	return pixels;
}

static int clamp(int value, int size) {
	return value < 0 ? 0 : value >= size ? size - 1 : value;
}

struct cursor_image *cursor_image_from_surface(struct wlr_surface *surface, int hot_x, int hot_y) {
	struct wlr_texture *texture = wlr_surface_get_texture(surface);
	int width = surface->current.width, height = surface->current.height;
	if (!texture || texture->width > TEXTURE_SIDE_MAX || texture->height > TEXTURE_SIDE_MAX ||
		width <= 0 || width > CURSOR_SIDE_MAX || height <= 0 || height > CURSOR_SIDE_MAX) {
		return NULL;
	}
	uint32_t *pixels = read_texture(texture);
	if (!pixels) {
		return NULL;
	}
	if ((int)texture->width != width || (int)texture->height != height) {
		struct wlr_fbox box;
		wlr_surface_get_buffer_source_box(surface, &box);
		uint32_t *scaled = scale(
			pixels, (int)texture->width, (int)texture->height, &box, width, height);
		free(pixels);
		pixels = scaled;
	}
	struct cursor_image *image = pixels
		? cursor_image_create(
			  width, height, clamp(hot_x, width), clamp(hot_y, height), pixels)
		: NULL;
	free(pixels);
	return image;
}
