/* The system's own check of a password. */
#ifndef REMOTE_PAM_PASSWORD_H
#define REMOTE_PAM_PASSWORD_H

#include <stdbool.h>

/* Blocks for as long as PAM's modules do. The service is "mullion". False, too, in a build without
 * PAM, after a log line. */
bool pam_password_check(const char *user, const char *password);

#endif
