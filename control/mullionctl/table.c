#include "table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "util/mem.h"

void table_init(struct table *table, int columns) {
	*table = (struct table){.columns = columns};
}

void table_finish(struct table *table) {
	for (size_t i = 0; i < table->cell_count; i++) {
		free(table->cells[i]);
	}
	free(table->cells);
	*table = (struct table){0};
}

char *printable(const char *text) {
	size_t len = strlen(text), out = 0;
	char *copy = xcalloc(len + 1, 1);
	mbstate_t state = {0};
	for (size_t i = 0; i < len;) {
		wchar_t wide;
		size_t n = mbrtowc(&wide, text + i, len - i, &state);
		if (n == (size_t)-1 || n == (size_t)-2 || n == 0 || !iswprint((wint_t)wide)) {
			state = (mbstate_t){0};
			copy[out++] = '?';
			i += n == (size_t)-1 || n == (size_t)-2 || n == 0 ? 1 : n;
			continue;
		}
		memcpy(copy + out, text + i, n);
		out += n;
		i += n;
	}
	return copy;
}

void table_add(struct table *table, const char *text) {
	if (table->cell_count == table->capacity) {
		table->capacity = table->capacity ? table->capacity * 2 : 64;
		table->cells = xreallocarray(table->cells, table->capacity, sizeof(*table->cells));
	}
	table->cells[table->cell_count++] = printable(text);
}

void table_add_format(struct table *table, const char *format, ...) {
	char text[256];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	table_add(table, text);
}

static int text_width(const char *text) {
	int width = 0;
	mbstate_t state = {0};
	wchar_t wide;
	size_t n;
	for (; (n = mbrtowc(&wide, text, strlen(text), &state)) > 0 && n < (size_t)-2; text += n) {
		int w = wcwidth(wide);
		width += w > 0 ? w : 0;
	}
	return width;
}

void table_print(const struct table *table) {
	int widths[TABLE_COLUMNS_MAX] = {0};
	for (size_t i = 0; i < table->cell_count; i++) {
		int width = text_width(table->cells[i]);
		int *column = &widths[i % (size_t)table->columns];
		*column = width > *column ? width : *column;
	}
	for (size_t i = 0; i < table->cell_count; i++) {
		size_t column = i % (size_t)table->columns;
		fputs(table->cells[i], stdout);
		if (column == (size_t)table->columns - 1) {
			putchar('\n');
		} else {
			printf("%*s", widths[column] - text_width(table->cells[i]) + 2, "");
		}
	}
}
