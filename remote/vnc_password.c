#include "remote/vnc_password.h"

#include <errno.h>
#include <fcntl.h>
#include <rfb/rfb.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/log.h"

/* Without what is mistaken for another. */
static const char alphabet[] = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

struct password {
	char text[VNC_PASSWORD_MAX + 1];
};

static bool fill_random(void *bytes, size_t size) {
	return getrandom(bytes, size, 0) == (ssize_t)size;
}

static bool make_random(struct password *password) {
	*password = (struct password){0};
	for (int i = 0; i < VNC_PASSWORD_MAX;) {
		uint8_t byte;
		if (!fill_random(&byte, 1)) {
			return false;
		}
		if (byte < 256 / (sizeof(alphabet) - 1) * (sizeof(alphabet) - 1)) {
			password->text[i++] = alphabet[byte % (sizeof(alphabet) - 1)];
		}
	}
	return true;
}

bool vnc_password_make(const char *path) {
	struct password password;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 && errno == EEXIST) {
		return true;
	}
	bool ok = fd >= 0 && make_random(&password) &&
		write(fd, password.text, VNC_PASSWORD_MAX) == VNC_PASSWORD_MAX &&
		write(fd, "\n", 1) == 1;
	if (!ok) {
		log_error("can't write a password to %s: %s", path, strerror(errno));
	}
	if (fd >= 0) {
		close(fd);
	}
	explicit_bzero(&password, sizeof(password));
	return ok;
}

static const char *check_file(int fd) {
	struct stat st;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		return "it isn't a file";
	}
	if (st.st_uid != getuid()) {
		return "it isn't ours";
	}
	return st.st_mode & 0077 ? "others may read or write it (chmod 600 it)" : NULL;
}

static bool read_password(const char *path, struct password *password) {
	char line[256] = {0};
	*password = (struct password){0};
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *error = fd < 0 ? strerror(errno) : check_file(fd);
	if (!error && read(fd, line, sizeof(line) - 1) < 0) {
		error = strerror(errno);
	}
	if (fd >= 0) {
		close(fd);
	}
	line[strcspn(line, "\r\n")] = '\0';
	if (!error && line[0] == '\0') {
		error = "it is empty";
	}
	if (error) {
		log_error("can't use the password file %s: %s", path, error);
	}
	memcpy(password->text, line, VNC_PASSWORD_MAX);
	explicit_bzero(line, sizeof(line));
	return !error;
}

bool vnc_password_is_usable(const char *path) {
	struct password password;
	bool ok = read_password(path, &password);
	explicit_bzero(&password, sizeof(password));
	return ok;
}

/* In a time that doesn't tell where they differ. */
static bool is_equal(const uint8_t *a, const uint8_t *b, size_t size) {
	uint8_t difference = 0;
	for (size_t i = 0; i < size; i++) {
		difference |= a[i] ^ b[i];
	}
	return difference == 0;
}

bool vnc_password_check(const char *path, const uint8_t *challenge, const uint8_t *response) {
	struct password password;
	uint8_t expected[VNC_CHALLENGE_SIZE];
	if (!read_password(path, &password)) {
		return false;
	}
	memcpy(expected, challenge, sizeof(expected));
	rfbEncryptBytes(expected, password.text);
	explicit_bzero(&password, sizeof(password));
	bool ok = is_equal(expected, response, sizeof(expected));
	explicit_bzero(expected, sizeof(expected));
	return ok;
}

bool vnc_password_make_challenge(uint8_t challenge[VNC_CHALLENGE_SIZE]) {
	return fill_random(challenge, VNC_CHALLENGE_SIZE);
}
