/* Small pure functions on the text of guest files and of QEMU's messages. */
#ifndef VMM_TEXT_H
#define VMM_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* UTF-8 (no overlong forms, surrogates, or code points above U+10FFFF) without control characters
 * other than the tab. */
bool text_is_clean(const char *text, size_t len);

/* Splits like a shell without expansions: blanks separate words; '…' is literal; in "…" and outside
 * of quotes a backslash takes the next character literally. NULL with a static message in *error,
 * else NULL-terminated and freed by words_destroy. */
char **words_split(const char *text, const char **error);
void words_destroy(char **words); /* NULL is legal */

/* Joins with a blank; both allocated, `first` is freed and may be NULL. */
char *text_append(char *first, const char *second);

/* The line of a program's standard error that tells best why it ended: the last one that begins
 * with "PROGRAM: " and is no warning, without that prefix, else the last one that isn't empty.
 * Unprintable bytes become '?'. Allocated; "" if there is none. */
char *text_last_message(const char *text, const char *program);

#endif
