/* The process of a remote server, which a folder RUNTIME/remotes/NAME tells of:
 *   process  its /proc/PID/stat as it was at the start
 *   command  what it was started with, an argument a line
 *   stopped  if the user stopped it */
#ifndef COMPOSITOR_REMOTE_PROCESS_H
#define COMPOSITOR_REMOTE_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "vmm/guest_process.h"

struct remote_process {
	struct guest_folder folder;
	pid_t pid; /* 0: there is none */
	int pidfd; /* readable when it has ended; -1 */
};

/* Makes the folder; false after a log line. finish is legal after a failed init. */
bool remote_process_init(struct remote_process *process, const char *runtime, const char *name);
/* The process, if there is one, goes on. */
void remote_process_finish(struct remote_process *process);

/* Finds the one that an earlier mullion started; *same: with this command. */
bool remote_process_find(struct remote_process *process, char **argv, bool *same);
/* Stays known to the next mullion, if we crash. */
void remote_process_set_stopped(const struct remote_process *process, bool stopped);
bool remote_process_was_stopped(const struct remote_process *process);

/* `user` and `environment` as for spawn_detached. False with *error allocated. */
bool remote_process_start(struct remote_process *process, char **argv, char **environment,
	const char *user, char **error);
void remote_process_signal(const struct remote_process *process, int number);
/* After its end: *status is its exit status, -1 where a signal ended it or nobody knows. The words
 * for it are the caller's. */
char *remote_process_take_end(struct remote_process *process, int *status);

#endif
