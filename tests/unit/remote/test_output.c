/* cmocka.h needs these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "remote/rfb_output.h"
#include "vm-display/frame.h"
#include "vm-display/guard.h"

#define WIDTH 1000 /* px */
#define HEIGHT 300

static uint8_t got[WIDTH * HEIGHT * 4 + 64];

/* Sends all of it while a reader takes a little at a time; returns how much came. */
static size_t pump(struct rfb_output *output, int fd) {
	size_t count = 0;
	bool blocked = true, was_blocked = false;
	while (blocked) {
		assert_true(rfb_output_flush(output, &blocked));
		was_blocked |= blocked;
		ssize_t n = 1;
		for (int i = 0; i < 5 && n > 0; i++) {
			n = recv(fd, got + count, 7001, MSG_DONTWAIT);
			count += n > 0 ? (size_t)n : 0;
		}
	}
	assert_true(was_blocked);
	for (ssize_t n = 1; n > 0; count += n > 0 ? (size_t)n : 0) {
		n = recv(fd, got + count, sizeof(got) - count, MSG_DONTWAIT);
	}
	return count;
}

static void test_rows(void **state) {
	int ends[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	struct frame *frame = frame_create_owned(WIDTH, HEIGHT, PIXMAN_x8r8g8b8);
	uint32_t *pixels = (uint32_t *)frame->data;
	for (uint32_t i = 0; i < WIDTH * HEIGHT; i++) {
		pixels[i] = i * 2654435761u;
	}
	struct rfb_output output;
	rfb_output_init(&output, ends[0]);
	rfb_buffer_add(&output.bytes, "head", 4);
	rfb_output_add_rows(&output, frame, frame->data + 40, frame->stride, 3600, HEIGHT);
	assert_true(rfb_output_has_rows(&output) && frame->refs == 2);
	assert_int_equal(pump(&output, ends[1]), 4 + 3600 * HEIGHT);
	assert_memory_equal(got, "head", 4);
	for (int y = 0; y < HEIGHT; y++) {
		assert_memory_equal(
			got + 4 + 3600 * y, frame->data + y * (size_t)frame->stride + 40, 3600);
	}
	assert_true(rfb_output_is_empty(&output) && frame->refs == 1);
	rfb_output_finish(&output);
	frame_unref(frame);
	close(ends[0]);
	close(ends[1]);
}

/* What has vanished arrives as zeros. */
static void test_shrunken_memory(void **state) {
	int ends[2], file = memfd_create("test", MFD_CLOEXEC);
	const char *error;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(ftruncate(file, WIDTH * HEIGHT * 4), 0);
	guard_install();
	struct frame *frame =
		frame_create_map(dup(file), 0, WIDTH, HEIGHT, WIDTH * 4, PIXMAN_x8r8g8b8, &error);
	assert_non_null(frame);
	void *map = mmap(NULL, WIDTH * HEIGHT * 4, PROT_WRITE, MAP_SHARED, file, 0);
	memset(map, 7, WIDTH * HEIGHT * 4);
	assert_int_equal(ftruncate(file, 400000), 0);
	struct rfb_output output;
	rfb_output_init(&output, ends[0]);
	rfb_output_add_rows(&output, frame, frame->data, frame->stride, WIDTH * 4, HEIGHT);
	assert_int_equal(pump(&output, ends[1]), WIDTH * HEIGHT * 4);
	assert_int_equal(got[0], 7);
	assert_int_equal(got[WIDTH * HEIGHT * 4 - 1], 0);
	rfb_output_finish(&output);
	frame_unref(frame);
	munmap(map, WIDTH * HEIGHT * 4);
	close(file);
	close(ends[0]);
	close(ends[1]);
}

static void test_gone(void **state) {
	int ends[2];
	bool blocked;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	struct rfb_output output;
	rfb_output_init(&output, ends[0]);
	rfb_buffer_add(&output.bytes, "word", 4);
	close(ends[1]);
	assert_false(rfb_output_flush(&output, &blocked));
	rfb_output_finish(&output);
	close(ends[0]);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_shrunken_memory),
		cmocka_unit_test(test_gone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
