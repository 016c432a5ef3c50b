#include "util/runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/log.h"
#include "util/mem.h"

static bool make_private_folder(const char *path) {
	if (mkdir(path, 0700) < 0 && errno != EEXIST) {
		log_error("can't make %s: %s", path, strerror(errno));
		return false;
	}
	struct stat st;
	if (lstat(path, &st) < 0 || !S_ISDIR(st.st_mode) || st.st_uid != getuid() ||
		(st.st_mode & 0022)) {
		log_error("%s is not a folder that only we can write to", path);
		return false;
	}
	return true;
}

char *runtime_base(void) {
	const char *xdg = getenv("XDG_RUNTIME_DIR");
	if (xdg && xdg[0] == '/') {
		return xstrdup(xdg);
	}
	char *user = xasprintf("/run/user/%u", getuid());
	if (access(user, W_OK) == 0) {
		return user;
	}
	free(user);
	char *own = xasprintf("/tmp/mullion-%u", getuid());
	if (!make_private_folder(own)) {
		free(own);
		return NULL;
	}
	return own;
}

char *runtime_folder(void) {
	char *base = runtime_base();
	char *path = base ? runtime_subfolder(base, "mullion") : NULL;
	free(base);
	return path;
}

char *runtime_subfolder(const char *folder, const char *name) {
	char *path = xasprintf("%s/%s", folder, name);
	if (!make_private_folder(path)) {
		free(path);
		return NULL;
	}
	return path;
}

static bool write_all(int fd, const char *text, size_t len) {
	while (len > 0) {
		ssize_t n = write(fd, text, len);
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return false;
		}
		text += n;
		len -= n;
	}
	return true;
}

bool write_file_atomically(const char *path, const char *text) {
	char *temporary = xasprintf("%s.new", path);
	int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool ok = fd >= 0 && write_all(fd, text, strlen(text));
	if (fd >= 0) {
		close(fd);
	}
	ok = ok && rename(temporary, path) == 0;
	if (!ok) {
		log_error("can't write %s: %s", path, strerror(errno));
	}
	free(temporary);
	return ok;
}
