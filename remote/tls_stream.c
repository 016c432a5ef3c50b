#include "remote/tls_stream.h"

#include <assert.h>
#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "util/log.h"
#include "util/mem.h"

#define CERTIFICATES_MAX 10
#define HANDSHAKE_MAX 16384 /* bytes, of a client's message */

/* Without the key exchanges for which the key would have to decrypt. */
static const char priorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-DHE-RSA"
				 ":%SERVER_PRECEDENCE";

struct tls_stream {
	struct stream base;
	struct stream *below;
	struct tls_signer signer;
	gnutls_certificate_credentials_t credentials;
	gnutls_session_t session;
	gnutls_pk_algorithm_t key_type;
	unsigned int key_bits;
	bool shaken, broken;
};

static const struct stream_impl tls_impl;

static struct tls_stream *tls_of(struct stream *stream) {
	assert(stream->impl == &tls_impl);
	return (struct tls_stream *)stream;
}

/* The key that isn't here */

static int handle_sign(gnutls_privkey_t key, gnutls_sign_algorithm_t algorithm, void *data,
	unsigned int flags, const gnutls_datum_t *hash, gnutls_datum_t *signature) {
	struct tls_stream *tls = data;
	uint8_t bytes[TLS_SIGNATURE_MAX];
	size_t size = 0;
	if (hash->size > TLS_HASH_MAX ||
		!tls->signer.sign(
			tls->signer.data, algorithm, hash->data, hash->size, bytes, &size)) {
		return GNUTLS_E_PK_SIGN_FAILED;
	}
	signature->data = gnutls_malloc(size);
	signature->size = size;
	if (!signature->data) {
		return GNUTLS_E_MEMORY_ERROR;
	}
	memcpy(signature->data, bytes, size);
	return 0;
}

static int handle_key_info(gnutls_privkey_t key, unsigned int flags, void *data) {
	struct tls_stream *tls = data;
	if (flags & GNUTLS_PRIVKEY_INFO_PK_ALGO) {
		return tls->key_type;
	}
	if (flags & GNUTLS_PRIVKEY_INFO_PK_ALGO_BITS) {
		return tls->key_bits;
	}
	if (flags & GNUTLS_PRIVKEY_INFO_HAVE_SIGN_ALGO) {
		return gnutls_sign_supports_pk_algorithm(
			GNUTLS_FLAGS_TO_SIGN_ALGO(flags), tls->key_type);
	}
	return flags & GNUTLS_PRIVKEY_INFO_SIGN_ALGO ? 0 : -1;
}

static int find_key_type(struct tls_stream *tls, const gnutls_pcert_st *certificate) {
	int type = gnutls_pubkey_get_pk_algorithm(certificate->pubkey, &tls->key_bits);
	tls->key_type = type;
	return type < 0 ? type : 0;
}

/* The credentials take the key and the certificates' contents. */
static int set_key(struct tls_stream *tls, gnutls_pcert_st *certificates, unsigned int count) {
	gnutls_privkey_t key;
	int error = gnutls_privkey_init(&key);
	if (error < 0) {
		return error;
	}
	error = gnutls_privkey_import_ext4(
		key, tls, NULL, handle_sign, NULL, NULL, handle_key_info, 0);
	if (error >= 0) {
		error = gnutls_certificate_set_key(
			tls->credentials, NULL, 0, certificates, count, key);
	}
	if (error < 0) {
		gnutls_privkey_deinit(key);
	}
	return error;
}

static int set_certificates(struct tls_stream *tls, const char *chain) {
	gnutls_pcert_st certificates[CERTIFICATES_MAX];
	unsigned int count = CERTIFICATES_MAX;
	gnutls_datum_t text = {.data = (uint8_t *)chain, .size = strlen(chain)};
	int error = gnutls_pcert_list_import_x509_raw(
		certificates, &count, &text, GNUTLS_X509_FMT_PEM, 0);
	if (error < 0) {
		return error;
	}
	/* Else it would have something signed, to see whether the two belong together. */
	gnutls_certificate_set_flags(tls->credentials, GNUTLS_CERTIFICATE_SKIP_KEY_CERT_MATCH);
	error = find_key_type(tls, &certificates[0]);
	error = error < 0 ? error : set_key(tls, certificates, count);
	for (unsigned int i = 0; error < 0 && i < count; i++) {
		gnutls_pcert_deinit(&certificates[i]);
	}
	return error;
}

