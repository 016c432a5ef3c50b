/* What a session gives up, for good. */
#ifndef REMOTE_SANDBOX_H
#define REMOTE_SANDBOX_H

#include <stdbool.h>

/* Before the first byte from the network: no new privileges, no programs, processes, sockets to
 * elsewhere or debugging; files can be opened for reading only, and only the keyboard layouts where
 * the kernel has Landlock. Before any other thread is started. False after a log line. */
bool sandbox_enter(void);
/* After the handshake: no files at all. False after a log line. */
bool sandbox_close(void);

#endif
