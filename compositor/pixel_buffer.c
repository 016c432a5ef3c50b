#include "compositor/pixel_buffer.h"

#include <assert.h>
#include <drm_fourcc.h>
#include <stdlib.h>
#include <wlr/interfaces/wlr_buffer.h>

#include "util/mem.h"

struct pixel_buffer {
	struct wlr_buffer base;
	pixman_image_t *image;
};

static const struct wlr_buffer_impl pixel_buffer_impl;

static struct pixel_buffer *from_base(struct wlr_buffer *base) {
	assert(base->impl == &pixel_buffer_impl);
	struct pixel_buffer *buffer = wl_container_of(base, buffer, base);
	return buffer;
}

static void pixel_buffer_destroy(struct wlr_buffer *base) {
	struct pixel_buffer *buffer = from_base(base);
	pixman_image_unref(buffer->image);
	free(buffer);
}

static bool begin_data_ptr_access(
	struct wlr_buffer *base, uint32_t flags, void **data, uint32_t *format, size_t *stride) {
	struct pixel_buffer *buffer = from_base(base);
	*data = pixman_image_get_data(buffer->image);
	*format = DRM_FORMAT_ARGB8888;
	*stride = pixman_image_get_stride(buffer->image);
	return true;
}

static void end_data_ptr_access(struct wlr_buffer *base) {
	/* The memory is always there. */
}

static const struct wlr_buffer_impl pixel_buffer_impl = {
	.destroy = pixel_buffer_destroy,
	.begin_data_ptr_access = begin_data_ptr_access,
	.end_data_ptr_access = end_data_ptr_access,
};

struct wlr_buffer *pixel_buffer_create(int width, int height, pixman_image_t **image) {
	pixman_image_t *pixels = pixman_image_create_bits(PIXMAN_a8r8g8b8, width, height, NULL, 0);
	if (!pixels) {
		return NULL;
	}
	struct pixel_buffer *buffer = xcalloc(1, sizeof(*buffer));
	wlr_buffer_init(&buffer->base, &pixel_buffer_impl, width, height);
	buffer->image = pixels;
	*image = pixels;
	return &buffer->base;
}
