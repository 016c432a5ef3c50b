#include "tests/bench/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

uint64_t bench_now(void) {
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

void bench_sleep(uint64_t ns) {
	struct timespec ts = {(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};
	while (nanosleep(&ts, &ts) < 0 && errno == EINTR) {
	}
}

void bench_fail(const char *format, ...) {
	va_list args;
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(EXIT_FAILURE);
}

static void set_environment(const struct process *process, const char *const environment[]) {
	setenv("XDG_RUNTIME_DIR", process->folder, 1);
	setenv("XDG_CONFIG_HOME", process->folder, 1);
	setenv("XDG_STATE_HOME", process->folder, 1);
	unsetenv("WAYLAND_DISPLAY");
	unsetenv("DISPLAY");
	for (int i = 0; environment[i]; i++) {
		putenv((char *)environment[i]);
	}
}

/* Who runs things when we are root: sway and cage refuse to, and all are to run alike. */
static const struct passwd *nobody(void) {
	return geteuid() == 0 ? getpwnam("nobody") : NULL;
}

void process_init(struct process *process) {
	*process = (struct process){.folder = "/tmp/mullion-bench-XXXXXX"};
	if (!mkdtemp(process->folder)) {
		bench_fail("%s: %s", process->folder, strerror(errno));
	}
	const struct passwd *user = nobody();
	if (user && chown(process->folder, user->pw_uid, user->pw_gid) < 0) {
		bench_fail("%s: %s", process->folder, strerror(errno));
	}
}

static void drop_root(void) {
	const struct passwd *user = nobody();
	if (user &&
		(setgroups(0, NULL) < 0 || setgid(user->pw_gid) < 0 || setuid(user->pw_uid) < 0)) {
		_exit(126);
	}
}

static void redirect_output(const struct process *process, const char *name) {
	char path[PROCESS_PATH_MAX * 2];
	snprintf(path, sizeof(path), "%s/%s.log", process->folder, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (fd >= 0) {
		dup2(fd, STDOUT_FILENO);
		dup2(fd, STDERR_FILENO);
	}
}

void process_start(struct process *process, const char *name, char *const argv[],
	const char *const environment[]) {
	process->pid = fork();
	if (process->pid == 0) {
		setpgid(0, 0);
		set_environment(process, environment);
		redirect_output(process, name);
		drop_root();
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		execvp(argv[0], argv);
		_exit(127);
	}
	if (process->pid < 0) {
		bench_fail("fork: %s", strerror(errno));
	}
}

static void read_all(int fd, char *text, size_t size) {
	size_t length = 0;
	char rest[4096];
	for (ssize_t n = 1; n > 0;) {
		bool fits = length + 1 < size;
		n = read(fd, fits ? text + length : rest, fits ? size - 1 - length : sizeof(rest));
		length += fits && n > 0 ? (size_t)n : 0;
	}
	if (size > 0) {
		text[length] = '\0';
	}
}

int process_run(const struct process *process, char *const argv[], char *text, size_t size) {
	static const char *const environment[] = {NULL};
	int pipe_fds[2];
	if (pipe2(pipe_fds, O_CLOEXEC) < 0) {
		bench_fail("pipe: %s", strerror(errno));
	}
	pid_t pid = fork();
	if (pid == 0) {
		set_environment(process, environment);
		redirect_output(process, "commands");
		dup2(pipe_fds[1], STDOUT_FILENO);
		drop_root();
		execvp(argv[0], argv);
		_exit(127);
	}
	close(pipe_fds[1]);
	read_all(pipe_fds[0], text, size);
	close(pipe_fds[0]);
	int status;
	bool ended = pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status);
	return ended ? WEXITSTATUS(status) : -1;
}

void process_print_output(const struct process *process, const char *name) {
	char path[PROCESS_PATH_MAX * 2], line[512];
	snprintf(path, sizeof(path), "%s/%s.log", process->folder, name);
	FILE *file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		fputs(line, stderr);
	}
	if (file) {
		fclose(file);
	}
}

bool process_is_running(struct process *process) {
	if (process->pid > 0 && waitpid(process->pid, NULL, WNOHANG) == process->pid) {
		process->pid = 0;
	}
	return process->pid > 0;
}

/* Its children too: cage leaves the program that it ran. */
void process_stop(struct process *process) {
	pid_t group = process->pid;
	for (int i = 0; i < 500 && process_is_running(process); i++) {
		kill(process->pid, i < 400 ? SIGTERM : SIGKILL);
		bench_sleep(10000000);
	}
	if (group > 0) {
		kill(-group, SIGTERM);
	}
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw) {
	return remove(path);
}

void process_finish(struct process *process) {
	process_stop(process);
	if (process->folder[0]) {
		nftw(process->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	}
	process->folder[0] = '\0';
}

static bool read_line_number(const char *path, const char *key, uint64_t *out) {
	FILE *file = fopen(path, "re");
	if (!file) {
		return false;
	}
	char line[256];
	size_t length = strlen(key);
	bool found = false;
	while (!found && fgets(line, sizeof(line), file)) {
		if (strncmp(line, key, length) == 0) {
			*out += strtoull(line + length, NULL, 10);
			found = true;
		}
	}
	fclose(file);
	return found;
}

static void add_thread(pid_t pid, int thread, struct process_usage *usage) {
	char path[96];
	snprintf(path, sizeof(path), "/proc/%d/task/%d/schedstat", (int)pid, thread);
	read_line_number(path, "", &usage->cpu);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/status", (int)pid, thread);
	read_line_number(path, "voluntary_ctxt_switches:", &usage->switches);
}

struct process_usage process_usage(pid_t pid) {
	struct process_usage usage = {0};
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	DIR *tasks = opendir(path);
	for (struct dirent *task; tasks && (task = readdir(tasks));) {
		if (task->d_name[0] != '.') {
			add_thread(pid, atoi(task->d_name), &usage);
		}
	}
	if (tasks) {
		closedir(tasks);
	}
	return usage;
}

struct process_usage process_main_usage(pid_t pid) {
	struct process_usage usage = {0};
	add_thread(pid, (int)pid, &usage);
	return usage;
}

int process_files(pid_t pid) {
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	DIR *files = opendir(path);
	int count = 0;
	for (struct dirent *file; files && (file = readdir(files));) {
		count += file->d_name[0] != '.';
	}
	if (files) {
		closedir(files);
	}
	return count;
}

static bool is_frame_buffer(const char *line) {
	return strstr(line, "/memfd:") || strstr(line, "/dev/shm/") || strstr(line, "dmabuf");
}

struct process_memory process_memory(pid_t pid) {
	struct process_memory memory = {0};
	char path[64], line[512];
	snprintf(path, sizeof(path), "/proc/%d/smaps", (int)pid);
	FILE *file = fopen(path, "re");
	bool frames = false;
	while (file && fgets(line, sizeof(line), file)) {
		long kib;
		if (line[0] >= 'A' && line[0] <= 'Z') {
			if (sscanf(line, "Rss: %ld", &kib) == 1) {
				memory.total += kib;
				*(frames ? &memory.frames : &memory.own) += kib;
			} else if (!frames &&
				(sscanf(line, "Private_Clean: %ld", &kib) == 1 ||
					sscanf(line, "Private_Dirty: %ld", &kib) == 1)) {
				memory.private += kib;
			}
		} else {
			frames = is_frame_buffer(line);
		}
	}
	if (file) {
		fclose(file);
	}
	return memory;
}

int process_children(pid_t pid, pid_t *pids, int max) {
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	FILE *file = fopen(path, "re");
	int count = 0, child;
	while (file && count < max && fscanf(file, "%d", &child) == 1) {
		pids[count++] = child;
	}
	if (file) {
		fclose(file);
	}
	return count;
}
