#include "tests/synthetic/record.h"

#include <stdarg.h>

bool record_init(struct record *record, const char *path) {
	record->file = path ? fopen(path, "ae") : NULL;
	if (path && !record->file) {
		perror(path);
		return false;
	}
	return true;
}

void record_finish(struct record *record) {
	if (record->file) {
		fclose(record->file);
		record->file = NULL;
	}
}

void record_write(struct record *record, const char *format, ...) {
	if (!record->file) {
		return;
	}
	va_list args;
	va_start(args, format);
	vfprintf(record->file, format, args);
	va_end(args);
	fputc('\n', record->file);
	fflush(record->file);
}