static int prepare(struct tls_stream *tls, const char *chain) {
	int error = gnutls_certificate_allocate_credentials(&tls->credentials);
	if (error < 0 || (error = set_certificates(tls, chain)) < 0) {
		return error;
	}
	error = gnutls_init(&tls->session,
		GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_NO_TICKETS);
	if (error < 0 || (error = gnutls_priority_set_direct(tls->session, priorities, NULL)) < 0 ||
		(error = gnutls_credentials_set(
			 tls->session, GNUTLS_CRD_CERTIFICATE, tls->credentials)) < 0) {
		return error;
	}
	gnutls_certificate_server_set_request(tls->session, GNUTLS_CERT_IGNORE);
	gnutls_handshake_set_max_packet_length(tls->session, HANDSHAKE_MAX);
	/* The caller has the time limits. */
	gnutls_handshake_set_timeout(tls->session, GNUTLS_INDEFINITE_TIMEOUT);
	gnutls_transport_set_int(tls->session, tls->base.fd);
	return 0;
}

/* The stream */

/* -1 with errno; gnutls's numbers are negative. */
static ssize_t result(struct tls_stream *tls, ssize_t n) {
	if (n >= 0) {
		return n;
	}
	if (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED) {
		errno = EAGAIN;
		return -1;
	}
	log_debug("TLS: %s", gnutls_strerror(n));
	tls->broken = true;
	errno = EPROTO;
	return -1;
}

static ssize_t handle_tls_read(struct stream *stream, void *bytes, size_t size) {
	struct tls_stream *tls = tls_of(stream);
	return result(tls, gnutls_record_recv(tls->session, bytes, size));
}

static ssize_t handle_tls_write(struct stream *stream, const void *bytes, size_t size) {
	struct tls_stream *tls = tls_of(stream);
	return result(tls, gnutls_record_send(tls->session, bytes, size));
}

static bool handle_tls_has_more(struct stream *stream) {
	return gnutls_record_check_pending(tls_of(stream)->session) > 0;
}

static void handle_tls_destroy(struct stream *stream) {
	struct tls_stream *tls = tls_of(stream);
	if (tls->shaken && !tls->broken) {
		gnutls_bye(tls->session, GNUTLS_SHUT_WR);
	}
	if (tls->session) {
		gnutls_deinit(tls->session);
	}
	if (tls->credentials) {
		gnutls_certificate_free_credentials(tls->credentials);
	}
	stream_destroy(tls->below);
	free(tls);
}

static const struct stream_impl tls_impl = {
	.read = handle_tls_read,
	.write = handle_tls_write,
	.has_more = handle_tls_has_more,
	.destroy = handle_tls_destroy,
};

struct stream *tls_stream_create(
	struct stream *below, const char *chain, const struct tls_signer *signer) {
	struct tls_stream *tls = xcalloc(1, sizeof(*tls));
	tls->base = (struct stream){.impl = &tls_impl, .fd = below->fd};
	tls->below = below;
	tls->signer = *signer;
	int error = prepare(tls, chain);
	if (error < 0) {
		log_error("can't begin TLS: %s", gnutls_strerror(error));
		stream_destroy(&tls->base);
		return NULL;
	}
	return &tls->base;
}

/* An end of file in the midst of a record is told by the next call only. */
static bool can_read(const struct tls_stream *tls) {
	char byte;
	return gnutls_record_get_direction(tls->session) == 0 &&
		recv(tls->base.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
}

enum tls_progress tls_stream_shake_hands(struct stream *stream, const char **error) {
	struct tls_stream *tls = tls_of(stream);
	int n;
	do {
		n = gnutls_handshake(tls->session);
	} while (n == GNUTLS_E_INTERRUPTED || n == GNUTLS_E_WARNING_ALERT_RECEIVED ||
		(n == GNUTLS_E_AGAIN && can_read(tls)));
	if (n == GNUTLS_E_AGAIN) {
		return TLS_WAITS;
	}
	tls->shaken = n == GNUTLS_E_SUCCESS;
	if (!tls->shaken) {
		tls->broken = true;
		*error = gnutls_strerror(n);
	}
	return tls->shaken ? TLS_DONE : TLS_FAILED;
}
