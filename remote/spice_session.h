/* The process in which spice-server runs, with nothing but its clients' sockets, the picture, and
 * the channel to the keeper. */
#ifndef REMOTE_SPICE_SESSION_H
#define REMOTE_SPICE_SESSION_H

struct spice_options;

#define SPICE_SESSION_UNUSABLE 3 /* exit status: starting it again won't help */

/* Runs in a child process; takes `channel` (spice_note.h). `runtime` is mullion's folder. Returns
 * the exit status. */
int spice_session_run(const struct spice_options *options, const char *runtime, int channel);

#endif
