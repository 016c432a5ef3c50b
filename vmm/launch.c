#include "vmm/launch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/mem.h"
#include "vmm/qemu_args.h"
#include "vmm/spawn.h"
#include "vmm/text.h"
#include "vmm/uefi.h"

char *launch_program_name(const struct guest_config *config) {
	return config->qemu ? xstrdup(config->qemu) : xasprintf("qemu-system-%s", config->arch);
}

static char *find_program(const struct guest_config *config, char **error) {
	char *name = launch_program_name(config);
	char *program = spawn_find_program(name);
	if (!program) {
		*error = xasprintf("can't find %s; install it, or name the program by `qemu =` in "
				   "%s",
			name, config->path);
	}
	free(name);
	return program;
}

static bool open_firmware(
	const struct launch *launch, struct qemu_start *start, struct spawn *spawn, char **error) {
	const struct guest_config *config = launch->config;
	if (config->firmware != GUEST_FIRMWARE_UEFI) {
		return true;
	}
	const struct uefi_image *image = uefi_find(config->arch);
	if (!image) {
		*error =
			xasprintf("no UEFI firmware for %s is installed (package %s)", config->arch,
				strcmp(config->arch, "aarch64") == 0 ? "qemu-efi-aarch64" : "ovmf");
		return false;
	}
	char *folder = uefi_state_folder(launch->state_folder, config->name, launch->folder->path);
	start->firmware_code = image->code;
	start->firmware_vars_fd = uefi_open_vars(image, folder, error);
	free(folder);
	spawn->fds[spawn->fd_count++] = start->firmware_vars_fd;
	spawn->files[spawn->file_count++] = (struct spawn_file){image->code, false};
	return start->firmware_vars_fd >= 0;
}

static void list_files(const struct guest_config *config, struct spawn *spawn) {
	const char *const files[] = {config->cdrom, config->kernel, config->initrd};
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (files[i]) {
			spawn->files[spawn->file_count++] = (struct spawn_file){files[i], false};
		}
	}
	for (unsigned int i = 0; i < config->disk_count; i++) {
		spawn->files[spawn->file_count++] =
			(struct spawn_file){config->disks[i].path, !config->disks[i].read_only};
	}
}
_Static_assert(GUEST_DISKS_MAX + 4 <= SPAWN_FILES_MAX, "there is room for all files");

static bool open_files(
	const struct launch *launch, struct qemu_start *start, struct spawn *spawn, char **error) {
	start->qmp_fd = guest_folder_listen(launch->folder);
	spawn->stderr_fd = guest_folder_create_file(launch->folder, "stderr");
	spawn->process_fd = guest_folder_create_file(launch->folder, "process");
	if (start->qmp_fd < 0 || spawn->stderr_fd < 0 || spawn->process_fd < 0) {
		*error = xasprintf("can't write in %s: %s", launch->folder->path, strerror(errno));
		return false;
	}
	spawn->fds[spawn->fd_count++] = start->qmp_fd;
	list_files(launch->config, spawn);
	return open_firmware(launch, start, spawn, error);
}

static void close_files(const struct qemu_start *start, const struct spawn *spawn) {
	const int fds[] = {
		start->qmp_fd, start->firmware_vars_fd, spawn->stderr_fd, spawn->process_fd};
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		if (fds[i] >= 0) {
			close(fds[i]);
		}
	}
}

/* What QEMU gets of our environment: it needs little, and there may be secrets in it. */
static char **make_environment(void) {
	static const char *const wanted[] = {"PATH=", "HOME=", "LANG=", "LC_",
		"TZ=", "TMPDIR=", "LD_LIBRARY_PATH=", "QEMU_", "MESA_", "LIBGL_", "EGL_",
		"ASAN_OPTIONS=", "UBSAN_OPTIONS=", "SYNTHETIC_"};
	char **list = xcalloc(1, sizeof(*list));
	size_t count = 0;
	for (char **entry = environ; *entry; entry++) {
		for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
			if (strncmp(*entry, wanted[i], strlen(wanted[i])) == 0) {
				list = xreallocarray(list, count + 2, sizeof(*list));
				list[count++] = xstrdup(*entry);
				list[count] = NULL;
			}
		}
	}
	return list;
}

pid_t launch_qemu(const struct launch *launch, int *pidfd, char **error) {
	char *program = find_program(launch->config, error);
	if (!program) {
		return -1;
	}
	struct qemu_start start = {
		.program = program,
		.kvm = launch->kvm,
		.qmp_fd = -1,
		.firmware_vars_fd = -1,
		.width = launch->width,
		.height = launch->height,
	};
	struct spawn spawn = {
		.stderr_fd = -1,
		.process_fd = -1,
		.user = geteuid() != 0 ? NULL
			: launch->user ? launch->user
				       : "nobody",
		.device = launch->kvm ? "/dev/kvm" : NULL,
	};
	pid_t pid = -1;
	if (open_files(launch, &start, &spawn, error)) {
		spawn.argv = qemu_args_create(launch->config, &start);
		spawn.environment = make_environment();
		pid = spawn_detached(&spawn, pidfd, error);
		words_destroy(spawn.argv);
		words_destroy(spawn.environment);
	}
	close_files(&start, &spawn);
	free(program);
	return pid;
}
