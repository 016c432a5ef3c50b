/* Bytes through a relay: all of them, in order, with no more than a few buffers on their way. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "remote/relay.h"
#include "remote/stream.h"

#define TIMEOUT 30000 /* ms */
#define TOTAL (8 << 20) /* bytes */
#define PENDING_MAX (2 << 20) /* bytes: two pairs of socket buffers and ours */

struct pipe {
	struct relay *relay;
	int outside, inner;
};

static struct pipe open_pipe(void) {
	struct pipe made;
	int ends[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	made.outside = ends[0];
	made.relay = relay_create(socket_stream_create(ends[1]), &made.inner);
	assert_non_null(made.relay);
	return made;
}

static void close_pipe(struct pipe *pipe) {
	close(pipe->inner);
	relay_destroy(pipe->relay);
	close(pipe->outside);
}

static uint8_t byte_at(size_t at) {
	return at * 31 + (at >> 8);
}

static void wait_for(int fd, short events) {
	struct pollfd polled = {.fd = fd, .events = events};
	assert_int_equal(poll(&polled, 1, TIMEOUT), 1);
}

/* Writes until the other side takes no more; the number of bytes. */
static size_t fill(int fd, size_t at, size_t limit) {
	static uint8_t bytes[65536];
	size_t begin = at;
	while (at < limit) {
		size_t size = limit - at < sizeof(bytes) ? limit - at : sizeof(bytes);
		for (size_t i = 0; i < size; i++) {
			bytes[i] = byte_at(at + i);
		}
		ssize_t n = send(fd, bytes, size, MSG_NOSIGNAL);
		if (n < 0) {
			assert_int_equal(errno, EAGAIN);
			break;
		}
		at += n;
	}
	return at - begin;
}

/* Reads and compares what is there. */
static size_t drain(int fd, size_t at) {
	static uint8_t bytes[65536];
	size_t begin = at;
	ssize_t n;
	while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0) {
		for (ssize_t i = 0; i < n; i++, at++) {
			assert_int_equal(bytes[i], byte_at(at));
		}
	}
	return at - begin;
}

static void pass(int from, int to) {
	size_t written = 0, read = 0;
	while (read < TOTAL) {
		written += fill(from, written, TOTAL);
		wait_for(to, POLLIN);
		read += drain(to, read);
	}
	assert_int_equal(written, read);
}

static void test_both_ways(void **state) {
	struct pipe pipe = open_pipe();
	pass(pipe.outside, pipe.inner);
	pass(pipe.inner, pipe.outside);
	close_pipe(&pipe);
}

/* Until nothing moves for a while, which is only to be expected. */
static size_t fill_up(int fd) {
	size_t written = 0;
	struct pollfd polled = {.fd = fd, .events = POLLOUT};
	do {
		written += fill(fd, written, TOTAL);
		assert_true(written < TOTAL);
	} while (poll(&polled, 1, 200) > 0);
	return written;
}

static void test_nobody_reads(void **state) {
	struct pipe pipe = open_pipe();
	size_t out = fill_up(pipe.inner), in = fill_up(pipe.outside);
	assert_true(out < PENDING_MAX && in < PENDING_MAX);
	for (size_t read = 0; read < out;) {
		wait_for(pipe.outside, POLLIN);
		read += drain(pipe.outside, read);
	}
	close_pipe(&pipe); /* with the rest unread */
}

static void test_an_end_comes_after_the_rest(void **state) {
	struct pipe pipe = open_pipe();
	size_t written = fill(pipe.inner, 0, 100000), read = 0;
	shutdown(pipe.inner, SHUT_WR);
	while (read < written) {
		wait_for(pipe.outside, POLLIN);
		read += drain(pipe.outside, read);
	}
	char byte;
	wait_for(pipe.outside, POLLIN);
	assert_int_equal(recv(pipe.outside, &byte, 1, 0), 0);
	close_pipe(&pipe);
}

static void test_the_client_goes(void **state) {
	struct pipe pipe = open_pipe();
	char byte;
	shutdown(pipe.outside, SHUT_RDWR);
	wait_for(pipe.inner, POLLIN);
	assert_int_equal(recv(pipe.inner, &byte, 1, 0), 0);
	close_pipe(&pipe);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_nobody_reads),
		cmocka_unit_test(test_an_end_comes_after_the_rest),
		cmocka_unit_test(test_the_client_goes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
