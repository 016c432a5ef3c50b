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
#include "remote/rfb_clipboard.h"

#define HEAD 8 /* bytes of a cut text's head */
#define FLAGS 12 /* and of an extended one's, with the flags */

enum { TEXT = 1, REQUEST = 1 << 25, PEEK = 1 << 26, NOTIFY = 1 << 27, PROVIDE = 1 << 28 };

static char *got; /* the last text; NULL: none since */

static void handle_text(void *data, const char *text) {
	free(got);
	got = strdup(text);
}

static struct rfb_clipboard clipboard;
static struct rfb_buffer out;

static int setup(void **state) {
	clipboard = (struct rfb_clipboard){.got_text = handle_text};
	out.size = 0;
	free(got);
	got = NULL;
	return 0;
}

static int teardown(void **state) {
	rfb_clipboard_finish(&clipboard);
	rfb_buffer_finish(&out);
	return 0;
}

static uint32_t word(size_t at) {
	const uint8_t *bytes = out.bytes + at;
	return (uint32_t)bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
}

/* Lets the client send `count` bytes behind its head. */
static bool send_text(bool extended, const void *bytes, size_t count) {
	struct rfb_buffer message = {0};
	const char *why;
	rfb_buffer_add_u32(&message, 6u << 24);
	rfb_buffer_add_u32(&message, extended ? -(uint32_t)count : (uint32_t)count);
	rfb_buffer_add(&message, bytes, count);
	bool ok = rfb_clipboard_handle(&clipboard, message.bytes, message.size, &out, &why);
	assert_int_equal(ok, why == NULL);
	rfb_buffer_finish(&message);
	return ok;
}

static bool send_flags(uint32_t flags) {
	uint8_t bytes[] = {flags >> 24, flags >> 16, flags >> 8, flags};
	return send_text(true, bytes, sizeof(bytes));
}

static bool send_provided(const char *text, size_t length) {
	uint8_t *plain = calloc(1, length + 4), bytes[4096] = {PROVIDE >> 24, 0, 0, TEXT};
	uLongf size = sizeof(bytes) - 4;
	plain[1] = length >> 16;
	plain[2] = length >> 8;
	plain[3] = length;
	memcpy(plain + 4, text, length);
	assert_int_equal(compress(bytes + 4, &size, plain, length + 4), Z_OK);
	free(plain);
	return send_text(true, bytes, size + 4);
}

static void test_latin1(void **state) {
	assert_true(send_text(false, "gr\xfcn\r\nblau\n", 11));
	assert_string_equal(got, "gr\xc3\xbcn\nblau\n");
	rfb_clipboard_set_text(&clipboard, "\xc3\xbc\xe2\x82\xac!", &out);
	assert_int_equal(out.size, HEAD + 3);
	assert_int_equal(word(0), 3u << 24);
	assert_int_equal(word(4), 3);
	assert_memory_equal(out.bytes + HEAD, "\xfc?!", 3);
}

static void test_extended(void **state) {
	rfb_clipboard_offer(&clipboard, &out);
	out.size = 0;
	rfb_clipboard_set_text(&clipboard, "a\n\xe2\x82\xac", &out);
	assert_int_equal(out.size, FLAGS);
	assert_int_equal(word(8), NOTIFY | TEXT);
	out.size = 0;
	assert_true(send_flags(REQUEST | TEXT));
	assert_int_equal(word(4), -(uint32_t)(out.size - HEAD));
	assert_int_equal(word(8), PROVIDE | TEXT);
	uint8_t plain[64];
	uLongf size = sizeof(plain);
	assert_int_equal(uncompress(plain, &size, out.bytes + FLAGS, out.size - FLAGS), Z_OK);
	assert_int_equal(size, 11);
	assert_memory_equal(plain, "\0\0\0\7a\r\n\xe2\x82\xac", 11);
	out.size = 0;
	assert_true(send_flags(PEEK) && send_flags(NOTIFY | TEXT));
	assert_int_equal(out.size, 2 * FLAGS);
	assert_int_equal(word(8), NOTIFY | TEXT);
	assert_int_equal(word(FLAGS + 8), REQUEST | TEXT);
}

static void test_provided(void **state) {
	rfb_clipboard_offer(&clipboard, &out);
	assert_true(send_provided("a\r\n\xe2\x82\xac\xef\xbf\xbd", 10));
	assert_string_equal(got, "a\n\xe2\x82\xac\xef\xbf\xbd");
	assert_true(send_provided("until\0here", 11));
	assert_string_equal(got, "until");
	setup(NULL);
	rfb_clipboard_offer(&clipboard, &out);
	assert_true(send_provided("\xff\xfe", 3)); /* no UTF-8: not taken */
	assert_null(got);
	char *large = calloc(1, RFB_CLIPBOARD_MAX + 2);
	memset(large, 'x', RFB_CLIPBOARD_MAX + 1);
	assert_true(send_provided(large, RFB_CLIPBOARD_MAX + 2)); /* nor what is too long */
	assert_null(got);
	assert_true(send_provided(large + 1, RFB_CLIPBOARD_MAX + 1));
	assert_int_equal(strlen(got), RFB_CLIPBOARD_MAX);
	free(large);
}

static void test_limits(void **state) {
	char *large = calloc(1, RFB_CLIPBOARD_MAX + 2);
	memset(large, 'x', RFB_CLIPBOARD_MAX + 1);
	assert_true(send_text(false, large, RFB_CLIPBOARD_MAX + 1));
	assert_null(got);
	rfb_clipboard_set_text(&clipboard, large, &out);
	assert_int_equal(out.size, 0);
	rfb_clipboard_offer(&clipboard, &out);
	out.size = 0;
	rfb_clipboard_set_text(&clipboard, NULL, &out);
	assert_int_equal(word(8), NOTIFY);
	assert_true(send_flags(REQUEST | TEXT)); /* there is nothing to give */
	assert_int_equal(out.size, FLAGS);
	assert_false(send_text(true, "abc", 3));
	free(large);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_latin1, setup, teardown),
		cmocka_unit_test_setup_teardown(test_extended, setup, teardown),
		cmocka_unit_test_setup_teardown(test_provided, setup, teardown),
		cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
