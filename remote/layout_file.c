#include "remote/layout_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keys/layout.h"
#include "util/log.h"
#include "util/mem.h"

int layout_file_make(const char *name) {
	char *text = layout_compile(name);
	text = text ? text : layout_compile("us");
	size_t size = text ? strlen(text) : 0;
	int fd = text ? memfd_create("layout", MFD_CLOEXEC) : -1;
	if (fd >= 0 && write(fd, text, size) != (ssize_t)size) {
		close(fd);
		fd = -1;
	}
	if (text && fd < 0) {
		log_error("can't write a keyboard layout: %s", strerror(errno));
	}
	free(text);
	return fd;
}

/* NULL if it isn't one of a sensible size. */
static char *read_text(int fd) {
	struct stat st;
	if (fstat(fd, &st) < 0 || st.st_size <= 0 || st.st_size > LAYOUT_FILE_MAX) {
		return NULL;
	}
	char *text = xcalloc(1, st.st_size + 1);
	if (lseek(fd, 0, SEEK_SET) != 0 || read(fd, text, st.st_size) != st.st_size) {
		free(text);
		return NULL;
	}
	return text;
}

struct layout *layout_file_read(int fd) {
	char *text = read_text(fd);
	close(fd);
	struct layout *layout = text ? layout_create_from_text(text) : NULL;
	if (!layout) {
		log_error("the keyboard layout can't be read");
	}
	free(text);
	return layout;
}
