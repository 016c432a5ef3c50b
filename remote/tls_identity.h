/* Our certificates and their private key, for the listener alone: sessions get the certificates,
 * and single signatures. */
#ifndef REMOTE_TLS_IDENTITY_H
#define REMOTE_TLS_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tls_identity;

/* The default files, $XDG_CONFIG_HOME/mullion/tls/{cert,key}.pem, which are made if neither is
 * there; the caller's. False after a log line. */
bool tls_identity_default_files(char **certificate, char **key);
/* PEM files: our certificate with those that lead to a known one after it, and its key, RSA or
 * ECDSA, without a password and out of others' reach. NULL after a log line. */
struct tls_identity *tls_identity_load(const char *certificate, const char *key);
void tls_identity_destroy(struct tls_identity *identity); /* NULL is legal */

/* The SHA-256 of the certificate, as "AB:CD:…"; the identity's. */
const char *tls_identity_fingerprint(const struct tls_identity *identity);
/* A sealed file with the certificates in PEM; the identity's. */
int tls_identity_chain_fd(const struct tls_identity *identity);
/* As struct tls_signer has it. */
bool tls_identity_sign(const struct tls_identity *identity, uint32_t algorithm, const void *hash,
	size_t hash_size, uint8_t *signature, size_t *size);

#endif
