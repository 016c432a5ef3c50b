/* A guest's configuration as QEMU's command line. Pure: touches no file and no process.
 *
 * A program that stands in for QEMU (`qemu = PATH` in the guest file) gets the same arguments. It
 * needs two of them, each a word of its own:
 *   -chardev socket,id=qmp,fd=N,server=on,wait=off
 *        N is inherited: a unix stream socket, bound and listening. It speaks QMP to whoever
 *        connects, one at a time; mullion connects right after the start.
 *   -name NAME,debug-threads=on
 * Of QMP: qmp_capabilities, query-status, query-kvm, getfd (with SCM_RIGHTS), add_client
 * (protocol "@dbus-display"), system_powerdown, system_reset, stop, cont, quit. */
#ifndef VMM_QEMU_ARGS_H
#define VMM_QEMU_ARGS_H

#include <stdbool.h>

#include "vmm/guest_config.h"

#define QEMU_UUID_SIZE 37

struct qemu_start { /* what isn't in the guest file */
	const char *program; /* argv[0] */
	bool kvm;
	int qmp_fd;
	const char *firmware_code; /* NULL: QEMU's own BIOS, or none */
	int firmware_vars_fd; /* open for reading and writing, if there is firmware_code */
	unsigned int width, height; /* px, of the view, or 0; the guest file comes first */
};

/* NULL-terminated; words_destroy (text.h) frees it. */
char **qemu_args_create(const struct guest_config *config, const struct qemu_start *start);

/* The same for the same name, always. */
void qemu_uuid(const char *name, char uuid[QEMU_UUID_SIZE]);

#endif
