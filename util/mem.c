#include "util/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *ptr) {
	if (!ptr) {
		fputs("mullion: out of memory\n", stderr);
		abort();
	}
	return ptr;
}

void *xcalloc(size_t count, size_t size) {
	return checked(calloc(count, size));
}

void *xreallocarray(void *ptr, size_t count, size_t size) {
	return checked(reallocarray(ptr, count, size));
}

char *xstrdup(const char *text) {
	return checked(strdup(text));
}

char *xasprintf(const char *format, ...) {
	char *text = NULL;
	va_list args;
	va_start(args, format);
	int len = vasprintf(&text, format, args);
	va_end(args);
	return checked(len < 0 ? NULL : text);
}
