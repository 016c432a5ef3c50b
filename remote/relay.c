#include "remote/relay.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "remote/stream.h"
#include "util/log.h"
#include "util/mem.h"

#define BUFFER_SIZE 16384 /* bytes: one TLS record's */

struct buffer {
	size_t start, count; /* what is still to be written */
	uint8_t bytes[BUFFER_SIZE];
};

struct relay {
	struct stream *outer, *inner;
	int stop; /* an eventfd */
	pthread_t thread;
	struct buffer in, out; /* to and from our server */
};

enum step { STEP_WAITS, STEP_DONE, STEP_ENDED };

/* One read or one write. */
static enum step carry(struct stream *from, struct buffer *buffer, struct stream *to) {
	ssize_t n;
	if (buffer->count == 0) {
		n = stream_read(from, buffer->bytes, sizeof(buffer->bytes));
		buffer->start = 0;
		buffer->count = n > 0 ? n : 0;
	} else {
		n = stream_write(to, buffer->bytes + buffer->start, buffer->count);
		buffer->start += n > 0 ? n : 0;
		buffer->count -= n > 0 ? n : 0;
	}
	if (n > 0) {
		return STEP_DONE;
	}
	return n < 0 && errno == EAGAIN ? STEP_WAITS : STEP_ENDED;
}

static struct pollfd pollfd_of(
	const struct stream *stream, const struct buffer *from, const struct buffer *to) {
	short events = (from->count == 0 ? POLLIN : 0) | (to->count > 0 ? POLLOUT : 0);
	/* One of which nothing is wanted would report its end again and again. */
	return (struct pollfd){.fd = events ? stream->fd : -1, .events = events};
}

/* False when it is to stop. */
static bool wait_for_more(struct relay *relay) {
	if (relay->in.count == 0 && stream_has_more(relay->outer)) {
		return true;
	}
	struct pollfd polled[] = {pollfd_of(relay->outer, &relay->in, &relay->out),
		pollfd_of(relay->inner, &relay->out, &relay->in),
		{.fd = relay->stop, .events = POLLIN}};
	while (poll(polled, 3, -1) < 0) {
		if (errno != EINTR && errno != EAGAIN) {
			return false;
		}
	}
	return !polled[2].revents;
}

static void *run(void *data) {
	struct relay *relay = data;
	enum step in, out;
	do {
		in = carry(relay->outer, &relay->in, relay->inner);
		out = carry(relay->inner, &relay->out, relay->outer);
		if (in == STEP_WAITS && out == STEP_WAITS && !wait_for_more(relay)) {
			break;
		}
	} while (in != STEP_ENDED && out != STEP_ENDED);
	/* Either side sees the other's end; the descriptors are closed where nobody polls. */
	shutdown(relay->inner->fd, SHUT_RDWR);
	stream_destroy(relay->outer);
	relay->outer = NULL;
	return NULL;
}

static bool start(struct relay *relay, int *inner) {
	int ends[2];
	relay->stop = eventfd(0, EFD_CLOEXEC);
	if (relay->stop < 0 ||
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0) {
		return false;
	}
	relay->inner = socket_stream_create(ends[0]);
	int error = pthread_create(&relay->thread, NULL, run, relay);
	if (error) {
		close(ends[1]);
		errno = error;
		return false;
	}
	*inner = ends[1];
	return true;
}

static void free_relay(struct relay *relay) {
	stream_destroy(relay->outer);
	stream_destroy(relay->inner);
	if (relay->stop >= 0) {
		close(relay->stop);
	}
	free(relay);
}

struct relay *relay_create(struct stream *stream, int *inner) {
	struct relay *relay = xcalloc(1, sizeof(*relay));
	relay->outer = stream;
	if (!start(relay, inner)) {
		log_error("can't relay: %s", strerror(errno));
		free_relay(relay);
		return NULL;
	}
	return relay;
}

void relay_destroy(struct relay *relay) {
	if (!relay) {
		return;
	}
	eventfd_write(relay->stop, 1);
	pthread_join(relay->thread, NULL);
	free_relay(relay);
}
