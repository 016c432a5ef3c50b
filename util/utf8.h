/* Text from guests and clients: decoded and cleaned, never trusted. */
#ifndef UTIL_UTF8_H
#define UTIL_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Decodes at most `max` code points; a malformed byte becomes U+FFFD. Returns their number. */
size_t utf8_decode(const char *text, uint32_t *characters, size_t max);

/* A copy with at most `max` bytes in which control characters, bidirectional overrides and
 * malformed bytes are gone; cut between characters. The caller frees it. NULL gives "". */
char *utf8_sanitize(const char *text, size_t max);

#endif
