/* The VNC password: a file of one line, readable by us only. RFB's VNC authentication uses its
 * first eight characters. */
#ifndef REMOTE_VNC_PASSWORD_H
#define REMOTE_VNC_PASSWORD_H

#include <stdbool.h>
#include <stdint.h>

#include "remote/vnc_channel.h"

#define VNC_PASSWORD_MAX 8 /* bytes that count */

/* Writes a random password if there is no such file yet. False after a log line. */
bool vnc_password_make(const char *path);
/* False after a log line: the file isn't there, isn't ours, is open to others, or holds none. */
bool vnc_password_is_usable(const char *path);
/* Reads the file anew. Both are of VNC_CHALLENGE_SIZE bytes. */
bool vnc_password_check(const char *path, const uint8_t *challenge, const uint8_t *response);

/* False if there is no randomness to be had. */
bool vnc_password_make_challenge(uint8_t challenge[VNC_CHALLENGE_SIZE]);

#endif
