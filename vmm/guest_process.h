/* What of a guest outlives us: its folder RUNTIME/guests/NAME and the QEMU process that it tells
 * of. The folder holds
 *   lock     held (flock) by the mullion that owns the guest
 *   qmp.sock QEMU's control socket
 *   process  QEMU's /proc/PID/stat as it was at the start
 *   stderr   what QEMU wrote there since then */
#ifndef VMM_GUEST_PROCESS_H
#define VMM_GUEST_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

struct guest_folder {
	char *path; /* absolute */
	int fd; /* of the folder */
	int lock_fd;
};

/* Makes and locks the folder; false after a log line. finish is legal after a failed init. */
bool guest_folder_init(struct guest_folder *folder, const char *runtime, const char *name);
void guest_folder_finish(struct guest_folder *folder);

/* New fds, close-on-exec; -1 with errno. */
int guest_folder_create_file(const struct guest_folder *folder, const char *name);
int guest_folder_listen(const struct guest_folder *folder); /* replaces qmp.sock */
int guest_folder_connect(const struct guest_folder *folder); /* non-blocking */

/* The process that the folder tells of, with a pidfd in *pidfd; 0 if there is none any more, then
 * *ended says whether there was one. */
pid_t guest_folder_find_process(const struct guest_folder *folder, int *pidfd, bool *ended);
void guest_folder_forget_process(const struct guest_folder *folder);

/* The last message in stderr (text_last_message), allocated. */
char *guest_folder_last_message(const struct guest_folder *folder, const char *program);

enum process_end { PROCESS_END_UNKNOWN, PROCESS_END_EXIT, PROCESS_END_SIGNAL };
/* How a process ended, whose pidfd is readable; reaps it if it is our child. If it isn't, and its
 * parent was quick, only newer kernels (6.15) can still tell. */
enum process_end process_end(pid_t pid, int pidfd, int *code);

#endif
