#include "remote/sandbox_files.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What Landlock's first version knows; later ones deny more only if they are asked to. */
#define EVERYTHING ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)
#define READING (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)

/* The C library has no functions for these. */

static int create_ruleset(const struct landlock_ruleset_attr *attributes, size_t size, int flags) {
	return syscall(SYS_landlock_create_ruleset, attributes, size, flags);
}

static bool add_folder(int ruleset, const char *folder) {
	int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		return true;
	}
	struct landlock_path_beneath_attr rule = {.allowed_access = READING, .parent_fd = fd};
	bool ok =
		syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
	close(fd);
	return ok;
}

bool sandbox_can_limit_files(void) {
	return create_ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) >= 1;
}

bool sandbox_limit_files(const char *const *folders) {
	struct landlock_ruleset_attr attributes = {.handled_access_fs = EVERYTHING};
	if (!sandbox_can_limit_files()) {
		return true;
	}
	int ruleset = create_ruleset(&attributes, sizeof(attributes), 0);
	bool ok = ruleset >= 0;
	for (; ok && *folders; folders++) {
		ok = add_folder(ruleset, *folders);
	}
	ok = ok && syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
	if (ruleset >= 0) {
		close(ruleset);
	}
	return ok;
}
