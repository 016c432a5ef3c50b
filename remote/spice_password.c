#include "remote/spice_password.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/log.h"

#define MADE_LENGTH 16 /* characters: 92 bits */

/* Without what is mistaken for another. */
static const char alphabet[] = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
#define ALPHABET_SIZE (sizeof(alphabet) - 1)

static bool make_random(char *text) {
	for (int i = 0; i < MADE_LENGTH;) {
		uint8_t byte;
		if (getrandom(&byte, 1, 0) != 1) {
			return false;
		}
		if (byte < 256 / ALPHABET_SIZE * ALPHABET_SIZE) {
			text[i++] = alphabet[byte % ALPHABET_SIZE];
		}
	}
	return true;
}

bool spice_password_make(const char *path) {
	char text[MADE_LENGTH + 1] = {0};
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 && errno == EEXIST) {
		return true;
	}
	bool ok = fd >= 0 && make_random(text);
	text[MADE_LENGTH] = '\n';
	ok = ok && write(fd, text, sizeof(text)) == sizeof(text);
	if (!ok) {
		log_error("can't write a password to %s: %s", path, strerror(errno));
	}
	if (fd >= 0) {
		close(fd);
	}
	explicit_bzero(text, sizeof(text));
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

bool spice_password_read(const char *path, char password[SPICE_TICKET_MAX + 1]) {
	char line[SPICE_TICKET_MAX + 3] = {0}; /* a byte and an end more than there may be */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *error = fd < 0 ? strerror(errno) : check_file(fd);
	if (!error && read(fd, line, sizeof(line) - 1) < 0) {
		error = strerror(errno);
	}
	if (fd >= 0) {
		close(fd);
	}
	size_t length = strcspn(line, "\r\n");
	if (!error && (length == 0 || length > SPICE_TICKET_MAX)) {
		error = length == 0 ? "it is empty" : "its password is longer than 60 bytes";
	}
	if (error) {
		log_error("can't use the password file %s: %s", path, error);
	} else {
		memcpy(password, line, length);
		password[length] = '\0';
	}
	explicit_bzero(line, sizeof(line));
	return !error;
}
