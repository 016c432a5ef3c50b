/* Asking for a new password. */
#ifndef MULLIONCTL_PASSWORD_H
#define MULLIONCTL_PASSWORD_H

#include <stddef.h>

/* From a terminal: asks twice, without echo. Else: one line of standard input. NULL, or what went
 * wrong; then `password` is empty. */
const char *password_ask(const char *user, char *password, size_t size);

#endif
