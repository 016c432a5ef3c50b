/* What of mullion-spice doesn't face the network: it starts the session (again, when it dies),
 * lets clients in, reads the password, and asks mullion for displays. */
#ifndef REMOTE_SPICE_KEEPER_H
#define REMOTE_SPICE_KEEPER_H

#include <systemd/sd-event.h>

struct display_opener;
struct spice_keeper;
struct spice_options;

#define SPICE_RETURN_SECONDS 10 /* clients keep the last picture for so long */

/* All must stay; `password_file` is NULL if no password is asked for. Says on standard output where
 * it listens, once clients may come. NULL after a log line. The loop ends with status 1 if the
 * session can't be made. */
struct spice_keeper *spice_keeper_create(sd_event *event, const struct spice_options *options,
	const char *runtime, const char *password_file, struct display_opener *opener);
/* Ends the session. NULL is legal. */
void spice_keeper_destroy(struct spice_keeper *keeper);

#endif
