#include "util/standard_fds.h"

#include <fcntl.h>
#include <unistd.h>

bool standard_fds_open(void) {
	int fd;
	do {
		fd = open("/dev/null", O_RDWR); /* takes the lowest number */
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0) {
		close(fd);
	}
	return fd >= 0;
}
