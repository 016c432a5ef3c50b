/* The SPICE password: the first line of a file, readable by us only. */
#ifndef REMOTE_SPICE_PASSWORD_H
#define REMOTE_SPICE_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

#include "remote/spice_note.h"

/* Writes a random password if there is no such file yet. False after a log line. */
bool spice_password_make(const char *path);
/* False after a log line: the file isn't there, isn't ours, is open to others, holds none, or one
 * that is too long. */
bool spice_password_read(const char *path, char password[SPICE_TICKET_MAX + 1]);

#endif
