/* Makes a self-signed certificate and its key. */
#ifndef REMOTE_TLS_MAKE_H
#define REMOTE_TLS_MAKE_H

#include <stdbool.h>

/* For this host's names and addresses, with an ECDSA key on P-256, valid for ten years. Makes the
 * folder too (mode 0700). Two programs that start at once make one. Nothing happens if either file
 * is there. False after a log line. */
bool tls_make(const char *folder, const char *certificate, const char *key);

#endif
