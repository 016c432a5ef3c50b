/* What a published listener is sent: scanouts, updates and cursors, as messages of a batch. */
#include <string.h>
#include <unistd.h>

#include "vm-display/format.h"
#include "vm-display/frame.h"
#include "vm-display/listener_private.h"
#include "vm-display/published_listener.h"

static sd_bus_message *add_message(
	struct published_listener *listener, const char *interface, const char *member) {
	sd_bus_message *message = NULL;
	if (listener->batch_count >= PUBLISHER_BATCH_MAX ||
		sd_bus_message_new_method_call(bus_link_bus(listener->link), &message, NULL,
			LISTENER_PATH, interface, member) < 0) {
		return NULL;
	}
	listener->batch[listener->batch_count++] = message;
	return message;
}

static bool add_cursor_define(
	struct published_listener *listener, const struct cursor_image *cursor) {
	sd_bus_message *message = add_message(listener, LISTENER_INTERFACE, "CursorDefine");
	return message &&
		sd_bus_message_append(message, "iiii", cursor->width, cursor->height, cursor->hot_x,
			cursor->hot_y) >= 0 &&
		sd_bus_message_append_array(message, 'y', cursor->pixels,
			(size_t)cursor->width * cursor->height * sizeof(uint32_t)) >= 0;
}

bool published_listener_add_cursor(struct published_listener *listener) {
	const struct screen *screen = listener->observer.screen;
	const struct cursor_image *cursor = screen->cursor;
	if (listener->has_cursor && cursor && !add_cursor_define(listener, cursor)) {
		return false;
	}
	if (listener->has_cursor || listener->has_position) {
		/* The hot spot may be another one now; without an image nothing is to be seen. */
		int x = screen->cursor_x - (cursor ? cursor->hot_x : 0);
		int y = screen->cursor_y - (cursor ? cursor->hot_y : 0);
		sd_bus_message *message = add_message(listener, LISTENER_INTERFACE, "MouseSet");
		if (!message ||
			sd_bus_message_append(
				message, "iii", x, y, screen->cursor_visible && cursor) < 0) {
			return false;
		}
	}
	listener->has_cursor = listener->has_position = false;
	return true;
}

static bool add_disable(struct published_listener *listener) {
	listener->path = CONSOLE_PATH_NONE;
	return add_message(listener, LISTENER_INTERFACE, "Disable") != NULL;
}

static bool add_scanout_map(struct published_listener *listener, const struct frame *frame) {
	int fd = frame_open_read_only(frame);
	if (fd < 0) {
		return false;
	}
	sd_bus_message *message = add_message(listener, LISTENER_MAP_INTERFACE, "ScanoutMap");
	bool ok = message &&
		sd_bus_message_append(message, "huuuuu", fd, frame->planes[0].offset, frame->width,
			frame->height, frame->stride, (uint32_t)frame->format) >= 0;
	close(fd);
	listener->path = CONSOLE_PATH_MAP;
	return ok;
}

static bool append_fds(sd_bus_message *message, const struct frame *frame) {
	int result = sd_bus_message_open_container(message, 'a', "h");
	for (int i = 0; i < frame->plane_count && result >= 0; i++) {
		result = sd_bus_message_append(message, "h", frame->planes[i].fd);
	}
	return result >= 0 && sd_bus_message_close_container(message) >= 0;
}

static bool append_numbers(sd_bus_message *message, const struct frame *frame) {
	uint32_t offsets[FRAME_PLANES_MAX], strides[FRAME_PLANES_MAX];
	for (int i = 0; i < frame->plane_count; i++) {
		offsets[i] = frame->planes[i].offset;
		strides[i] = frame->planes[i].stride;
	}
	size_t size = (size_t)frame->plane_count * sizeof(uint32_t);
	return sd_bus_message_append_array(message, 'u', offsets, size) >= 0 &&
		sd_bus_message_append_array(message, 'u', strides, size) >= 0;
}

static bool add_scanout_dmabuf2(struct published_listener *listener, const struct frame *frame) {
	sd_bus_message *message =
		add_message(listener, LISTENER_DMABUF2_INTERFACE, "ScanoutDMABUF2");
	listener->path = CONSOLE_PATH_DMABUF;
	return message && append_fds(message, frame) &&
		sd_bus_message_append(
			message, "uuuu", frame->x, frame->y, frame->width, frame->height) >= 0 &&
		append_numbers(message, frame) &&
		sd_bus_message_append(message, "uuuutb", (uint32_t)frame->plane_count,
			frame->fourcc, frame->buffer_width, frame->buffer_height, frame->modifier,
			frame->y_inverted) >= 0;
}

static bool add_scanout_dmabuf(struct published_listener *listener, const struct frame *frame) {
	sd_bus_message *message = add_message(listener, LISTENER_INTERFACE, "ScanoutDMABUF");
	listener->path = CONSOLE_PATH_DMABUF;
	return message &&
		sd_bus_message_append(message, "huuuutb", frame->planes[0].fd, frame->width,
			frame->height, frame->planes[0].stride, frame->fourcc, frame->modifier,
			frame->y_inverted) >= 0;
}

