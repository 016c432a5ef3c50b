#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* After those that it needs. */
#include <cmocka.h>

#include "remote/web_frames.h"

static const uint8_t mask[] = {0x12, 0x34, 0x56, 0x78};
static struct web_frames frames;
static uint16_t code;
static const char *error;

/* A client's frame; how many bytes. */
static size_t put(uint8_t *out, uint8_t first, const void *payload, size_t size) {
	size_t n = 0;
	out[n++] = first;
	if (size < 126) {
		out[n++] = 0x80 | size;
	} else {
		out[n++] = 0x80 | 126;
		out[n++] = size >> 8;
		out[n++] = size;
	}
	memcpy(out + n, mask, 4);
	n += 4;
	for (size_t i = 0; i < size; i++) {
		out[n++] = ((const uint8_t *)payload)[i] ^ mask[i % 4];
	}
	return n;
}

/* Feeds pieces of `step` bytes; gathers the data. The last event that isn't data or nothing. */
static enum web_frames_event feed(
	const uint8_t *bytes, size_t count, size_t step, uint8_t *data, size_t *data_size) {
	uint8_t piece[4096];
	*data_size = 0;
	for (size_t i = 0; i < count; i += step) {
		size_t size = count - i < step ? count - i : step, start = 0;
		memcpy(piece, bytes + i, size);
		while (start < size) {
			uint8_t *part;
			size_t used, part_size = 0;
			enum web_frames_event event = web_frames_next(&frames, piece + start,
				size - start, &used, &part, &part_size, &code, &error);
			start += used;
			if (event == WEB_FRAMES_DATA) {
				memcpy(data + *data_size, part, part_size);
				*data_size += part_size;
			} else if (event != WEB_FRAMES_SHORT) {
				return event;
			}
		}
	}
	return WEB_FRAMES_SHORT;
}

static int set_up(void **state) {
	frames = (struct web_frames){0};
	code = 0;
	return 0;
}

static void test_data_in_all_pieces(void **state) {
	uint8_t bytes[2048], data[2048], text[300];
	size_t size, count = 0;
	for (size_t i = 0; i < sizeof(text); i++) {
		text[i] = i;
	}
	count += put(bytes + count, 0x82, "hello", 5);
	count += put(bytes + count, 0x02, text, sizeof(text));
	count += put(bytes + count, 0x8a, "pong", 4); /* between the fragments */
	count += put(bytes + count, 0x00, "", 0);
	count += put(bytes + count, 0x80, "end", 3);
	for (size_t step = 1; step < count; step++) {
		assert_int_equal(feed(bytes, count, step, data, &size), WEB_FRAMES_SHORT);
		assert_int_equal(size, 5 + sizeof(text) + 3);
		assert_memory_equal(data, "hello", 5);
		assert_memory_equal(data + 5, text, sizeof(text));
		assert_memory_equal(data + 5 + sizeof(text), "end", 3);
	}
}

static void test_ping_and_close(void **state) {
	uint8_t bytes[64], data[64];
	size_t size;
	assert_int_equal(feed(bytes, put(bytes, 0x89, "abc", 3), 1, data, &size), WEB_FRAMES_PING);
	assert_int_equal(frames.control_count, 3);
	assert_memory_equal(frames.control, "abc", 3);
	assert_int_equal(feed(bytes, put(bytes, 0x89, "", 0), 2, data, &size), WEB_FRAMES_PING);
	assert_int_equal(frames.control_count, 0);
	assert_int_equal(
		feed(bytes, put(bytes, 0x88, "\3\350", 2), 9, data, &size), WEB_FRAMES_CLOSE);
}

