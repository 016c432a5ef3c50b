/* A keyboard layout in a file in memory: the listener makes it of XKB's files, which a session, who
 * has the file, can't open. */
#ifndef REMOTE_LAYOUT_FILE_H
#define REMOTE_LAYOUT_FILE_H

#define LAYOUT_FILE_MAX (1 << 20) /* bytes; those of XKB's have some 60 KiB */

struct layout;

/* Of that layout, or else "us"; -1 after a log line. */
int layout_file_make(const char *name);
/* Takes `fd`. NULL after a log line. */
struct layout *layout_file_read(int fd);

#endif
