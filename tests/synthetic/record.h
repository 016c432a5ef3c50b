/* The file to which the synthetic guest writes what it was told, a line an event:
 *
 * HEAD key QNUM 0|1, HEAD button BUTTON 0|1, HEAD move X Y, HEAD motion DX DY,
 * HEAD touch KIND SLOT X Y, HEAD ui WIDTH HEIGHT WIDTH_MM HEIGHT_MM, HEAD listening 0|1,
 * qmp COMMAND */
#ifndef TESTS_SYNTHETIC_RECORD_H
#define TESTS_SYNTHETIC_RECORD_H

#include <stdbool.h>
#include <stdio.h>

struct record {
	FILE *file; /* NULL: nothing is recorded */
};

/* `path` may be NULL. False after a message. */
bool record_init(struct record *record, const char *path);
void record_finish(struct record *record);
/* A whole line at once, so that a reader sees no part of one. */
void record_write(struct record *record, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
