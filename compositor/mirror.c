#include "compositor/mirror.h"

#include <drm_fourcc.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/render/wlr_texture.h>
#include <wlr/types/wlr_buffer.h>
#include <wlr/util/region.h>

#include "compositor/output.h"
#include "compositor/server.h"
#include "util/log.h"
#include "util/mem.h"
#include "vm-display/frame.h"

struct mirror *mirror_create(struct output *output) {
	struct mirror *mirror = xcalloc(1, sizeof(*mirror));
	mirror->output = output;
	screen_init(&mirror->screen);
	return mirror;
}

void mirror_destroy(struct mirror *mirror) {
	if (!mirror) {
		return;
	}
	screen_set_frame(&mirror->screen, NULL);
	screen_finish(&mirror->screen);
	frame_unref(mirror->frame);
	free(mirror);
}

static void redraw_whole(struct mirror *mirror) {
	wlr_damage_ring_add_whole(&mirror->output->scene_output->damage_ring);
	wlr_output_schedule_frame(mirror->output->wlr);
}

void mirror_add_listener(struct mirror *mirror) {
	if (mirror->listeners++ == 0) {
		redraw_whole(mirror);
	}
}

void mirror_remove_listener(struct mirror *mirror) {
	if (--mirror->listeners == 0) {
		screen_set_frame(&mirror->screen, NULL);
		frame_unref(mirror->frame);
		mirror->frame = NULL;
	}
}

/* True if the frame is a new one, which has to be filled as a whole. */
static bool renew_frame(struct mirror *mirror, int width, int height) {
	if (mirror->frame && (int)mirror->frame->width == width &&
		(int)mirror->frame->height == height) {
		return false;
	}
	frame_unref(mirror->frame);
	mirror->frame = frame_create_owned(width, height, PIXMAN_x8r8g8b8);
	if (!mirror->frame) {
		log_error("output %s: no memory for its mirror", mirror->output->wlr->name);
		screen_set_frame(&mirror->screen, NULL);
	}
	return true;
}

/* Copies one box of the output's buffer, turned upright. `source` is the box's first pixel. */
static void copy_turned(struct mirror *mirror, const struct wlr_box *box, const uint8_t *source,
	size_t stride, int buffer_width, int buffer_height) {
	enum wl_output_transform transform = mirror->output->wlr->transform;
	uint8_t *picture = (uint8_t *)mirror->frame->data;
	for (int y = 0; y < box->height; y++) {
		const uint32_t *row = (const uint32_t *)(source + y * stride);
		for (int x = 0; x < box->width; x++) {
			struct wlr_box pixel = {
				.x = box->x + x, .y = box->y + y, .width = 1, .height = 1};
			wlr_box_transform(&pixel, &pixel, transform, buffer_width, buffer_height);
			uint32_t *to =
				(uint32_t *)(picture + (size_t)pixel.y * mirror->frame->stride);
			to[pixel.x] = row[x];
		}
	}
}

static void copy_upright(
	struct mirror *mirror, const struct wlr_box *box, const uint8_t *source, size_t stride) {
	uint8_t *to = (uint8_t *)mirror->frame->data + (size_t)box->y * mirror->frame->stride +
		box->x * sizeof(uint32_t);
	for (int y = 0; y < box->height; y++) {
		memcpy(to, source, box->width * sizeof(uint32_t));
		to += mirror->frame->stride;
		source += stride;
	}
}

static void copy_box(struct mirror *mirror, const struct wlr_box *box, const uint8_t *source,
	size_t stride, const struct wlr_buffer *buffer) {
	if (mirror->output->wlr->transform == WL_OUTPUT_TRANSFORM_NORMAL) {
		copy_upright(mirror, box, source, stride);
	} else {
		copy_turned(mirror, box, source, stride, buffer->width, buffer->height);
	}
}

