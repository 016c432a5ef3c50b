/* Frames that come as bytes in the messages: Scanout and Update. */
#include <string.h>

#include "vm-display/format.h"
#include "vm-display/frame.h"
#include "vm-display/listener_private.h"

struct picture { /* as it lies in a message */
	uint32_t width, height; /* px */
	uint32_t stride; /* bytes */
	uint32_t format;
	const uint8_t *bytes;
	size_t size;
};

static const char *check_picture(const struct picture *picture) {
	if (picture->width < 1 || picture->width > FRAME_SIDE_MAX || picture->height < 1 ||
		picture->height > FRAME_SIDE_MAX) {
		return "the picture's size is out of limits";
	}
	if (!format_is_known(picture->format)) {
		return "the picture's pixel format is unknown";
	}
	uint32_t row = format_row_bytes(picture->format, picture->width);
	if (picture->stride < row || picture->stride > FRAME_STRIDE_MAX) {
		return "the picture's stride is out of limits";
	}
	if (picture->size < (uint64_t)picture->stride * (picture->height - 1) + row) {
		return "the picture's bytes are too few for its size";
	}
	return NULL;
}

static int read_bytes(sd_bus_message *message, struct picture *picture) {
	const void *bytes;
	int result = sd_bus_message_read_array(message, 'y', &bytes, &picture->size);
	picture->bytes = bytes;
	return result;
}

/* Copies the picture to (x, y) of a frame of the same format, clipped. */
static void copy_picture(struct frame *frame, const struct picture *picture, int64_t x, int64_t y) {
	uint32_t pixel = format_row_bytes(frame->format, 1);
	int64_t left = x < 0 ? -x : 0, top = y < 0 ? -y : 0; /* of the picture, cut off */
	int64_t right = frame->width - x, bottom = frame->height - y;
	right = right > picture->width ? picture->width : right;
	bottom = bottom > picture->height ? picture->height : bottom;
	if (right <= left) {
		return;
	}
	uint8_t *pixels = frame->map;
	for (int64_t row = top; row < bottom; row++) {
		memcpy(pixels + (y + row) * frame->stride + (x + left) * pixel,
			picture->bytes + row * picture->stride + left * pixel,
			(size_t)(right - left) * pixel);
	}
}

/* A Scanout of the same kind as the last one is an update of everything. */
static struct frame *same_frame(struct listener *listener, const struct picture *picture) {
	struct frame *frame = listener->screen->frame;
	bool same = listener->path == CONSOLE_PATH_BYTES && frame &&
		frame->width == picture->width && frame->height == picture->height &&
		(uint32_t)frame->format == picture->format;
	return same ? frame : NULL;
}

int listener_handle_scanout(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct listener *listener = data;
	struct picture picture;
	int result = sd_bus_message_read(
		message, "uuuu", &picture.width, &picture.height, &picture.stride, &picture.format);
	if (result < 0 || read_bytes(message, &picture) < 0) {
		return listener_fail(listener, "a Scanout can't be read");
	}
	const char *reason = check_picture(&picture);
	if (reason) {
		return listener_fail(listener, reason);
	}
	struct frame *frame = same_frame(listener, &picture);
	if (frame) {
		copy_picture(frame, &picture, 0, 0);
		screen_add_damage(listener->screen, 0, 0, picture.width, picture.height);
		return sd_bus_reply_method_return(message, "");
	}
	frame = frame_create_owned(picture.width, picture.height, picture.format);
	if (!frame) {
		return listener_fail(listener, "no memory for a frame");
	}
	copy_picture(frame, &picture, 0, 0);
	listener_set_frame(listener, frame, CONSOLE_PATH_BYTES);
	frame_unref(frame);
	return sd_bus_reply_method_return(message, "");
}

int listener_handle_update(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct listener *listener = data;
	int x, y, width, height;
	struct picture picture;
	int result = sd_bus_message_read(
		message, "iiiiuu", &x, &y, &width, &height, &picture.stride, &picture.format);
	if (result < 0 || read_bytes(message, &picture) < 0) {
		return listener_fail(listener, "an Update can't be read");
	}
	if (width > 0 && height > 0) {
		picture.width = width;
		picture.height = height;
		const char *reason = check_picture(&picture);
		if (reason) {
			return listener_fail(listener, reason);
		}
		struct frame *frame = listener->screen->frame;
		if (listener->path == CONSOLE_PATH_BYTES && frame &&
			(uint32_t)frame->format == picture.format) {
			copy_picture(frame, &picture, x, y);
			screen_add_damage(listener->screen, x, y, width, height);
		}
	}
	return sd_bus_reply_method_return(message, "");
}
