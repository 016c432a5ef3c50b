/* cmocka.h needs these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "remote/rfb_buffer.h"
#include "remote/rfb_squeeze.h"

#define SIZE_MAX_TESTED 70000

/* What zlib makes of one more piece of the stream must be what was put in. */
static void check(struct rfb_squeeze *squeeze, z_stream *stream, const uint8_t *bytes, size_t count,
	bool noise) {
	static uint8_t got[SIZE_MAX_TESTED + 1];
	struct rfb_buffer out = {0};
	size_t ends[] = {count / 3, count / 3, count};
	if (noise) {
		rfb_squeeze_add_noise(squeeze, bytes, count, &out);
	} else {
		rfb_squeeze_add(squeeze, bytes, ends, 3, &out);
	}
	stream->next_in = out.bytes;
	stream->avail_in = out.size;
	stream->next_out = got;
	stream->avail_out = sizeof(got);
	assert_int_equal(inflate(stream, Z_SYNC_FLUSH), Z_OK);
	assert_int_equal(stream->avail_in, 0);
	assert_int_equal(sizeof(got) - stream->avail_out, count);
	assert_memory_equal(got, bytes, count);
	rfb_buffer_finish(&out);
}

static void fill(uint8_t *bytes, size_t count, unsigned int kind) {
	uint64_t a = 1, b = 1; /* weights as of Fibonacci make the longest codes */
	for (size_t i = 0; i < count; i++) {
		switch (kind) {
		case 0:
			bytes[i] = rand();
			break;
		case 1:
			bytes[i] = 42;
			break;
		case 2:
			bytes[i] = rand() % 2 ? 0 : 255;
			break;
		case 4: /* what repeats at all distances, and for all lengths */
			bytes[i] = rand();
			if (i >= 300 && rand() % 300 > 0) {
				bytes[i] = bytes[i - 1 - i / 100];
			}
			break;
		default:
			bytes[i] = i % 700 < 350 ? (int)(i % 5) : rand() % 3;
		}
	}
	for (size_t i = 0, symbol = 1; kind == 3 && i < count && symbol < 256; symbol++) {
		for (uint64_t j = 0; j < a && i < count; j++) {
			bytes[i++] = symbol;
		}
		uint64_t next = a + b;
		a = b;
		b = next;
	}
}

static void test_round_trips(void **state) {
	static uint8_t bytes[SIZE_MAX_TESTED];
	static const size_t sizes[] = {1, 2, 3, 12, 255, 4097, 16384, 16385, SIZE_MAX_TESTED};
	struct rfb_squeeze squeeze = {0};
	z_stream stream = {0};
	assert_int_equal(inflateInit(&stream), Z_OK);
	for (unsigned int kind = 0; kind < 6; kind++) {
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			fill(bytes, sizes[i], kind);
			check(&squeeze, &stream, bytes, sizes[i], true);
			check(&squeeze, &stream, bytes, sizes[i], false);
		}
	}
	inflateEnd(&stream);
}

int main(void) {
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_round_trips)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
