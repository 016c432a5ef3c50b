#include "compositor/text_pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "util/log.h"
#include "util/mem.h"

struct text_pipe {
	int fd;
	sd_event_source *io, *limit;
	char *text;
	size_t size; /* of what is there, or to be written */
	size_t max; /* to be read; one byte more shows that it is too long */
	size_t written;
	text_pipe_done done;
	void *data;
};

static void finish(struct text_pipe *pipe, bool ok) {
	sd_event_source_set_enabled(pipe->io, SD_EVENT_OFF);
	sd_event_source_set_enabled(pipe->limit, SD_EVENT_OFF);
	pipe->done(pipe->data, ok ? pipe->text : NULL, ok ? pipe->size : 0);
}

static bool would_wait(ssize_t n) {
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

static int handle_readable(sd_event_source *source, int fd, uint32_t events, void *data) {
	struct text_pipe *pipe = data;
	ssize_t n = read(fd, pipe->text + pipe->size, pipe->max + 1 - pipe->size);
	if (would_wait(n)) {
		return 0;
	}
	pipe->size += n > 0 ? n : 0;
	if (n <= 0 || pipe->size > pipe->max) {
		finish(pipe, n == 0);
	}
	return 0;
}

static int handle_writable(sd_event_source *source, int fd, uint32_t events, void *data) {
	struct text_pipe *pipe = data;
	ssize_t n = write(fd, pipe->text + pipe->written, pipe->size - pipe->written);
	if (would_wait(n)) {
		return 0;
	}
	pipe->written += n > 0 ? n : 0;
	if (n < 0 || pipe->written == pipe->size) {
		finish(pipe, n >= 0);
	}
	return 0;
}

static int handle_limit(sd_event_source *source, uint64_t usec, void *data) {
	finish(data, false);
	return 0;
}

static struct text_pipe *create(
	sd_event *event, int fd, size_t room, uint32_t events, text_pipe_done done, void *data) {
	struct text_pipe *pipe = xcalloc(1, sizeof(*pipe));
	pipe->fd = fd;
	pipe->text = xcalloc(1, room + 1);
	pipe->max = room;
	pipe->done = done;
	pipe->data = data;
	int flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
		sd_event_add_io(event, &pipe->io, fd, events,
			events == EPOLLIN ? handle_readable : handle_writable, pipe) < 0 ||
		sd_event_add_time_relative(event, &pipe->limit, CLOCK_MONOTONIC, TEXT_PIPE_TIME, 0,
			handle_limit, pipe) < 0) {
		log_debug("a client's clipboard pipe can't be used");
		text_pipe_destroy(pipe);
		return NULL;
	}
	return pipe;
}

struct text_pipe *text_pipe_read(
	sd_event *event, int fd, size_t max, text_pipe_done done, void *data) {
	return create(event, fd, max, EPOLLIN, done, data);
}

struct text_pipe *text_pipe_write(
	sd_event *event, int fd, const char *text, size_t size, text_pipe_done done, void *data) {
	struct text_pipe *pipe = create(event, fd, size, EPOLLOUT, done, data);
	if (pipe) {
		memcpy(pipe->text, text, size);
		pipe->size = size;
	}
	return pipe;
}

void text_pipe_destroy(struct text_pipe *pipe) {
	if (!pipe) {
		return;
	}
	sd_event_source_disable_unref(pipe->io);
	sd_event_source_disable_unref(pipe->limit);
	explicit_bzero(pipe->text, pipe->max);
	free(pipe->text);
	close(pipe->fd);
	free(pipe);
}
