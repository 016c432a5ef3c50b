#include "remote/tls_identity.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "remote/tls_make.h"
#include "remote/tls_stream.h"
#include "util/log.h"
#include "util/mem.h"

#define KEY_FILE_MAX 65536 /* bytes */
#define DIGEST_SIZE 32

struct tls_identity {
	gnutls_privkey_t key;
	int chain;
	char fingerprint[3 * DIGEST_SIZE];
};

static char *find_folder(void) {
	const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	if (base && base[0] == '/') {
		return xasprintf("%s/mullion/tls", base);
	}
	return home && home[0] == '/' ? xasprintf("%s/.config/mullion/tls", home) : NULL;
}

bool tls_identity_default_files(char **certificate, char **key) {
	char *folder = find_folder();
	*certificate = *key = NULL;
	if (!folder) {
		log_error("neither XDG_CONFIG_HOME nor HOME says where the certificate is");
		return false;
	}
	*certificate = xasprintf("%s/cert.pem", folder);
	*key = xasprintf("%s/key.pem", folder);
	bool ok = tls_make(folder, *certificate, *key);
	if (!ok) {
		free(*certificate);
		free(*key);
		*certificate = *key = NULL;
	}
	free(folder);
	return ok;
}

/* Reading */

static const char *check_secret(const struct stat *st) {
	if (st->st_uid != geteuid() && st->st_uid != 0) {
		return "it isn't ours";
	}
	return st->st_mode & 0027 ? "others may read or write it (chmod 600 it)" : NULL;
}

static const char *read_text(int fd, gnutls_datum_t *text) {
	text->size = 0;
	ssize_t n = 0;
	while (text->size < KEY_FILE_MAX &&
		(n = read(fd, text->data + text->size, KEY_FILE_MAX - text->size)) > 0) {
		text->size += n;
	}
	text->data[text->size] = '\0';
	return n < 0 ? strerror(errno) : text->size == KEY_FILE_MAX ? "it is too large" : NULL;
}

/* text->data is of KEY_FILE_MAX + 1 bytes. */
static bool read_file(const char *path, bool secret, gnutls_datum_t *text) {
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *wrong = fd < 0 || fstat(fd, &st) < 0 ? strerror(errno)
		: !S_ISREG(st.st_mode)                   ? "it isn't a file"
		: secret                                 ? check_secret(&st)
							 : NULL;
	wrong = wrong ? wrong : read_text(fd, text);
	if (fd >= 0) {
		close(fd);
	}
	if (wrong) {
		log_error("can't use %s: %s", path, wrong);
	}
	return !wrong;
}

static bool load_key(gnutls_privkey_t *key, const char *path, gnutls_datum_t *buffer) {
	if (!read_file(path, true, buffer)) {
		return false;
	}
	int error = gnutls_privkey_init(key);
	error = error < 0
		? error
		: gnutls_privkey_import_x509_raw(*key, buffer, GNUTLS_X509_FMT_PEM, NULL, 0);
	gnutls_memset(buffer->data, 0, buffer->size);
	if (error < 0) {
		log_error("can't use %s: %s", path, gnutls_strerror(error));
		return false;
	}
	int type = gnutls_privkey_get_pk_algorithm(*key, NULL);
	if (type != GNUTLS_PK_RSA && type != GNUTLS_PK_ECDSA) {
		log_error("can't use %s: it is neither an RSA nor an ECDSA key", path);
		return false;
	}
	return true;
}

static bool is_pair(gnutls_privkey_t key, gnutls_x509_crt_t certificate) {
	uint8_t ids[2][DIGEST_SIZE] = {0};
	size_t sizes[2] = {DIGEST_SIZE, DIGEST_SIZE};
	gnutls_pubkey_t public = NULL;
	bool ok = gnutls_pubkey_init(&public) >= 0 &&
		gnutls_pubkey_import_privkey(public, key, 0, 0) >= 0 &&
		gnutls_pubkey_get_key_id(public, GNUTLS_KEYID_USE_SHA256, ids[0], &sizes[0]) >= 0 &&
		gnutls_x509_crt_get_key_id(
			certificate, GNUTLS_KEYID_USE_SHA256, ids[1], &sizes[1]) >= 0 &&
		memcmp(ids[0], ids[1], DIGEST_SIZE) == 0;
	if (public) {
		gnutls_pubkey_deinit(public);
	}
	return ok;
}

