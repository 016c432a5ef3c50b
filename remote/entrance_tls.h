/* TLS in a session: the certificates come from the listener, and so does the one signature that a
 * handshake needs. */
#ifndef REMOTE_ENTRANCE_TLS_H
#define REMOTE_ENTRANCE_TLS_H

#include "remote/tls_stream.h"

struct entrance;

/* The text of tls_identity_chain_fd, the caller's; NULL if `fd` is none. Takes `fd` on every path.
 */
char *entrance_read_chain(int fd);

/* Asks over the entrance's channel, and waits there: nothing else may be due from the listener
 * during the handshake. */
struct tls_signer entrance_signer(struct entrance *entrance);

#endif
