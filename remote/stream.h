/* Bytes between us and a client, whatever carries them: a socket, TLS over it, WebSocket frames in
 * either. Nothing here blocks. */
#ifndef REMOTE_STREAM_H
#define REMOTE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct stream;

struct stream_impl {
	/* How many bytes were read or taken, 1 at least; 0: the peer has ended (of `read` only); -1
	 * with errno: EAGAIN if that has to wait for the fd, else the stream is broken. What
	 * `write` didn't take for EAGAIN must be given to it again first. */
	ssize_t (*read)(struct stream *stream, void *bytes, size_t size);
	ssize_t (*write)(struct stream *stream, const void *bytes, size_t size);
	bool (*has_more)(struct stream *stream); /* to read, though the fd may not say so */
	void (*destroy)(struct stream *stream); /* closes the fd, after a word of parting */
};

struct stream {
	const struct stream_impl *impl;
	int fd; /* to be polled for both directions */
};

/* A non-blocking socket's own bytes. Takes `fd`. */
struct stream *socket_stream_create(int fd);
int socket_stream_release(struct stream *stream); /* destroys it; the fd is the caller's */

ssize_t stream_read(struct stream *stream, void *bytes, size_t size);
ssize_t stream_write(struct stream *stream, const void *bytes, size_t size);
bool stream_has_more(struct stream *stream);
void stream_destroy(struct stream *stream); /* NULL is legal */

#endif