static bool copy_from_memory(
	struct mirror *mirror, struct wlr_buffer *buffer, const pixman_box32_t *rects, int count) {
	void *data;
	uint32_t format;
	size_t stride;
	if (!wlr_buffer_begin_data_ptr_access(
		    buffer, WLR_BUFFER_DATA_PTR_ACCESS_READ, &data, &format, &stride)) {
		return false;
	}
	bool known = format == DRM_FORMAT_XRGB8888 || format == DRM_FORMAT_ARGB8888;
	for (int i = 0; known && i < count; i++) {
		struct wlr_box box = {.x = rects[i].x1,
			.y = rects[i].y1,
			.width = rects[i].x2 - rects[i].x1,
			.height = rects[i].y2 - rects[i].y1};
		copy_box(
			mirror, &box, (uint8_t *)data + box.y * stride + box.x * 4, stride, buffer);
	}
	wlr_buffer_end_data_ptr_access(buffer);
	return known;
}

static bool read_box(struct mirror *mirror, struct wlr_texture *texture, const struct wlr_box *box,
	const struct wlr_buffer *buffer) {
	size_t stride = (size_t)box->width * 4;
	uint8_t *pixels = malloc(stride * box->height);
	bool ok = pixels &&
		wlr_texture_read_pixels(texture,
			&(struct wlr_texture_read_pixels_options){.data = pixels,
				.format = DRM_FORMAT_XRGB8888,
				.stride = stride,
				.src_box = *box});
	if (ok) {
		copy_box(mirror, box, pixels, stride, buffer);
	}
	free(pixels);
	return ok;
}

/* A buffer that only the renderer can read. */
static bool copy_from_texture(
	struct mirror *mirror, struct wlr_buffer *buffer, const pixman_box32_t *rects, int count) {
	struct wlr_texture *texture =
		wlr_texture_from_buffer(mirror->output->outputs->server->renderer, buffer);
	bool ok = texture;
	for (int i = 0; ok && i < count; i++) {
		struct wlr_box box = {.x = rects[i].x1,
			.y = rects[i].y1,
			.width = rects[i].x2 - rects[i].x1,
			.height = rects[i].y2 - rects[i].y1};
		ok = read_box(mirror, texture, &box, buffer);
	}
	wlr_texture_destroy(texture);
	return ok;
}

static void announce(
	struct mirror *mirror, const pixman_region32_t *region, const struct wlr_buffer *buffer) {
	pixman_region32_t turned;
	pixman_region32_init(&turned);
	wlr_region_transform(
		&turned, region, mirror->output->wlr->transform, buffer->width, buffer->height);
	int count;
	const pixman_box32_t *rects = pixman_region32_rectangles(&turned, &count);
	for (int i = 0; i < count; i++) {
		screen_add_damage(&mirror->screen, rects[i].x1, rects[i].y1,
			rects[i].x2 - rects[i].x1, rects[i].y2 - rects[i].y1);
	}
	pixman_region32_fini(&turned);
}

static void take_over(struct mirror *mirror, struct wlr_buffer *buffer, pixman_region32_t *region) {
	int width, height;
	wlr_output_transformed_resolution(mirror->output->wlr, &width, &height);
	bool renewed = renew_frame(mirror, width, height);
	if (!mirror->frame) {
		return;
	}
	if (renewed) {
		pixman_region32_union_rect(region, region, 0, 0, buffer->width, buffer->height);
	}
	pixman_region32_intersect_rect(region, region, 0, 0, buffer->width, buffer->height);
	int count;
	const pixman_box32_t *rects = pixman_region32_rectangles(region, &count);
	if (!copy_from_memory(mirror, buffer, rects, count) &&
		!copy_from_texture(mirror, buffer, rects, count)) {
		log_error("output %s: its picture can't be read back", mirror->output->wlr->name);
		return;
	}
	if (renewed) {
		screen_set_frame(&mirror->screen, mirror->frame);
	} else {
		announce(mirror, region, buffer);
	}
}

void mirror_commit(struct mirror *mirror, const struct wlr_output_state *state) {
	if (mirror->listeners == 0 || !(state->committed & WLR_OUTPUT_STATE_BUFFER)) {
		return;
	}
	pixman_region32_t region;
	pixman_region32_init(&region);
	if (state->committed & WLR_OUTPUT_STATE_DAMAGE) {
		pixman_region32_copy(&region, &state->damage);
	} else {
		pixman_region32_union_rect(
			&region, &region, 0, 0, state->buffer->width, state->buffer->height);
	}
	take_over(mirror, state->buffer, &region);
	pixman_region32_fini(&region);
}
