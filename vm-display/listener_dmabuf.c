/* Frames in dmabufs: ScanoutDMABUF, ScanoutDMABUF2 (several planes) and UpdateDMABUF. */
#include <fcntl.h>
#include <unistd.h>

#include "vm-display/frame.h"
#include "vm-display/listener_private.h"

void listener_drop_updates(struct listener *listener) {
	for (int i = 0; i < listener->update_count; i++) {
		sd_bus_message_unref(listener->updates[i]);
	}
	listener->update_count = 0;
}

void listener_answer_updates(struct listener *listener) {
	for (int i = 0; i < listener->update_count; i++) {
		sd_bus_reply_method_return(listener->updates[i], "");
	}
	listener_drop_updates(listener);
}

/* Takes the planes' fds. */
static int set_dmabuf(struct listener *listener, const struct frame_dmabuf_attributes *attributes,
	sd_bus_message *message) {
	const char *reason;
	struct frame *frame = frame_create_dmabuf(attributes, &reason);
	if (!frame) {
		return listener_fail(listener, reason);
	}
	listener_set_frame(listener, frame, CONSOLE_PATH_DMABUF);
	frame_unref(frame);
	return sd_bus_reply_method_return(message, "");
}

/* What QEMU calls y0_top is true for a buffer whose row 0 is shown at the bottom, as OpenGL has it:
 * its own uploads of a top-first surface, and virtio-gpu's blobs, say false. */
int listener_handle_scanout_dmabuf(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct listener *listener = data;
	struct frame_dmabuf_attributes a = {.plane_count = 1};
	int fd, y0_top;
	int result = sd_bus_message_read(message, "huuuutb", &fd, &a.width, &a.height,
		&a.planes[0].stride, &a.fourcc, &a.modifier, &y0_top);
	if (result < 0) {
		return listener_fail(listener, "a ScanoutDMABUF can't be read");
	}
	a.planes[0].fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	a.buffer_width = a.width;
	a.buffer_height = a.height;
	a.y_inverted = y0_top;
	return set_dmabuf(listener, &a, message);
}

/* Returns how many there are; of those past FRAME_PLANES_MAX none is kept. */
static int read_plane_fds(sd_bus_message *message, int fds[static FRAME_PLANES_MAX]) {
	int result = sd_bus_message_enter_container(message, 'a', "h");
	if (result < 0) {
		return result;
	}
	int fd, count = 0;
	while ((result = sd_bus_message_read(message, "h", &fd)) > 0) {
		if (count < FRAME_PLANES_MAX) {
			fds[count] = fd;
		}
		count++;
	}
	return result < 0 || sd_bus_message_exit_container(message) < 0 ? -1 : count;
}

struct plane_numbers { /* the arrays of a ScanoutDMABUF2, pointing into the message */
	int fds[FRAME_PLANES_MAX], fd_count;
	const uint32_t *offsets, *strides;
	size_t offset_count, stride_count;
	uint32_t plane_count;
};

static int read_dmabuf2(
	sd_bus_message *message, struct plane_numbers *planes, struct frame_dmabuf_attributes *a) {
	const void *offsets, *strides;
	size_t offset_bytes, stride_bytes;
	int y0_top;
	planes->fd_count = read_plane_fds(message, planes->fds);
	if (planes->fd_count < 0 ||
		sd_bus_message_read(message, "uuuu", &a->x, &a->y, &a->width, &a->height) < 0 ||
		sd_bus_message_read_array(message, 'u', &offsets, &offset_bytes) < 0 ||
		sd_bus_message_read_array(message, 'u', &strides, &stride_bytes) < 0 ||
		sd_bus_message_read(message, "uuuutb", &planes->plane_count, &a->fourcc,
			&a->buffer_width, &a->buffer_height, &a->modifier, &y0_top) < 0) {
		return -1;
	}
	planes->offsets = offsets;
	planes->strides = strides;
	planes->offset_count = offset_bytes / sizeof(uint32_t);
	planes->stride_count = stride_bytes / sizeof(uint32_t);
	a->y_inverted = y0_top;
	return 0;
}

/* Planes that share a buffer may come with one fd for all. */
static const char *take_planes(
	const struct plane_numbers *planes, struct frame_dmabuf_attributes *a) {
	uint32_t count = planes->plane_count;
	if (count < 1 || count > FRAME_PLANES_MAX || planes->offset_count < count ||
		planes->stride_count < count || planes->fd_count < 1 ||
		planes->fd_count > FRAME_PLANES_MAX) {
		return "the dmabuf's number of planes is out of limits";
	}
	a->plane_count = (int)count;
	for (int i = 0; i < a->plane_count; i++) {
		int fd = planes->fds[i < planes->fd_count ? i : planes->fd_count - 1];
		a->planes[i].fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		a->planes[i].offset = planes->offsets[i];
		a->planes[i].stride = planes->strides[i];
	}
	return NULL;
}

int listener_handle_scanout_dmabuf2(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct listener *listener = data;
	struct plane_numbers planes = {0};
	struct frame_dmabuf_attributes attributes = {0};
	if (read_dmabuf2(message, &planes, &attributes) < 0) {
		return listener_fail(listener, "a ScanoutDMABUF2 can't be read");
	}
	const char *reason = take_planes(&planes, &attributes);
	if (reason) {
		return listener_fail(listener, reason);
	}
	return set_dmabuf(listener, &attributes, message);
}

/* The answer lets the guest draw its next picture into the buffer, so it waits for whoever still
 * reads this one. */
int listener_handle_update_dmabuf(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct listener *listener = data;
	int x, y, width, height;
	if (sd_bus_message_read(message, "iiii", &x, &y, &width, &height) < 0) {
		return listener_fail(listener, "an UpdateDMABUF can't be read");
	}
	if (listener->path == CONSOLE_PATH_DMABUF) {
		screen_add_damage(listener->screen, x, y, width, height);
		if (screen_is_held(listener->screen) &&
			listener->update_count < LISTENER_UPDATES_MAX) {
			listener->updates[listener->update_count++] = sd_bus_message_ref(message);
			return 1;
		}
	}
	return sd_bus_reply_method_return(message, "");
}