static void test_bad(void **state) {
	static const struct {
		const char *bytes;
		size_t count;
		uint16_t code;
	} cases[] = {
		{"\x82\x05hello", 7, 1002}, /* no mask */
		{"\xc2\x80\0\0\0\0", 6, 1002}, /* reserved bits */
		{"\x92\x80\0\0\0\0", 6, 1002},
		{"\x81\x80\0\0\0\0", 6, 1003}, /* text */
		{"\x83\x80\0\0\0\0", 6, 1002}, /* unknown kinds */
		{"\x8b\x80\0\0\0\0", 6, 1002},
		{"\x8f\x80\0\0\0\0", 6, 1002},
		{"\x80\x80\0\0\0\0", 6, 1002}, /* a continuation of nothing */
		{"\x02\x80\0\0\0\0\x82\x80\0\0\0\0", 12, 1002}, /* a message within one */
		{"\x09\x80\0\0\0\0", 6, 1002}, /* a ping in pieces */
		{"\x89\xfe\0\x80\0\0\0\0", 8, 1002}, /* a ping of 128 bytes */
		{"\x82\xfe\0\x7d\0\0\0\0", 8, 1002}, /* lengths in more bytes than they need */
		{"\x82\xff\0\0\0\0\0\0\xff\xff\0\0\0\0", 14, 1002},
		{"\x82\xff\x80\0\0\0\0\1\0\0\0\0\0\0", 14, 1002}, /* a negative one */
		{"\x82\xff\0\0\0\0\0\x08\0\1\0\0\0\0", 14, 1009}, /* too long */
		{"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 14, 1009},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t data[64];
		size_t size;
		set_up(state);
		enum web_frames_event event = feed(
			(const uint8_t *)cases[i].bytes, cases[i].count, 1 + i % 3, data, &size);
		if (event != WEB_FRAMES_BAD || code != cases[i].code) {
			fail_msg("case %zu: event %d, code %d", i, event, code);
		}
	}
}

static void test_message_in_too_many_pieces(void **state) {
	uint8_t bytes[16], data[16];
	size_t size;
	enum web_frames_event event = feed(bytes, put(bytes, 0x02, "", 0), 16, data, &size);
	for (int i = 1; i < WEB_FRAGMENTS_MAX; i++) {
		assert_int_equal(event, WEB_FRAMES_SHORT);
		event = feed(bytes, put(bytes, 0x00, "", 0), 16, data, &size);
	}
	assert_int_equal(event, WEB_FRAMES_SHORT);
	assert_int_equal(feed(bytes, put(bytes, 0x00, "", 0), 16, data, &size), WEB_FRAMES_BAD);
}

static void test_fragments_add_up(void **state) {
	static const uint8_t first[] = {0x02, 0xff, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0};
	static uint8_t bytes[WEB_MESSAGE_MAX];
	uint8_t data[16], *part;
	size_t size, used;
	assert_int_equal(feed(first, sizeof(first), 14, data, &size), WEB_FRAMES_SHORT);
	assert_int_equal(
		web_frames_next(&frames, bytes, sizeof(bytes), &used, &part, &size, &code, &error),
		WEB_FRAMES_DATA);
	assert_int_equal(size, WEB_MESSAGE_MAX);
	assert_int_equal(feed(bytes, put(bytes, 0x80, "a", 1), 8, data, &size), WEB_FRAMES_BAD);
	assert_int_equal(code, 1009);
}

static void test_heads(void **state) {
	uint8_t head[WEB_FRAME_HEAD_MAX];
	assert_int_equal(web_frame_head(head, WEB_OPCODE_BINARY, 125), 2);
	assert_memory_equal(head, "\x82\x7d", 2);
	assert_int_equal(web_frame_head(head, WEB_OPCODE_BINARY, 126), 4);
	assert_memory_equal(head, "\x82\x7e\0\x7e", 4);
	assert_int_equal(web_frame_head(head, WEB_OPCODE_BINARY, 65536), 10);
	assert_memory_equal(head, "\x82\x7f\0\0\0\0\0\1\0\0", 10);
}

/* RFC 6455, section 1.3. */
static void test_accept(void **state) {
	char accept[WEB_ACCEPT_SIZE];
	assert_true(web_socket_accept("dGhlIHNhbXBsZSBub25jZQ==", accept));
	assert_string_equal(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
	assert_false(web_socket_accept("", accept));
	assert_false(web_socket_accept("dGhlIHNhbXBsZSBub25j", accept));
	assert_false(web_socket_accept("dGhlIHNhbXBsZSBub25jZTE=", accept));
	assert_false(web_socket_accept("!!!!IHNhbXBsZSBub25jZQ==", accept));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_data_in_all_pieces, set_up),
		cmocka_unit_test_setup(test_ping_and_close, set_up),
		cmocka_unit_test_setup(test_bad, set_up),
		cmocka_unit_test_setup(test_message_in_too_many_pieces, set_up),
		cmocka_unit_test_setup(test_fragments_add_up, set_up),
		cmocka_unit_test(test_heads),
		cmocka_unit_test(test_accept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
