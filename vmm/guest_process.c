#include "vmm/guest_process.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/log.h"
#include "util/mem.h"
#include "util/runtime.h"
#include "vmm/text.h"

#define STDERR_TAIL 4096 // bytes

static bool lock_folder(struct guest_folder *folder, const char *name) {
	folder->lock_fd =
		openat(folder->fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (folder->lock_fd < 0) {
		log_error("guest %s: can't open %s/lock: %s", name, folder->path, strerror(errno));
		return false;
	}
	if (flock(folder->lock_fd, LOCK_EX | LOCK_NB) < 0) {
		log_error(
			"guest %s: another mullion owns it (%s/lock is held)", name, folder->path);
		return false;
	}
	return true;
}

bool guest_folder_init(struct guest_folder *folder, const char *runtime, const char *name) {
	*folder = (struct guest_folder){.fd = -1, .lock_fd = -1};
	char *guests = runtime_subfolder(runtime, "guests");
	folder->path = guests ? runtime_subfolder(guests, name) : NULL;
	free(guests);
	if (!folder->path) {
		return false;
	}
	folder->fd = open(folder->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (folder->fd < 0) {
		log_error("guest %s: can't open %s: %s", name, folder->path, strerror(errno));
		return false;
	}
	return lock_folder(folder, name);
}

void guest_folder_finish(struct guest_folder *folder) {
	if (folder->lock_fd >= 0) {
		close(folder->lock_fd);
	}
	if (folder->fd >= 0) {
		close(folder->fd);
	}
	free(folder->path);
	*folder = (struct guest_folder){.fd = -1, .lock_fd = -1};
}

int guest_folder_create_file(const struct guest_folder *folder, const char *name) {
	unlinkat(folder->fd, name, 0);
	return openat(folder->fd, name,
		O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
}

/* By the folder's fd: the path itself may be longer than an address. */
static struct sockaddr_un socket_address(const struct guest_folder *folder) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/qmp.sock",
		folder->fd);
	return address;
}

static int close_keeping_errno(int fd) {
	int error = errno;
	close(fd);
	errno = error;
	return -1;
}

int guest_folder_listen(const struct guest_folder *folder) {
	struct sockaddr_un address = socket_address(folder);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		return -1;
	}
	unlinkat(folder->fd, "qmp.sock", 0);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 4) < 0) {
		return close_keeping_errno(fd);
	}
	return fd;
}

int guest_folder_connect(const struct guest_folder *folder) {
	struct sockaddr_un address = socket_address(folder);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		return close_keeping_errno(fd);
	}
	return fd;
}

static ssize_t read_small_file(int folder, const char *name, char *text, size_t size) {
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0) {
		return -1;
	}
	ssize_t n = read(fd, text, size - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n;
}

/* Of the text of /proc/PID/stat: field 22 counted from the 1st. */
static bool parse_stat(const char *text, pid_t *pid, uint64_t *start) {
	const char *field = strrchr(text, ')');
	*pid = strtol(text, NULL, 10);
	for (int i = 0; field && i < 20; i++) {
		field = strchr(field + 1, ' ');
	}
	return field && *pid > 1 && sscanf(field, "%" SCNu64, start) == 1;
}

static bool read_stat(int folder, const char *name, pid_t *pid, uint64_t *start) {
	char text[1024];
	return read_small_file(folder, name, text, sizeof(text)) > 0 &&
		parse_stat(text, pid, start);
}

pid_t guest_folder_find_process(const struct guest_folder *folder, int *pidfd, bool *ended) {
	pid_t pid, pid_now;
	uint64_t start, start_now;
	*pidfd = -1;
	*ended = read_stat(folder->fd, "process", &pid, &start);
	if (!*ended) {
		return 0;
	}
	/* First the pidfd, then the comparison: so it can't become another process in between. */
	*pidfd = pidfd_open(pid, 0);
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (*pidfd >= 0 && read_stat(AT_FDCWD, path, &pid_now, &start_now) && pid_now == pid &&
		start_now == start) {
		*ended = false;
		return pid;
	}
	if (*pidfd >= 0) {
		close(*pidfd);
		*pidfd = -1;
	}
	return 0;
}

void guest_folder_forget_process(const struct guest_folder *folder) {
	unlinkat(folder->fd, "process", 0);
	unlinkat(folder->fd, "qmp.sock", 0);
}

char *guest_folder_last_message(const struct guest_folder *folder, const char *program) {
	char text[STDERR_TAIL + 1];
	int fd = openat(folder->fd, "stderr", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0) {
		return xstrdup("");
	}
	off_t size = lseek(fd, 0, SEEK_END);
	off_t from = size > STDERR_TAIL ? size - STDERR_TAIL : 0;
	ssize_t n = pread(fd, text, STDERR_TAIL, from);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return text_last_message(text, program);
}

static enum process_end decode_status(int status, int *code) {
	*code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
	return WIFSIGNALED(status) ? PROCESS_END_SIGNAL : PROCESS_END_EXIT;
}

/* Of newer kernels (6.15): how a process ended, once its parent took note. The layout is that of
 * linux/pidfd.h, which is older on the systems that we build on. */
struct pidfd_end {
	uint64_t mask, cgroup;
	uint32_t pid, tgid, ppid, ids[8];
	int32_t exit_code;
};
_Static_assert(sizeof(struct pidfd_end) == 64, "the first version of struct pidfd_info");
#define PIDFD_END_EXIT (1u << 3)
#define PIDFD_GET_END _IOWR(0xFF, 11, struct pidfd_end)

/* Until its parent takes note: state Z, and the status as field 52, the last one. */
static bool read_zombie(pid_t pid, int *status) {
	char path[64], text[1024];
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	const char *state =
		read_small_file(AT_FDCWD, path, text, sizeof(text)) > 0 ? strrchr(text, ')') : NULL;
	const char *last = state ? strrchr(state, ' ') : NULL;
	return last && strncmp(state, ") Z", 3) == 0 && sscanf(last, "%d", status) == 1;
}

enum process_end process_end(pid_t pid, int pidfd, int *code) {
	siginfo_t info = {0};
	if (waitid(P_PIDFD, pidfd, &info, WEXITED | WNOHANG) == 0 && info.si_pid > 0) {
		*code = info.si_status;
		return info.si_code == CLD_EXITED ? PROCESS_END_EXIT : PROCESS_END_SIGNAL;
	}
	int status;
	if (read_zombie(pid, &status)) {
		return decode_status(status, code);
	}
	struct pidfd_end end = {.mask = PIDFD_END_EXIT};
	if (ioctl(pidfd, PIDFD_GET_END, &end) == 0 && (end.mask & PIDFD_END_EXIT)) {
		return decode_status(end.exit_code, code);
	}
	return PROCESS_END_UNKNOWN;
}
