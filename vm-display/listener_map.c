/* Frames in the peer's shared memory: org.qemu.Display1.Listener.Unix.Map. */
#include <fcntl.h>

#include "vm-display/frame.h"
#include "vm-display/listener_private.h"

int listener_handle_scanout_map(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct listener *listener = data;
	int fd;
	uint32_t offset, width, height, stride, format;
	int result = sd_bus_message_read(
		message, "huuuuu", &fd, &offset, &width, &height, &stride, &format);
	if (result < 0) {
		return listener_fail(listener, "a ScanoutMap can't be read");
	}
	const char *reason;
	struct frame *frame = frame_create_map(fcntl(fd, F_DUPFD_CLOEXEC, 3), offset, width, height,
		stride, (pixman_format_code_t)format, &reason);
	if (!frame) {
		return listener_fail(listener, reason);
	}
	/* QEMU's main loop waits for this answer. */
	result = sd_bus_reply_method_return(message, "");
	listener_set_frame(listener, frame, CONSOLE_PATH_MAP);
	frame_unref(frame);
	return result;
}

int listener_handle_update_map(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct listener *listener = data;
	int x, y, width, height;
	if (sd_bus_message_read(message, "iiii", &x, &y, &width, &height) < 0) {
		return listener_fail(listener, "an UpdateMap can't be read");
	}
	if (listener->path == CONSOLE_PATH_MAP) {
		screen_add_damage(listener->screen, x, y, width, height);
	}
	return sd_bus_reply_method_return(message, "");
}
