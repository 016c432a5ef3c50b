/* What a session gives up, for good. */
#ifndef REMOTE_SANDBOX_H
#define REMOTE_SANDBOX_H

#include <stdbool.h>

/* Before the first byte from the network: no new privileges, no programs, processes, sockets to
 * elsewhere, debugging or files (the private key is one of them), no hand on other processes or on
 * the terminal. False after a log line. */
bool sandbox_enter(void);

#endif
