#include "vm-display/fd_check.h"

#include <fcntl.h>
#include <unistd.h>

#define READS_MAX 2

static bool is_open(int fd) {
	return fd >= 0 && fcntl(fd, F_GETFD) >= 0;
}

void fd_check_init(struct fd_check *check) {
	*check = (struct fd_check){.lowest = -1, .held = -1};
}

/* What is opened next gets the lowest number that is free. */
void fd_check_begin(struct fd_check *check, int any) {
	check->handled = false;
	check->lowest = fcntl(any, F_DUPFD_CLOEXEC, 0);
	if (check->lowest >= 0) {
		close(check->lowest);
	}
}

bool fd_check_end(struct fd_check *check) {
	if (check->handled) {
		/* What our handlers kept is a copy. */
		bool lost = is_open(check->held);
		check->held = -1;
		check->reads = 0;
		return !lost;
	}
	if (!is_open(check->lowest)) {
		return true;
	}
	check->held = check->held < 0 ? check->lowest : check->held;
	check->reads++;
	return check->reads <= READS_MAX;
}
