#include "vmm/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/mem.h"

enum stage { STAGE_PREPARE, STAGE_USER, STAGE_FILE, STAGE_EXEC };

struct failure { /* what the child tells through the pipe */
	enum stage stage;
	unsigned int file;
	int error;
};

struct identity {
	bool change;
	uid_t uid;
	gid_t gid;
	gid_t groups[1];
	size_t group_count;
};

static bool find_identity(const struct spawn *spawn, struct identity *identity, char **error) {
	*identity = (struct identity){0};
	if (!spawn->user) {
		return true;
	}
	struct passwd *entry = getpwnam(spawn->user);
	if (!entry || entry->pw_uid == 0) {
		*error = xasprintf(entry ? "QEMU shall not run as root (user %s)"
					 : "there is no user %s to run QEMU as",
			spawn->user);
		return false;
	}
	identity->change = true;
	identity->uid = entry->pw_uid;
	identity->gid = entry->pw_gid;
	struct stat st;
	if (spawn->device && stat(spawn->device, &st) == 0) {
		identity->groups[0] = st.st_gid;
		identity->group_count = 1;
	}
	return true;
}

/* From here to exec only what is safe after fork in a process with threads. */

static void reset_signals(void) {
	for (int number = 1; number < NSIG; number++) {
		signal(number, SIG_DFL);
	}
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool record_process(int fd) {
	char stat[1024];
	int proc = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	ssize_t n = proc >= 0 ? read(proc, stat, sizeof(stat)) : -1;
	return n > 0 && write(fd, stat, n) == n;
}

static bool prepare(const struct spawn *spawn) {
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0 || setsid() < 0 || chdir("/") < 0 || !record_process(spawn->process_fd) ||
		dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(spawn->stderr_fd, 2) < 0 ||
		close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) < 0) {
		return false;
	}
	for (size_t i = 0; i < spawn->fd_count; i++) {
		if (fcntl(spawn->fds[i], F_SETFD, 0) < 0) {
			return false;
		}
	}
	reset_signals();
	umask(0077);
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

static bool become(const struct identity *identity) {
	return !identity->change ||
		(setgroups(identity->group_count, identity->groups) == 0 &&
			setresgid(identity->gid, identity->gid, identity->gid) == 0 &&
			setresuid(identity->uid, identity->uid, identity->uid) == 0);
}

/* The number of files up to the first one that can't be opened. */
static unsigned int check_files(const struct spawn *spawn) {
	unsigned int i;
	for (i = 0; i < spawn->file_count; i++) {
		const struct spawn_file *file = &spawn->files[i];
		if (access(file->path, file->write ? R_OK | W_OK : R_OK) < 0) {
			break;
		}
	}
	return i;
}

/* Returns only if it fails. */
static struct failure try_to_run(const struct spawn *spawn, const struct identity *identity) {
	struct failure failure = {0};
	char *none[] = {NULL};
	if (!prepare(spawn)) {
		failure.stage = STAGE_PREPARE;
	} else if (!become(identity)) {
		failure.stage = STAGE_USER;
	} else if ((failure.file = check_files(spawn)) < spawn->file_count) {
		failure.stage = STAGE_FILE;
	} else {
		failure.stage = STAGE_EXEC;
		execve(spawn->argv[0], spawn->argv, spawn->environment ? spawn->environment : none);
	}
	failure.error = errno;
	return failure;
}

static void run_child(const struct spawn *spawn, const struct identity *identity, int report) {
	struct failure failure = try_to_run(spawn, identity);
	_exit(write(report, &failure, sizeof(failure)) == sizeof(failure) ? 127 : 126);
}

static char *describe(const struct spawn *spawn, const struct failure *failure) {
	const char *why = strerror(failure->error);
	const char *as = spawn->user ? " as user " : "", *user = spawn->user ? spawn->user : "";
	const struct spawn_file *file;
	switch (failure->stage) {
	case STAGE_FILE:
		file = &spawn->files[failure->file];
		return xasprintf("can't %s %s%s%s: %s", file->write ? "write to" : "read",
			file->path, as, user, why);
	case STAGE_USER:
		return xasprintf("can't become user %s: %s", user, why);
	case STAGE_EXEC:
		return xasprintf("can't run %s%s%s: %s", spawn->argv[0], as, user, why);
	case STAGE_PREPARE:
		break;
	}
	return xasprintf("can't prepare a process: %s", why);
}

static bool wait_for_exec(int report, struct failure *failure) {
	ssize_t n;
	do {
		n = read(report, failure, sizeof(*failure));
	} while (n < 0 && errno == EINTR);
	return n == 0;
}

pid_t spawn_detached(const struct spawn *spawn, int *pidfd, char **error) {
	struct identity identity;
	int report[2];
	if (!find_identity(spawn, &identity, error)) {
		return -1;
	}
	if (pipe2(report, O_CLOEXEC) < 0) {
		*error = xasprintf("can't make a pipe: %s", strerror(errno));
		return -1;
	}
	pid_t pid = fork();
	if (pid == 0) {
		run_child(spawn, &identity, report[1]);
	}
	int fork_error = errno;
	close(report[1]);
	struct failure failure = {.stage = STAGE_PREPARE, .error = fork_error};
	bool runs = pid > 0 && wait_for_exec(report[0], &failure);
	close(report[0]);
	*pidfd = runs ? pidfd_open(pid, 0) : -1;
	if (*pidfd >= 0) {
		return pid;
	}
	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	*error = describe(spawn, &failure);
	return -1;
}

static bool is_program(const char *path) {
	struct stat st;
	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

char *spawn_find_program(const char *name) {
	if (strchr(name, '/')) {
		return name[0] == '/' && is_program(name) ? xstrdup(name) : NULL;
	}
	const char *path = getenv("PATH");
	for (path = path ? path : "/usr/bin:/bin"; *path;) {
		size_t len = strcspn(path, ":");
		char *candidate = xasprintf("%.*s/%s", (int)len, path, name);
		if (candidate[0] == '/' && is_program(candidate)) {
			return candidate;
		}
		free(candidate);
		path += len + (path[len] == ':');
	}
	return NULL;
}
