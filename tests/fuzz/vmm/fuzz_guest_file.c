#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vmm/guest_config.h"
#include "vmm/qemu_args.h"
#include "vmm/text.h"

static void use(struct guest_config *config) {
	struct qemu_start start = {.program = "qemu", .qmp_fd = 3};
	words_destroy(qemu_args_create(config, &start));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	int fd = memfd_create("guest", MFD_CLOEXEC);
	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size) {
		abort();
	}
	char path[32], *messages = NULL;
	size_t messages_size;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	FILE *errors = open_memstream(&messages, &messages_size);
	struct guest_config *config = guest_config_load(path, errors);
	fclose(errors);
	if (!config != (messages_size > 0)) {
		abort(); /* neither a guest nor a message, or both */
	}
	if (config) {
		use(config);
	}
	guest_config_destroy(config);
	free(messages);
	close(fd);
	return 0;
}