static bool take_fingerprint(struct tls_identity *identity, gnutls_x509_crt_t certificate) {
	uint8_t digest[DIGEST_SIZE];
	size_t size = sizeof(digest);
	if (gnutls_x509_crt_get_fingerprint(certificate, GNUTLS_DIG_SHA256, digest, &size) < 0) {
		return false;
	}
	for (int i = 0; i < DIGEST_SIZE; i++) {
		snprintf(identity->fingerprint + 3 * i, 4, i < DIGEST_SIZE - 1 ? "%02X:" : "%02X",
			digest[i]);
	}
	return true;
}

static bool keep_chain(struct tls_identity *identity, const gnutls_datum_t *text) {
	identity->chain = memfd_create("certificates", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return identity->chain >= 0 && text->size <= TLS_CHAIN_MAX &&
		write(identity->chain, text->data, text->size) == (ssize_t)text->size &&
		fcntl(identity->chain, F_ADD_SEALS,
			F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) == 0;
}

static const char *look_at(
	struct tls_identity *identity, gnutls_x509_crt_t certificate, const gnutls_datum_t *text) {
	int error = gnutls_x509_crt_import(certificate, text, GNUTLS_X509_FMT_PEM);
	if (error < 0) {
		return gnutls_strerror(error);
	}
	if (!is_pair(identity->key, certificate)) {
		return "the key belongs to another certificate";
	}
	if (gnutls_x509_crt_get_expiration_time(certificate) < time(NULL)) {
		log_error("the certificate has expired; most clients will refuse it");
	}
	return take_fingerprint(identity, certificate) && keep_chain(identity, text)
		? NULL
		: "out of memory";
}

static bool load_chain(struct tls_identity *identity, const char *path, gnutls_datum_t *buffer) {
	gnutls_x509_crt_t certificate;
	if (!read_file(path, false, buffer)) {
		return false;
	}
	if (gnutls_x509_crt_init(&certificate) < 0) {
		return false;
	}
	const char *wrong = look_at(identity, certificate, buffer);
	gnutls_x509_crt_deinit(certificate);
	if (wrong) {
		log_error("can't use %s: %s", path, wrong);
	}
	return !wrong;
}

struct tls_identity *tls_identity_load(const char *certificate, const char *key) {
	struct tls_identity *identity = xcalloc(1, sizeof(*identity));
	gnutls_datum_t buffer = {.data = xcalloc(1, KEY_FILE_MAX + 1)};
	identity->chain = -1;
	bool ok = load_key(&identity->key, key, &buffer) &&
		load_chain(identity, certificate, &buffer);
	free(buffer.data);
	if (!ok) {
		tls_identity_destroy(identity);
		return NULL;
	}
	return identity;
}

void tls_identity_destroy(struct tls_identity *identity) {
	if (!identity) {
		return;
	}
	if (identity->key) {
		gnutls_privkey_deinit(identity->key);
	}
	if (identity->chain >= 0) {
		close(identity->chain);
	}
	free(identity);
}

const char *tls_identity_fingerprint(const struct tls_identity *identity) {
	return identity->fingerprint;
}

int tls_identity_chain_fd(const struct tls_identity *identity) {
	return identity->chain;
}

bool tls_identity_sign(const struct tls_identity *identity, uint32_t algorithm, const void *hash,
	size_t hash_size, uint8_t *signature, size_t *size) {
	gnutls_datum_t digest = {.data = (uint8_t *)hash, .size = hash_size}, made = {0};
	if (hash_size > TLS_HASH_MAX ||
		gnutls_privkey_sign_hash2(identity->key, algorithm, 0, &digest, &made) < 0) {
		return false;
	}
	bool ok = made.size <= TLS_SIGNATURE_MAX;
	if (ok) {
		memcpy(signature, made.data, made.size);
		*size = made.size;
	}
	gnutls_free(made.data);
	return ok;
}
