/* The part of a sandbox that says which files there are. */
#ifndef REMOTE_SANDBOX_FILES_H
#define REMOTE_SANDBOX_FILES_H

#include <stdbool.h>

/* From now on this thread, and those that it starts, see the files below these folders only, to be
 * read. `folders` ends with NULL; one that isn't there is skipped. A kernel without Landlock
 * (before 5.13, or with it off) leaves all as it is; false if it has it and refuses. */
bool sandbox_limit_files(const char *const *folders);
/* Does this kernel have it? */
bool sandbox_can_limit_files(void);

#endif
