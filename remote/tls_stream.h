/* TLS 1.2 or 1.3 over a stream's socket, as the server of it. The private key stays with somebody
 * else, who is asked for the one signature that a handshake needs. */
#ifndef REMOTE_TLS_STREAM_H
#define REMOTE_TLS_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "remote/stream.h"

#define TLS_HASH_MAX 128 /* bytes: SHA-512 with what PKCS #1 puts before it */
#define TLS_SIGNATURE_MAX 512 /* bytes: that of an RSA key of 4096 bits */
#define TLS_CHAIN_MAX 65536 /* bytes, of PEM */

struct tls_signer {
	/* May block. `algorithm` as GnuTLS numbers them. Fills in `signature` (TLS_SIGNATURE_MAX
	 * bytes) and its *size. False: there is none to be had. */
	bool (*sign)(void *data, uint32_t algorithm, const void *hash, size_t hash_size,
		uint8_t *signature, size_t *size);
	void *data;
};

enum tls_progress { TLS_DONE, TLS_WAITS, TLS_FAILED };

/* Takes a socket's stream. `chain`: the certificates in PEM, ours first; copied. NULL after a log
 * line. */
struct stream *tls_stream_create(
	struct stream *below, const char *chain, const struct tls_signer *signer);
/* To be called when the fd gets readable or writable, until it is done; nothing can be read or
 * written before. *error is a static string. */
enum tls_progress tls_stream_shake_hands(struct stream *stream, const char **error);

#endif
