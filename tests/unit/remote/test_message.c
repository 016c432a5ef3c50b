/* cmocka.h needs these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "remote/rfb_message.h"
#include "remote/rfb_wishes.h"

struct message_case {
	const char *head;
	size_t count, length; /* length 0: it is bad */
	bool buttons;
};

static void test_lengths(void **state) {
	static const struct message_case cases[] = {
		{"\0\0\0\0\x20\x18\0\1\0\xff\0\xff\0\xff\x10\x08\0\0\0\0", 20, 20, false},
		{"\0\0\0\0\x20\x18\0\1\0\xff\0\xfe\0\xff\x10\x08\0\0\0\0", 20, 0, false},
		{"\0\0\0\0\x20\x18\0\1\0\xff\0\xff\0\xff\x19\x08\0\0\0\0", 20, 0, false},
		{"\0\0\0\0\x18\x18\0\1\0\xff\0\xff\0\xff\x10\x08\0\0\0\0", 20, 0, false},
		{"\0\0\0\0\x08\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20, 20, false},
		{"\2\0\0\3", 4, 16, false},
		{"\2\0\2\0", 4, 4 + 4 * 512, false},
		{"\2\0\2\1", 4, 0, false},
		{"\3\0\0\0\0\0\0\0\0\0", 10, 10, false},
		{"\4\1\0\0\0\0\0\0", 8, 8, false},
		{"\5\x80\0\0\0\0", 6, 6, false},
		{"\5\x80\0\0\0\0", 6, 7, true},
		{"\5\x01\0\0\0\0", 6, 6, true},
		{"\6\0\0\0\0\0\0\5", 8, 13, false},
		{"\6\0\0\0\xff\xff\xff\xfb", 8, 13, false},
		{"\6\0\0\0\0\4\0\0", 8, 8 + 256 * 1024, false},
		{"\6\0\0\0\0\4\0\1", 8, 0, false},
		{"\6\0\0\0\x80\0\0\0", 8, 0, false},
		{"\x96\1\0\0\0\0\0\0\0\0", 10, 10, false},
		{"\xf8\0\0\0\0\0\0\0\x40", 9, 73, false},
		{"\xf8\0\0\0\0\0\0\0\x41", 9, 0, false},
		{"\xfb\0\0\0\0\0\2\0", 8, 40, false},
		{"\xff\0\0\0", 4, 12, false},
		{"\xff\1\0\0", 4, 4, false},
		{"\xff\1\0\1", 4, 4, false},
		{"\xff\1\0\2", 4, 10, false},
		{"\xff\1\0\3", 4, 0, false},
		{"\xff\1\1\0", 4, 0, false},
		{"\xff\2\0\0", 4, 0, false},
		{"\1", 1, 0, false},
		{"\7", 1, 0, false},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t length = 0;
		const char *error = NULL;
		const uint8_t *head = (const uint8_t *)cases[i].head;
		enum rfb_message_verdict verdict = rfb_message_inspect(
			head, cases[i].count, cases[i].buttons, &length, &error);
		if (cases[i].length > 0) {
			assert_int_equal(verdict, RFB_MESSAGE_KNOWN);
			assert_int_equal(length, cases[i].length);
		} else {
			assert_int_equal(verdict, RFB_MESSAGE_BAD);
			assert_non_null(error);
		}
		for (size_t count = 0; count < cases[i].count && cases[i].length > 0; count++) {
			verdict =
				rfb_message_inspect(head, count, cases[i].buttons, &length, &error);
			assert_int_equal(verdict, RFB_MESSAGE_SHORT);
		}
	}
}

static void test_wishes(void **state) {
	static const uint8_t encodings[] = {0, 0, 0, 6, 0, 0, 0, 16, 0, 0, 0, 7, 0xff, 0xff, 0xff,
		0xe6, 0xff, 0xff, 0xff, 0x05, 0xff, 0xff, 0xff, 0x20, 0xc0, 0xa1, 0xe5, 0xce};
	struct rfb_wishes wishes;
	rfb_wishes_read(&wishes, NULL, 0);
	assert_int_equal(wishes.encoding, RFB_ENCODING_RAW);
	assert_int_equal(wishes.quality, -1);
	assert_int_equal(wishes.compression, -1);
	rfb_wishes_read(&wishes, encodings, sizeof(encodings) / 4);
	assert_int_equal(wishes.encoding, RFB_ENCODING_ZRLE); /* the first that we have */
	assert_int_equal(wishes.quality, 6);
	assert_int_equal(wishes.compression, 5);
	assert_true(wishes.last_rect && wishes.clipboard);
	assert_false(wishes.fence || wishes.cursor);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_wishes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
