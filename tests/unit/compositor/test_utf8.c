/* cmocka.h needs these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "util/utf8.h"

static void test_sanitize(void **state) {
	static const struct {
		const char *text;
		size_t max;
		const char *clean;
	} cases[] = {
		{"plain", 100, "plain"},
		{NULL, 100, ""},
		{"two\nlines\x1b[31m", 100, "twolines[31m"},
		{"caf\xc3\xa9", 100, "caf\xc3\xa9"},
		{"caf\xc3\xa9", 4, "caf"}, /* cut between characters */
		{"a\xff\xfe\x80z", 100, "az"},
		{"\xc0\xaf", 100, ""}, /* overlong */
		{"\xed\xa0\x80", 100, ""}, /* a surrogate */
		{"\xf4\x90\x80\x80", 100, ""}, /* beyond Unicode */
		{"\xe2\x82", 100, ""}, /* cut short */
		{"abc\xe2\x80\xae"
		 "cba",
			100, "abccba"}, /* right-to-left override */
		{"\xc2\x9b"
		 "31m",
			100, "31m"}, /* C1 control */
		{"\xf0\x9f\x98\x80", 100, "\xf0\x9f\x98\x80"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *clean = utf8_sanitize(cases[i].text, cases[i].max);
		assert_string_equal(clean, cases[i].clean);
		free(clean);
	}
}

static void test_decode(void **state) {
	uint32_t characters[4];
	assert_int_equal(utf8_decode("a\xc3\xa9\xff", characters, 4), 3);
	assert_int_equal(characters[1], 0xe9);
	assert_int_equal(characters[2], 0xfffd);
	assert_int_equal(utf8_decode("abcdefgh", characters, 4), 4);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sanitize),
		cmocka_unit_test(test_decode),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
