#include "util/log.h"

#include <stdarg.h>
#include <stdio.h>

static const char *log_program = "mullion";
static enum log_level log_limit = LOG_LEVEL_INFO;

void log_init(const char *program, enum log_level max) {
	log_program = program;
	log_limit = max;
}

enum log_level log_max(void) {
	return log_limit;
}

/* Names and requests of strangers must neither look like lines of ours nor drive a terminal: C0
 * and, in UTF-8, C1. */
static void clean(char *line) {
	for (unsigned char *at = (unsigned char *)line; *at; at++) {
		if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0) {
			*at++ = '?';
			*at = '?';
		} else if (*at < ' ' || *at == 0x7f) {
			*at = '?';
		}
	}
}

void log_write(enum log_level level, const char *format, ...) {
	if (level > log_limit) {
		return;
	}
	char line[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	clean(line);
	/* One write a line, so that lines of several processes never mix. */
	fprintf(stderr, "%s: %s%s\n", log_program, level == LOG_LEVEL_ERROR ? "error: " : "", line);
}
