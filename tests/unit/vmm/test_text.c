#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "vmm/text.h"

static void test_clean(void **state) {
	static const char *const clean[] = {
		"", "abc\t~", "\xc3\xbc", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"};
	static const char *const unclean[] = {"\x01", "\x7f", "\x80", "\xc2\x85", "\xc0\xaf",
		"\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xc3",
		"\xe2\x82", "a\xe2\x28\xa1", "\n"};
	for (size_t i = 0; i < sizeof(clean) / sizeof(clean[0]); i++) {
		assert_true(text_is_clean(clean[i], strlen(clean[i])));
	}
	for (size_t i = 0; i < sizeof(unclean) / sizeof(unclean[0]); i++) {
		assert_false(text_is_clean(unclean[i], strlen(unclean[i])));
	}
	assert_false(text_is_clean("a\0b", 3));
}

static void check_split(const char *text, const char *joined) {
	const char *error = NULL;
	char **words = words_split(text, &error);
	assert_non_null(words);
	char *all = strdup("");
	for (size_t i = 0; words[i]; i++) {
		all = text_append(all, words[i]);
	}
	assert_string_equal(all, joined);
	free(all);
	words_destroy(words);
}

static void test_split(void **state) {
	check_split("", "");
	check_split("  \t ", "");
	check_split("a b", " a b");
	check_split(" a\t'b c' ", " a b c");
	check_split("a'b'\"c\"d", " abcd");
	check_split("'' \"\"", "  ");
	check_split("a\\ b '\\' \"\\\\\"", " a b \\ \\");
	check_split("$HOME `x` *", " $HOME `x` *");
	const char *error = NULL;
	assert_null(words_split("a 'b", &error));
	assert_non_null(error);
	assert_null(words_split("\"b", &error));
	assert_null(words_split("b\\", &error));
}

static void check_message(const char *text, const char *expected) {
	char *message = text_last_message(text, "qemu");
	assert_string_equal(message, expected);
	free(message);
}

static void test_last_message(void **state) {
	check_message("", "");
	check_message("\n\n", "");
	check_message("words\n", "words");
	check_message("one\ntwo\n\n", "two");
	check_message("qemu: -x: bad\r\nUse -machine help\n", "-x: bad");
	check_message("qemu: first\nqemu: second\n", "second");
	check_message("qemu: bad\nqemu: warning: harmless\n", "bad");
	check_message("qemu: warning: harmless\n", "qemu: warning: harmless");
	check_message("qemux: other\n", "qemux: other");
	check_message("a\x1b[0m\xff", "a?[0m?");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_last_message),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
