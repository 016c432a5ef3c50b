/* Allocation of small objects: running out of memory for these ends the program with a message.
 * Nothing whose size comes from a guest, a client or the network is allocated here. */
#ifndef UTIL_MEM_H
#define UTIL_MEM_H

#include <stddef.h>

void *xcalloc(size_t count, size_t size) __attribute__((returns_nonnull));
void *xreallocarray(void *ptr, size_t count, size_t size);
char *xstrdup(const char *text) __attribute__((returns_nonnull));
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2), returns_nonnull));

#endif