/* The older message has no words for several planes, or for a part of a buffer. */
static bool fits_old_dmabuf(const struct frame *frame) {
	return frame->plane_count == 1 && frame->planes[0].offset == 0 && frame->x == 0 &&
		frame->y == 0;
}

/* Appends a rectangle's pixels, row after row without a gap. */
static bool append_pixels(
	sd_bus_message *message, const struct frame *frame, const pixman_box32_t *box) {
	size_t pixel = format_row_bytes(frame->format, 1);
	size_t row = (size_t)(box->x2 - box->x1) * pixel;
	void *space;
	if (sd_bus_message_append_array_space(
		    message, 'y', row * (size_t)(box->y2 - box->y1), &space) < 0) {
		return false;
	}
	uint8_t *out = space;
	frame_begin_read(frame);
	for (int y = box->y1; y < box->y2; y++) {
		memcpy(out, frame->data + (size_t)y * frame->stride + (size_t)box->x1 * pixel, row);
		out += row;
	}
	frame_end_read(frame);
	return true;
}

static bool add_scanout_bytes(struct published_listener *listener, const struct frame *frame) {
	pixman_box32_t box = {.x2 = (int)frame->width, .y2 = (int)frame->height};
	uint32_t row = format_row_bytes(frame->format, frame->width);
	sd_bus_message *message = add_message(listener, LISTENER_INTERFACE, "Scanout");
	listener->path = CONSOLE_PATH_BYTES;
	pixman_region32_clear(&listener->observer.damage);
	return message &&
		sd_bus_message_append(message, "uuuu", frame->width, frame->height, row,
			(uint32_t)frame->format) >= 0 &&
		append_pixels(message, frame, &box);
}

static bool can_send_bytes(const struct frame *frame) {
	return frame->data &&
		(uint64_t)format_row_bytes(frame->format, frame->width) * frame->height <=
		PUBLISHER_BYTES_MAX;
}

bool published_listener_add_scanout(struct published_listener *listener) {
	struct frame *frame = listener->observer.screen->frame;
	frame_unref(listener->frame);
	listener->frame = frame_ref(frame);
	if (!frame) {
		return add_disable(listener);
	}
	bool keeps_memory = listener->object->console->keeps_memory;
	if (listener->has_map && !keeps_memory && frame->kind != FRAME_DMABUF) {
		return add_scanout_map(listener, frame);
	}
	if (can_send_bytes(frame)) {
		return add_scanout_bytes(listener, frame);
	}
	if (frame->kind == FRAME_DMABUF && listener->has_dmabuf2) {
		return add_scanout_dmabuf2(listener, frame);
	}
	if (frame->kind == FRAME_DMABUF && fits_old_dmabuf(frame)) {
		return add_scanout_dmabuf(listener, frame);
	}
	return add_disable(listener);
}

static bool add_update(struct published_listener *listener, const pixman_box32_t *box) {
	const struct frame *frame = listener->frame;
	bool map = listener->path == CONSOLE_PATH_MAP;
	bool dmabuf = listener->path == CONSOLE_PATH_DMABUF;
	sd_bus_message *message =
		add_message(listener, map ? LISTENER_MAP_INTERFACE : LISTENER_INTERFACE,
			map              ? "UpdateMap"
				: dmabuf ? "UpdateDMABUF"
					 : "Update");
	int width = box->x2 - box->x1, height = box->y2 - box->y1;
	if (!message ||
		sd_bus_message_append(message, "iiii", box->x1, box->y1, width, height) < 0) {
		return false;
	}
	return map || dmabuf ||
		(sd_bus_message_append(message, "uu", format_row_bytes(frame->format, width),
			 (uint32_t)frame->format) >= 0 &&
			append_pixels(message, frame, box));
}

static bool covers_everything(const struct frame *frame, const pixman_box32_t *box) {
	return box->x1 == 0 && box->y1 == 0 && (uint32_t)box->x2 == frame->width &&
		(uint32_t)box->y2 == frame->height;
}

bool published_listener_add_updates(struct published_listener *listener) {
	pixman_region32_t *damage = &listener->observer.damage;
	if (listener->path == CONSOLE_PATH_NONE || !pixman_region32_not_empty(damage)) {
		pixman_region32_clear(damage);
		return true;
	}
	int count;
	const pixman_box32_t *boxes = pixman_region32_rectangles(damage, &count);
	if (count > PUBLISHER_BATCH_RECTS) {
		boxes = pixman_region32_extents(damage);
		count = 1;
	}
	if (listener->path == CONSOLE_PATH_BYTES && covers_everything(listener->frame, boxes)) {
		return add_scanout_bytes(listener, listener->frame);
	}
	bool ok = true;
	for (int i = 0; i < count && ok; i++) {
		ok = add_update(listener, &boxes[i]);
	}
	pixman_region32_clear(damage);
	return ok;
}
