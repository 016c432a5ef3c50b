/* Aligned columns of text on a terminal. */
#ifndef MULLIONCTL_TABLE_H
#define MULLIONCTL_TABLE_H

#include <stddef.h>

#define TABLE_COLUMNS_MAX 12

struct table {
	int columns;
	size_t cell_count, capacity;
	char **cells; /* owned, in reading order */
};

void table_init(struct table *table, int columns);
void table_finish(struct table *table);
/* Takes the next cell in reading order; a copy is made in which nothing can drive the terminal. */
void table_add(struct table *table, const char *text);
void table_add_format(struct table *table, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void table_print(const struct table *table);

/* Copies `text` with '?' for what isn't printable; to be freed. */
char *printable(const char *text);

#endif
