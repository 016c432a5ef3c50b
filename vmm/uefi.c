#include "vmm/uefi.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/log.h"
#include "util/mem.h"

static const struct uefi_image images[] = {
	{"x86_64", "/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"},
	{"x86_64", "/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"},
	{"x86_64", "/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"},
	{"aarch64", "/usr/share/AAVMF/AAVMF_CODE.no-secboot.fd", "/usr/share/AAVMF/AAVMF_VARS.fd"},
	{"aarch64", "/usr/share/AAVMF/AAVMF_CODE.fd", "/usr/share/AAVMF/AAVMF_VARS.fd"},
	{"aarch64", "/usr/share/edk2/aarch64/QEMU_EFI-pflash.raw",
		"/usr/share/edk2/aarch64/vars-template-pflash.raw"},
};

const struct uefi_image *uefi_find(const char *arch) {
	for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
		const struct uefi_image *image = &images[i];
		if (strcmp(image->arch, arch) == 0 && access(image->code, R_OK) == 0 &&
			access(image->vars, R_OK) == 0) {
			return image;
		}
	}
	return NULL;
}

static bool is_zero(const char *bytes, size_t len) {
	return bytes[0] == 0 && memcmp(bytes, bytes + 1, len - 1) == 0;
}

/* Leaves holes where there are zeros: templates are up to 64 MiB and nearly empty. */
static bool copy_sparsely(int from, int to) {
	enum { CHUNK = 64 * 1024 };
	char *bytes = xcalloc(1, CHUNK);
	off_t at = 0;
	ssize_t n;
	bool ok = true;
	while (ok && (n = read(from, bytes, CHUNK)) > 0) {
		ok = is_zero(bytes, n) || pwrite(to, bytes, n, at) == n;
		at += n;
	}
	ok = ok && n == 0 && ftruncate(to, at) == 0;
	free(bytes);
	return ok;
}

static bool make_vars(const char *template, const char *path) {
	char *temporary = xasprintf("%s.new", path);
	int from = open(template, O_RDONLY | O_CLOEXEC);
	int to = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool ok = from >= 0 && to >= 0 && copy_sparsely(from, to) && rename(temporary, path) == 0;
	int error = errno;
	if (from >= 0) {
		close(from);
	}
	if (to >= 0) {
		close(to);
	}
	free(temporary);
	errno = error;
	return ok;
}

int uefi_open_vars(const struct uefi_image *image, const char *folder, char **error) {
	char *path = xasprintf("%s/uefi-vars.fd", folder);
	struct stat template, mine;
	bool fits = stat(image->vars, &template) == 0 && stat(path, &mine) == 0 &&
		template.st_size == mine.st_size;
	int fd = -1;
	if (fits || make_vars(image->vars, path)) {
		fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	}
	if (fd < 0) {
		*error = xasprintf("can't keep UEFI variables in %s: %s", path, strerror(errno));
	}
	free(path);
	return fd;
}

/* mkdir -p; true if the folder is there in the end. */
static bool make_folders(char *path) {
	for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	return mkdir(path, 0700) == 0 || (errno == EEXIST && access(path, W_OK | X_OK) == 0);
}

char *uefi_state_folder(const char *state, const char *name, const char *fallback) {
	const char *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char *path = NULL;
	if (state) {
		path = xasprintf("%s/%s", state, name);
	} else if (xdg && xdg[0] == '/') {
		path = xasprintf("%s/mullion/%s", xdg, name);
	} else if (home && home[0] == '/') {
		path = xasprintf("%s/.local/state/mullion/%s", home, name);
	}
	if (path && make_folders(path)) {
		return path;
	}
	log_info("guest %s: no folder to keep state in (%s); UEFI variables last until it is "
		 "started anew elsewhere",
		name, path ? path : "HOME isn't set");
	free(path);
	return xstrdup(fallback);
}
