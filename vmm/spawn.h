/* Starts a program that outlives us: in a session of its own, with standard error in a file, no
 * other fd of ours, all signals as a new process has them, and, if we are root, as another user. */
#ifndef VMM_SPAWN_H
#define VMM_SPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define SPAWN_FILES_MAX 16
#define SPAWN_FDS_MAX 4

struct spawn_file { /* what the program is going to open */
	const char *path;
	bool write;
};

struct spawn {
	char **argv; /* argv[0]: the program's absolute path */
	char **environment; /* NULL: none */
	const char *user; /* NULL: as we are */
	const char *device; /* one whose group the user gets, /dev/kvm; or NULL */
	int stderr_fd;
	/* Gets a copy of the new process' /proc/self/stat before the program runs: its pid and
	 * start time, which tell it from any later process. */
	int process_fd;
	int fds[SPAWN_FDS_MAX]; /* inherited under the same numbers; all above 2 */
	size_t fd_count;
	struct spawn_file files[SPAWN_FILES_MAX];
	size_t file_count;
};

/* Takes none of the fds. Waits until the program runs: milliseconds. -1 with *error allocated if it
 * can't be run, or its user can't open one of the files. */
pid_t spawn_detached(const struct spawn *spawn, int *pidfd, char **error);

/* The absolute path of a program, searched in PATH if it has no '/'; NULL if there is none. */
char *spawn_find_program(const char *name);

#endif
