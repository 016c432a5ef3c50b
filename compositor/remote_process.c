#include "compositor/remote_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "compositor/remotes.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/runtime.h"
#include "vmm/spawn.h"

#define COMMAND_MAX 65536 // bytes

bool remote_process_init(struct remote_process *process, const char *runtime, const char *name) {
	*process = (struct remote_process){.folder = {.fd = -1, .lock_fd = -1}, .pidfd = -1};
	char *all = runtime_subfolder(runtime, REMOTES_FOLDER);
	process->folder.path = all ? runtime_subfolder(all, name) : NULL;
	free(all);
	if (!process->folder.path) {
		return false;
	}
	process->folder.fd = open(process->folder.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (process->folder.fd < 0) {
		log_error("can't open %s: %s", process->folder.path, strerror(errno));
	}
	return process->folder.fd >= 0;
}

static void forget(struct remote_process *process) {
	if (process->pidfd >= 0) {
		close(process->pidfd);
	}
	process->pidfd = -1;
	process->pid = 0;
}

void remote_process_finish(struct remote_process *process) {
	forget(process);
	guest_folder_finish(&process->folder);
}

static char *join(char **argv) {
	char *text = xstrdup("");
	for (char **arg = argv; *arg; arg++) {
		char *longer = xasprintf("%s%s\n", text, *arg);
		free(text);
		text = longer;
	}
	return text;
}

static bool is_command(const struct remote_process *process, char **argv) {
	char *text = xcalloc(1, COMMAND_MAX), *wanted = join(argv);
	int fd = openat(process->folder.fd, "command", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = fd >= 0 ? read(fd, text, COMMAND_MAX - 1) : -1;
	if (fd >= 0) {
		close(fd);
	}
	bool same = n > 0 && strcmp(text, wanted) == 0;
	free(text);
	free(wanted);
	return same;
}

bool remote_process_find(struct remote_process *process, char **argv, bool *same) {
	bool ended;
	process->pid = guest_folder_find_process(&process->folder, &process->pidfd, &ended);
	*same = process->pid && is_command(process, argv);
	return process->pid != 0;
}

void remote_process_set_stopped(const struct remote_process *process, bool stopped) {
	int fd = stopped ? guest_folder_create_file(&process->folder, "stopped") : -1;
	if (fd >= 0) {
		close(fd);
	} else {
		unlinkat(process->folder.fd, "stopped", 0);
	}
}

bool remote_process_was_stopped(const struct remote_process *process) {
	return faccessat(process->folder.fd, "stopped", F_OK, 0) == 0;
}

/* Before the process is there: who finds one without its command would start it anew. */
static bool write_command(const struct remote_process *process, char **argv) {
	char *path = xasprintf("%s/command", process->folder.path), *text = join(argv);
	bool ok = write_file_atomically(path, text);
	free(path);
	free(text);
	return ok;
}

bool remote_process_start(struct remote_process *process, char **argv, char **environment,
	const char *user, char **error) {
	int fd = write_command(process, argv)
		? guest_folder_create_file(&process->folder, "process")
		: -1;
	if (fd < 0) {
		*error = xasprintf("can't write to %s", process->folder.path);
		return false;
	}
	struct spawn spawn = {.argv = argv,
		.environment = environment,
		.user = user,
		.stderr_fd = STDERR_FILENO,
		.process_fd = fd};
	pid_t pid = spawn_detached(&spawn, &process->pidfd, error);
	close(fd);
	process->pid = pid > 0 ? pid : 0;
	if (pid <= 0) {
		unlinkat(process->folder.fd, "process", 0);
	}
	return pid > 0;
}

void remote_process_signal(const struct remote_process *process, int number) {
	if (process->pid) {
		pidfd_send_signal(process->pidfd, number, NULL, 0);
	}
}

char *remote_process_take_end(struct remote_process *process, int *status) {
	int code = 0;
	enum process_end end = process_end(process->pid, process->pidfd, &code);
	unlinkat(process->folder.fd, "process", 0);
	forget(process);
	*status = end == PROCESS_END_EXIT ? code : -1;
	switch (end) {
	case PROCESS_END_EXIT:
		return xasprintf("it ended with status %d", code);
	case PROCESS_END_SIGNAL:
		return xasprintf("it was ended by signal %d (%s)", code, strsignal(code));
	case PROCESS_END_UNKNOWN:
		break;
	}
	return xstrdup("it ended");
}
