/* A QEMU process, or one that stands for it, for a test, with its QMP socket; blocking calls, for
 * the test's own thread. */
#ifndef TESTS_VM_DISPLAY_QEMU_H
#define TESTS_VM_DISPLAY_QEMU_H

#include <sys/types.h>

struct qemu {
	pid_t pid;
	int qmp;
};

/* `arguments` are added to those that every test needs; NULL ends them. Ends the test if QEMU
 * doesn't come up. */
void qemu_start(struct qemu *qemu, const char *program, const char *const *arguments);
/* One command as JSON text with its newline; ends the test if it is refused. */
void qemu_execute(struct qemu *qemu, const char *command);
void qemu_stop(struct qemu *qemu);

/* Opens a Display1 connection; ours is returned. */
int qemu_open_display(struct qemu *qemu);

#endif
