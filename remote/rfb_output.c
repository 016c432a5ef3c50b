#include "remote/rfb_output.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "vm-display/frame.h"

/* Bytes that the kernel may hold before they are sent: what lies there gets old. */
#define UNSENT_MAX (128 * 1024)
#define VECTORS 512
#define PAGE 4096
#define SHRINK_ABOVE (1024 * 1024) /* bytes of capacity that aren't kept */

void rfb_output_init(struct rfb_output *output, int fd) {
	int unsent = UNSENT_MAX, yes = 1;
	*output = (struct rfb_output){.fd = fd};
	/* Neither is there on a unix socket, whose buffer is small anyway. */
	(void)!setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof(unsent));
	(void)!setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
}

static void drop_rows(struct rfb_output *output) {
	frame_unref(output->rows.frame);
	output->rows = (struct rfb_rows){0};
}

void rfb_output_finish(struct rfb_output *output) {
	rfb_buffer_finish(&output->bytes);
	drop_rows(output);
}

void rfb_output_add_rows(struct rfb_output *output, struct frame *frame, const uint8_t *pixels,
	size_t stride, size_t width, size_t count) {
	output->rows = (struct rfb_rows){.frame = frame_ref(frame),
		.pixels = pixels,
		.stride = stride,
		.width = width,
		.count = count};
}

size_t rfb_output_waiting(const struct rfb_output *output) {
	return output->bytes.size - output->sent;
}

bool rfb_output_has_rows(const struct rfb_output *output) {
	return output->rows.frame;
}

bool rfb_output_is_empty(const struct rfb_output *output) {
	return rfb_output_waiting(output) == 0 && !output->rows.frame;
}

static size_t add_vector(struct iovec *vectors, size_t count, const uint8_t *start, size_t size) {
	struct iovec *last = count > 0 ? &vectors[count - 1] : NULL;
	if (last && (const uint8_t *)last->iov_base + last->iov_len == start) {
		last->iov_len += size;
		return count;
	}
	vectors[count] = (struct iovec){.iov_base = (void *)start, .iov_len = size};
	return count + 1;
}

static size_t fill_vectors(const struct rfb_output *output, struct iovec *vectors) {
	const struct rfb_rows *rows = &output->rows;
	size_t count = 0, left = rfb_output_waiting(output);
	if (left > 0) {
		count = add_vector(vectors, count, output->bytes.bytes + output->sent, left);
	}
	if (!rows->frame) {
		return count;
	}
	size_t row = rows->sent / rows->width, skip = rows->sent % rows->width;
	for (; row < rows->count && count < VECTORS; row++, skip = 0) {
		count = add_vector(vectors, count, rows->pixels + row * rows->stride + skip,
			rows->width - skip);
	}
	return count;
}

static void note_sent(struct rfb_output *output, size_t count) {
	size_t bytes = rfb_output_waiting(output);
	bytes = count < bytes ? count : bytes;
	output->sent += bytes;
	output->rows.sent += count - bytes;
	if (output->sent == output->bytes.size) {
		output->sent = output->bytes.size = 0;
		if (output->bytes.capacity > SHRINK_ABOVE) {
			rfb_buffer_finish(&output->bytes);
		}
	}
	if (output->rows.frame && output->rows.sent == output->rows.width * output->rows.count) {
		drop_rows(output);
	}
}

/* The kernel doesn't read what has vanished from a shrunken file, but a fault of our own brings
 * zeros there (guard.h). */
static void touch(const struct iovec *vectors, size_t count) {
	for (size_t i = 0; i < count; i++) {
		const volatile uint8_t *start = vectors[i].iov_base;
		for (size_t j = 0; j < vectors[i].iov_len; j += PAGE) {
			(void)start[j];
		}
		(void)start[vectors[i].iov_len - 1];
	}
}

static ssize_t send_some(struct rfb_output *output) {
	struct iovec vectors[VECTORS];
	struct msghdr message = {.msg_iov = vectors};
	message.msg_iovlen = fill_vectors(output, vectors);
	ssize_t n = sendmsg(output->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0 && errno == EFAULT) {
		touch(vectors, message.msg_iovlen);
		n = sendmsg(output->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	return n;
}

bool rfb_output_flush(struct rfb_output *output, bool *blocked) {
	*blocked = false;
	while (!rfb_output_is_empty(output)) {
		ssize_t n = send_some(output);
		if (n < 0 && errno != EINTR) {
			*blocked = errno == EAGAIN;
			return *blocked;
		}
		if (n > 0) {
			note_sent(output, n);
		}
	}
	return true;
}

bool rfb_output_can_send(const struct rfb_output *output) {
	struct pollfd poller = {.fd = output->fd, .events = POLLOUT};
	return poll(&poller, 1, 0) != 0;
}
