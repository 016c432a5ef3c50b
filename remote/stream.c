#include "remote/stream.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/mem.h"

static ssize_t handle_socket_read(struct stream *stream, void *bytes, size_t size) {
	ssize_t n;
	do {
		n = recv(stream->fd, bytes, size, MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	return n;
}

static ssize_t handle_socket_write(struct stream *stream, const void *bytes, size_t size) {
	ssize_t n;
	do {
		n = send(stream->fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n;
}

static bool handle_socket_has_more(struct stream *stream) {
	return false;
}

static void handle_socket_destroy(struct stream *stream) {
	close(stream->fd);
	free(stream);
}

static const struct stream_impl socket_impl = {
	.read = handle_socket_read,
	.write = handle_socket_write,
	.has_more = handle_socket_has_more,
	.destroy = handle_socket_destroy,
};

struct stream *socket_stream_create(int fd) {
	struct stream *stream = xcalloc(1, sizeof(*stream));
	*stream = (struct stream){.impl = &socket_impl, .fd = fd};
	return stream;
}

int socket_stream_release(struct stream *stream) {
	assert(stream->impl == &socket_impl);
	int fd = stream->fd;
	free(stream);
	return fd;
}

ssize_t stream_read(struct stream *stream, void *bytes, size_t size) {
	return stream->impl->read(stream, bytes, size);
}

ssize_t stream_write(struct stream *stream, const void *bytes, size_t size) {
	return stream->impl->write(stream, bytes, size);
}

bool stream_has_more(struct stream *stream) {
	return stream->impl->has_more(stream);
}

void stream_destroy(struct stream *stream) {
	if (stream) {
		stream->impl->destroy(stream);
	}
}
