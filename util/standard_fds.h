/* The descriptors 0 to 2. */
#ifndef UTIL_STANDARD_FDS_H
#define UTIL_STANDARD_FDS_H

#include <stdbool.h>

/* Opens /dev/null for those that whoever started us has closed, so that nothing else gets their
 * numbers, and our log lines; the first thing that main does. False if that fails. */
bool standard_fds_open(void);

#endif
