#include "remote/tls_make.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "util/log.h"
#include "util/mem.h"

#define YEARS 10
#define SERIAL_SIZE 16 /* bytes */
#define ADDRESSES_MAX 32

static bool add_name(gnutls_x509_crt_t certificate, const char *name) {
	return gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_DNSNAME, name,
		       strlen(name), GNUTLS_FSAN_APPEND) >= 0;
}

static bool add_address(gnutls_x509_crt_t certificate, int family, const void *address) {
	return gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_IPADDRESS, address,
		       family == AF_INET ? 4 : 16, GNUTLS_FSAN_APPEND) >= 0;
}

static bool add_interface(gnutls_x509_crt_t certificate, const struct ifaddrs *interface) {
	const struct sockaddr *address = interface->ifa_addr;
	if (!address) {
		return true;
	}
	if (address->sa_family == AF_INET) {
		return add_address(
			certificate, AF_INET, &((const struct sockaddr_in *)address)->sin_addr);
	}
	const struct in6_addr *v6 = &((const struct sockaddr_in6 *)address)->sin6_addr;
	return address->sa_family != AF_INET6 || IN6_IS_ADDR_LINKLOCAL(v6) ||
		add_address(certificate, AF_INET6, v6);
}

/* Those that this machine has now; the loopback ones among them. */
static bool add_addresses(gnutls_x509_crt_t certificate) {
	struct ifaddrs *interfaces = NULL;
	bool ok = getifaddrs(&interfaces) == 0;
	int count = 0;
	for (struct ifaddrs *i = interfaces; ok && i && count < ADDRESSES_MAX; i = i->ifa_next) {
		ok = add_interface(certificate, i);
		count++;
	}
	if (interfaces) {
		freeifaddrs(interfaces);
	}
	return ok;
}

static bool set_subject(gnutls_x509_crt_t certificate) {
	char host[65] = "localhost";
	if (gethostname(host, sizeof(host) - 1) < 0 || !host[0]) {
		snprintf(host, sizeof(host), "localhost");
	}
	return gnutls_x509_crt_set_dn_by_oid(
		       certificate, GNUTLS_OID_X520_COMMON_NAME, 0, host, strlen(host)) >= 0 &&
		add_name(certificate, host) &&
		(strcmp(host, "localhost") == 0 || add_name(certificate, "localhost")) &&
		add_addresses(certificate);
}

static bool set_serial(gnutls_x509_crt_t certificate) {
	uint8_t serial[SERIAL_SIZE];
	if (gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof(serial)) < 0) {
		return false;
	}
	serial[0] = (serial[0] & 0x7f) | 0x40; /* a positive number of full length */
	return gnutls_x509_crt_set_serial(certificate, serial, sizeof(serial)) >= 0;
}

static bool fill_in(gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key) {
	time_t now = time(NULL);
	return gnutls_x509_crt_set_version(certificate, 3) >= 0 && set_serial(certificate) &&
		/* a client's clock may be behind ours */
		gnutls_x509_crt_set_activation_time(certificate, now - 24 * 3600) >= 0 &&
		gnutls_x509_crt_set_expiration_time(
			certificate, now + (time_t)YEARS * 365 * 24 * 3600) >= 0 &&
		set_subject(certificate) && gnutls_x509_crt_set_key(certificate, key) >= 0 &&
		gnutls_x509_crt_set_basic_constraints(certificate, 0, -1) >= 0 &&
		gnutls_x509_crt_set_key_usage(certificate, GNUTLS_KEY_DIGITAL_SIGNATURE) >= 0 &&
		gnutls_x509_crt_set_key_purpose_oid(certificate, GNUTLS_KP_TLS_WWW_SERVER, 0) >=
		0 &&
		gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0) >= 0;
}

static bool write_file(const char *path, mode_t mode, const gnutls_datum_t *text) {
	char *temporary = xasprintf("%s.new", path);
	unlink(temporary); /* of a run that was ended */
	int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
	bool ok = fd >= 0 && write(fd, text->data, text->size) == (ssize_t)text->size &&
		fsync(fd) == 0 && rename(temporary, path) == 0;
	int error = errno;
	if (fd >= 0) {
		close(fd);
	}
	free(temporary);
	errno = error;
	return ok;
}

static bool write_key(const char *path, gnutls_x509_privkey_t key) {
	gnutls_datum_t text = {0};
	bool ok = gnutls_x509_privkey_export2_pkcs8(
			  key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &text) >= 0 &&
		write_file(path, 0600, &text);
	if (text.data) {
		gnutls_memset(text.data, 0, text.size);
	}
	gnutls_free(text.data);
	return ok;
}

static bool write_certificate(const char *path, gnutls_x509_crt_t certificate) {
	gnutls_datum_t text = {0};
	bool ok = gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_PEM, &text) >= 0 &&
		write_file(path, 0644, &text);
	gnutls_free(text.data);
	return ok;
}

static bool make(const char *certificate_path, const char *key_path) {
	gnutls_x509_privkey_t key = NULL;
	gnutls_x509_crt_t certificate = NULL;
	bool ok = gnutls_x509_privkey_init(&key) >= 0 && gnutls_x509_crt_init(&certificate) >= 0 &&
		gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
			GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0) >= 0 &&
		fill_in(certificate, key) && write_key(key_path, key) &&
		write_certificate(certificate_path, certificate);
	if (certificate) {
		gnutls_x509_crt_deinit(certificate);
	}
	if (key) {
		gnutls_x509_privkey_deinit(key);
	}
	return ok;
}

static bool make_folder(const char *folder) {
	char *path = xstrdup(folder);
	bool ok = true;
	for (char *slash = path; ok && (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		ok = mkdir(path, 0700) == 0 || errno == EEXIST;
		*slash = '/';
	}
	free(path);
	return ok && (mkdir(folder, 0700) == 0 || errno == EEXIST);
}

bool tls_make(const char *folder, const char *certificate, const char *key) {
	int lock = make_folder(folder) ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	bool ok = lock >= 0 && flock(lock, LOCK_EX) == 0;
	if (ok && access(certificate, F_OK) < 0 && access(key, F_OK) < 0) {
		ok = make(certificate, key);
		if (ok) {
			log_info("made a certificate for this host: %s", certificate);
		}
	}
	if (!ok) {
		log_error("can't make a certificate in %s: %s", folder, strerror(errno));
	}
	if (lock >= 0) {
		close(lock);
	}
	return ok;
}
