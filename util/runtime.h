/* The runtime folder, where sockets, locks and the saved layout lie: BASE/mullion, where BASE is
 * $XDG_RUNTIME_DIR, else /run/user/UID, else /tmp/mullion-UID. */
#ifndef UTIL_RUNTIME_H
#define UTIL_RUNTIME_H

#include <stdbool.h>

/* BASE: what XDG_RUNTIME_DIR is or should be. Freed by the caller; NULL after a log line. */
char *runtime_base(void);

/* Makes the folder (mode 0700, owned by us; refuses one that isn't) and returns its absolute path,
 * to be freed by the caller; NULL after a log line. */
char *runtime_folder(void);

/* Makes FOLDER/NAME likewise; NULL after a log line. */
char *runtime_subfolder(const char *folder, const char *name);

/* Writes `text` to `path` so that a reader sees the old or the new content, never a part. */
bool write_file_atomically(const char *path, const char *text);

#endif
