#include "compositor/frame_buffer.h"

#include <assert.h>
#include <drm_fourcc.h>
#include <stdlib.h>
#include <wlr/interfaces/wlr_buffer.h>

#include "util/mem.h"
#include "vm-display/frame.h"

struct frame_buffer {
	struct wlr_buffer base;
	struct frame *frame;
	bool as_dmabuf;
};

static const struct wlr_buffer_impl frame_buffer_impl;

static struct frame_buffer *from_base(struct wlr_buffer *base) {
	assert(base->impl == &frame_buffer_impl);
	struct frame_buffer *buffer = wl_container_of(base, buffer, base);
	return buffer;
}

static uint32_t opaque_format(uint32_t fourcc) {
	switch (fourcc) {
	case DRM_FORMAT_ARGB8888:
		return DRM_FORMAT_XRGB8888;
	case DRM_FORMAT_ABGR8888:
		return DRM_FORMAT_XBGR8888;
	case DRM_FORMAT_RGBA8888:
		return DRM_FORMAT_RGBX8888;
	case DRM_FORMAT_BGRA8888:
		return DRM_FORMAT_BGRX8888;
	default:
		return fourcc;
	}
}

static void frame_buffer_destroy(struct wlr_buffer *base) {
	struct frame_buffer *buffer = from_base(base);
	frame_unref(buffer->frame);
	free(buffer);
}

static bool get_dmabuf(struct wlr_buffer *base, struct wlr_dmabuf_attributes *attributes) {
	const struct frame *frame = from_base(base)->frame;
	if (!from_base(base)->as_dmabuf) {
		return false;
	}
	*attributes = (struct wlr_dmabuf_attributes){
		.width = frame->buffer_width,
		.height = frame->buffer_height,
		.format = opaque_format(frame->fourcc),
		.modifier = frame->modifier,
		.n_planes = frame->plane_count,
	};
	for (int i = 0; i < frame->plane_count; i++) {
		attributes->fd[i] = frame->planes[i].fd;
		attributes->offset[i] = frame->planes[i].offset;
		attributes->stride[i] = frame->planes[i].stride;
	}
	return true;
}

/* Only for reading: nothing of ours writes into a guest's memory. */
static bool begin_data_ptr_access(
	struct wlr_buffer *base, uint32_t flags, void **data, uint32_t *format, size_t *stride) {
	const struct frame *frame = from_base(base)->frame;
	if (from_base(base)->as_dmabuf || (flags & WLR_BUFFER_DATA_PTR_ACCESS_WRITE)) {
		return false;
	}
	frame_begin_read(frame);
	*data = (void *)frame->data;
	*format = opaque_format(frame->fourcc);
	*stride = frame->stride;
	return true;
}

static void end_data_ptr_access(struct wlr_buffer *base) {
	frame_end_read(from_base(base)->frame);
}

static const struct wlr_buffer_impl frame_buffer_impl = {
	.destroy = frame_buffer_destroy,
	.get_dmabuf = get_dmabuf,
	.begin_data_ptr_access = begin_data_ptr_access,
	.end_data_ptr_access = end_data_ptr_access,
};

struct wlr_buffer *frame_buffer_create(struct frame *frame, bool as_dmabuf) {
	assert(as_dmabuf ? frame->kind == FRAME_DMABUF : frame->data != NULL);
	struct frame_buffer *buffer = xcalloc(1, sizeof(*buffer));
	wlr_buffer_init(&buffer->base, &frame_buffer_impl,
		as_dmabuf ? frame->buffer_width : frame->width,
		as_dmabuf ? frame->buffer_height : frame->height);
	buffer->frame = frame_ref(frame);
	buffer->as_dmabuf = as_dmabuf;
	return &buffer->base;
}
