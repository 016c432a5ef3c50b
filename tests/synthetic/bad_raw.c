#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/synthetic/bad_private.h"
#include "util/mem.h"

struct bad_raw {
	int fd, kind;
	sd_event_source *source;
	char input[4096];
	size_t length;
	size_t sent; /* bytes of the message that is being sent again and again */
};

static const char handshake[] = "DATA\r\nOK 0123456789abcdef0123456789abcdef\r\nAGREE_UNIX_FD\r\n";

/* A method call whose body of 1,000 bytes doesn't come. */
static const unsigned char half_message[] = {
	'l', 1, 0, 1, 0xe8, 3, 0, 0, 1, 0, 0, 0, 16, 0, 0, 0, 1, 1, 'o', 0, 1, 0, 0, 0, '/', 0};

/* A signal without any of the fields that it must have. */
static const unsigned char empty_signal[] = {'l', 4, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0};
#define FDS 60

/* org.freedesktop.DBus.Peer.Ping */
static const unsigned char ping_message[88] = {'l', 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 69, 0, 0, 0,
	/* path */ 1, 1, 'o', 0, 1, 0, 0, 0, '/', 0, 0, 0, 0, 0, 0, 0,
	/* interface */ 2, 1, 's', 0, 25, 0, 0, 0, 'o', 'r', 'g', '.', 'f', 'r', 'e', 'e', 'd', 'e',
	's', 'k', 't', 'o', 'p', '.', 'D', 'B', 'u', 's', '.', 'P', 'e', 'e', 'r', 0, 0, 0, 0, 0, 0,
	0, /* member */ 3, 1, 's', 0, 4, 0, 0, 0, 'P', 'i', 'n', 'g', 0};

static void write_all(int fd, const void *bytes, size_t size) {
	if (send(fd, bytes, size, MSG_NOSIGNAL) < 0) {
		/* The reader is gone already, which is its right. */
		return;
	}
}

static void misbehave(struct bad_raw *raw) {
	char garbage[4096];
	write_all(raw->fd, handshake, sizeof(handshake) - 1);
	switch (raw->kind) {
	case BAD_TRUNCATE:
		write_all(raw->fd, half_message, sizeof(half_message));
		shutdown(raw->fd, SHUT_RDWR);
		break;
	case BAD_HALF:
		write_all(raw->fd, half_message, sizeof(half_message));
		break;
	case BAD_GARBAGE:
		memset(garbage, 'z', sizeof(garbage));
		write_all(raw->fd, garbage, sizeof(garbage));
		break;
	case BAD_FDS:
		usleep(100000); /* those that come with the handshake are another matter */
		/* fall through */
	case BAD_PINGS:
		sd_event_source_set_io_events(raw->source, EPOLLOUT);
		return;
	}
	sd_event_source_set_enabled(raw->source, SD_EVENT_OFF);
}

static void send_pings(struct bad_raw *raw) {
	ssize_t n;
	while ((n = send(raw->fd, ping_message + raw->sent, sizeof(ping_message) - raw->sent,
			MSG_NOSIGNAL | MSG_DONTWAIT)) > 0) {
		raw->sent = (raw->sent + (size_t)n) % sizeof(ping_message);
	}
	if (errno != EAGAIN) {
		sd_event_source_set_enabled(raw->source, SD_EVENT_OFF);
	}
}

static void send_fds(struct bad_raw *raw) {
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(FDS * sizeof(int))];
	} control = {.header = {.cmsg_level = SOL_SOCKET,
			     .cmsg_type = SCM_RIGHTS,
			     .cmsg_len = CMSG_LEN(FDS * sizeof(int))}};
	int *fds = (int *)CMSG_DATA(&control.header);
	for (int i = 0; i < FDS; i++) {
		fds[i] = raw->fd;
	}
	struct iovec vector = {.iov_base = (void *)empty_signal, .iov_len = sizeof(empty_signal)};
	struct msghdr message = {.msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control)};
	if (sendmsg(raw->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno != EAGAIN) {
		sd_event_source_set_enabled(raw->source, SD_EVENT_OFF);
	}
}

static int handle_io(sd_event_source *source, int fd, uint32_t revents, void *data) {
	struct bad_raw *raw = data;
	if (revents & EPOLLOUT) {
		if (raw->kind == BAD_FDS) {
			send_fds(raw);
		} else {
			send_pings(raw);
		}
		return 0;
	}
	ssize_t n =
		recv(fd, raw->input + raw->length, sizeof(raw->input) - raw->length, MSG_DONTWAIT);
	if (n <= 0) {
		return sd_event_source_set_enabled(source, SD_EVENT_OFF);
	}
	raw->length += (size_t)n;
	if (memmem(raw->input, raw->length, "BEGIN\r\n", 7)) {
		misbehave(raw);
	}
	return 0;
}

struct bad_raw *bad_raw_create(sd_event *event, int fd, int kind) {
	struct bad_raw *raw = xcalloc(1, sizeof(*raw));
	raw->fd = fd;
	raw->kind = kind;
	if (sd_event_add_io(event, &raw->source, fd, EPOLLIN, handle_io, raw) < 0) {
		abort();
	}
	return raw;
}

void bad_raw_destroy(struct bad_raw *raw) {
	if (raw) {
		sd_event_source_disable_unref(raw->source);
		close(raw->fd);
		free(raw);
	}
}
