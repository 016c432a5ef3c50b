/* Sees whether the file descriptors that a D-Bus peer passes are closed again. sd-bus (of
 * libsystemd 252 and 257) drops an invalid message without a word, and forgets what came with it: a
 * hostile peer could fill our table. */
#ifndef VM_DISPLAY_FD_CHECK_H
#define VM_DISPLAY_FD_CHECK_H

#include <stdbool.h>

struct fd_check {
	int lowest; /* the number that was free before the step */
	int held; /* the lowest of those that the bus has read and not handed out; -1: none */
	int reads; /* that brought some; honest peers send them with a message's begin */
	bool handled; /* to be set when the bus hands out a message, which it closes afterwards */
};

void fd_check_init(struct fd_check *check);
/* Before a step in which the bus reads and handles one message at most, or a part of one. `any` is
 * an open file descriptor. */
void fd_check_begin(struct fd_check *check, int any);
/* After it. False if some are lost. */
bool fd_check_end(struct fd_check *check);

#endif
