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

void log_write(enum log_level level, const char *format, ...) {
	if (level > log_limit) {
		return;
	}
	char line[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	/* One write a line, so that lines of several processes never mix. */
	fprintf(stderr, "%s: %s%s\n", log_program, level == LOG_LEVEL_ERROR ? "error: " : "", line);
}
