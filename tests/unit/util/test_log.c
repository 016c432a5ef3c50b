/* A line of the log is one line, whatever is in it. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "util/log.h"

static void expect(const char *message, const char *line) {
	int ends[2], saved = dup(STDERR_FILENO);
	char text[2048] = "";
	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	dup2(ends[1], STDERR_FILENO);
	log_info("%s", message);
	dup2(saved, STDERR_FILENO);
	assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
	close(saved);
	close(ends[0]);
	close(ends[1]);
	assert_string_equal(text, line);
}

static void test_lines(void **state) {
	expect("it is there", "test: it is there\n");
	expect("guest:Grün", "test: guest:Grün\n");
	expect("guest:x\nmullion: error: all is lost\r",
		"test: guest:x?mullion: error: all is lost?\n");
	expect("\033]0;title\a\177", "test: ?]0;title??\n");
	expect("a\xc2\x9b"
	       "31m \xc2\xa0 \xc2",
		"test: a??31m \xc2\xa0 \xc2\n");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
	};
	log_init("test", LOG_LEVEL_INFO);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
