/* Starts QEMU for a guest: gathers what it needs, opens what it gets from us, runs it. */
#ifndef VMM_LAUNCH_H
#define VMM_LAUNCH_H

#include <stdbool.h>
#include <sys/types.h>

#include "vmm/guest_config.h"
#include "vmm/guest_process.h"

struct launch {
	const struct guest_config *config;
	const struct guest_folder *folder;
	const char *user, *state_folder; /* as in guest_options */
	bool kvm;
	unsigned int width, height; /* px, of the view, or 0 */
};

/* The QEMU of a guest file by its path or the name that is searched in PATH; allocated. */
char *launch_program_name(const struct guest_config *config);

/* -1 with *error allocated, and no process left behind. */
pid_t launch_qemu(const struct launch *launch, int *pidfd, char **error);

#endif
