/* The guest's pointer: CursorDefine and MouseSet. */
#include "vm-display/frame.h"
#include "vm-display/listener_private.h"

#define CURSOR_DEFINE_SIDE_MAX                                                                     \
	512 /* px; QEMU's own limit. Cursors that we don't show are legal                          \
	     */

static int clamp(int value, int low, int high) {
	return value < low ? low : value > high ? high : value;
}

/* MouseSet places the image's corner, the screen wants the hot spot. */
static void place_cursor(struct listener *listener) {
	const struct cursor_image *cursor = listener->screen->cursor;
	screen_move_cursor(listener->screen, listener->mouse_x + (cursor ? cursor->hot_x : 0),
		listener->mouse_y + (cursor ? cursor->hot_y : 0), listener->mouse_on);
}

int listener_handle_mouse_set(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct listener *listener = data;
	int x, y, on;
	if (sd_bus_message_read(message, "iii", &x, &y, &on) < 0) {
		return listener_fail(listener, "a MouseSet can't be read");
	}
	listener->mouse_x = clamp(x, -FRAME_SIDE_MAX, FRAME_SIDE_MAX);
	listener->mouse_y = clamp(y, -FRAME_SIDE_MAX, FRAME_SIDE_MAX);
	listener->mouse_on = on != 0;
	place_cursor(listener);
	return sd_bus_reply_method_return(message, "");
}

int listener_handle_cursor_define(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct listener *listener = data;
	int width, height, hot_x, hot_y;
	const void *pixels;
	size_t size;
	if (sd_bus_message_read(message, "iiii", &width, &height, &hot_x, &hot_y) < 0 ||
		sd_bus_message_read_array(message, 'y', &pixels, &size) < 0) {
		return listener_fail(listener, "a CursorDefine can't be read");
	}
	if (width < 1 || width > CURSOR_DEFINE_SIDE_MAX || height < 1 ||
		height > CURSOR_DEFINE_SIDE_MAX ||
		size != (size_t)width * height * sizeof(uint32_t)) {
		return listener_fail(listener, "the cursor's size is out of limits");
	}
	/* The hot spot is the guest's own, unchecked by QEMU. */
	struct cursor_image *cursor = cursor_image_create(
		width, height, clamp(hot_x, 0, width - 1), clamp(hot_y, 0, height - 1), pixels);
	screen_set_cursor(listener->screen, cursor);
	cursor_image_unref(cursor);
	place_cursor(listener);
	return sd_bus_reply_method_return(message, "");
}
