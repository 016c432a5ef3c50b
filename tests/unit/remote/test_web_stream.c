#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
/* After those that it needs. */
#include <cmocka.h>

#include "remote/web_stream.h"

static struct stream *stream;
static int peer;

static int set_up(void **state) {
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) < 0) {
		return -1;
	}
	stream = web_stream_create(socket_stream_create(ends[0]), "test", "\x82\x82\0\0\0\0hi", 8);
	peer = ends[1];
	return 0;
}

static int tear_down(void **state) {
	stream_destroy(stream);
	close(peer);
	return 0;
}

static void give(const void *bytes, size_t size) {
	assert_int_equal(send(peer, bytes, size, 0), size);
}

static void expect(const void *bytes, size_t size) {
	uint8_t got[256];
	assert_int_equal(recv(peer, got, sizeof(got), 0), size);
	assert_memory_equal(got, bytes, size);
}

static void test_reads(void **state) {
	char bytes[16];
	assert_true(stream_has_more(stream));
	assert_int_equal(stream_read(stream, bytes, sizeof(bytes)), 2);
	assert_memory_equal(bytes, "hi", 2);
	assert_int_equal(stream_read(stream, bytes, sizeof(bytes)), -1);
	assert_int_equal(errno, EAGAIN);
	give("\x82\x84\0\0\0\0word", 10);
	assert_int_equal(stream_read(stream, bytes, 3), 3); /* whole or not, as it fits */
	assert_true(stream_has_more(stream));
	assert_int_equal(stream_read(stream, bytes + 3, 3), 1);
	assert_memory_equal(bytes, "word", 4);
}

static void test_answers_ping_and_close(void **state) {
	char bytes[16];
	stream_read(stream, bytes, sizeof(bytes));
	give("\x89\x83\1\2\3\4``\x66", 9);
	assert_int_equal(stream_read(stream, bytes, sizeof(bytes)), -1);
	assert_int_equal(errno, EAGAIN);
	expect("\x8a\x03"
	       "abe",
		5);
	give("\x88\x82\0\0\0\0\3\350", 8);
	assert_int_equal(stream_read(stream, bytes, sizeof(bytes)), 0);
	expect("\x88\x02\3\350", 4);
}

static void test_ends_badly(void **state) {
	char bytes[16];
	stream_read(stream, bytes, sizeof(bytes));
	give("\x82\x02hi", 4);
	assert_int_equal(stream_read(stream, bytes, sizeof(bytes)), -1);
	assert_int_equal(errno, EPROTO);
	expect("\x88\x02\3\352", 4);
}

/* What doesn't fit is offered again until it is gone, and arrives once. */
static void test_writes_against_a_full_socket(void **state) {
	static uint8_t bytes[16384], got[2 * 16384];
	size_t written = 0, frames = 0, received = 0;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		bytes[i] = i * 7;
	}
	ssize_t n;
	while ((n = stream_write(stream, bytes, sizeof(bytes))) > 0) {
		assert_int_equal(n, sizeof(bytes));
		written++;
	}
	assert_int_equal(errno, EAGAIN);
	while (frames < written + 1) {
		n = recv(peer, got + received, sizeof(got) - received, 0);
		received += n > 0 ? n : 0;
		if (received >= 4 + sizeof(bytes)) {
			assert_memory_equal(got, "\x82\x7e\x40\0", 4);
			assert_memory_equal(got + 4, bytes, sizeof(bytes));
			received -= 4 + sizeof(bytes);
			memmove(got, got + 4 + sizeof(bytes), received);
			frames++;
		} else if (n < 0) {
			assert_int_equal(stream_write(stream, bytes, sizeof(bytes)), sizeof(bytes));
		}
	}
	assert_int_equal(received, 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_reads, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_answers_ping_and_close, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_ends_badly, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_writes_against_a_full_socket, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
