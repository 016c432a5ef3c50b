/* The remote servers of the configuration: started, watched, started again, stopped. They are
 * processes of their own (mullion-vnc and the like), which find us by our control socket. One that
 * a mullion left behind when it crashed is taken over: its clients go on. */
#ifndef COMPOSITOR_REMOTES_H
#define COMPOSITOR_REMOTES_H

#include <stdbool.h>
#include <systemd/sd-bus.h>

#define REMOTES_FOLDER "remotes" /* in the runtime folder: a folder for each server */
#define REMOTES_DELAY_MAX 5000000 /* us, before a server that keeps ending is started again */
#define REMOTES_STABLE 10000000 /* us that one has to live for the next delay to be none */
#define REMOTES_STOP_MAX 3000000 /* us from SIGTERM to SIGKILL */

struct remotes;
struct server;

struct remotes *remotes_create(struct server *server);
void remotes_destroy(struct remotes *remotes); /* ends the servers; NULL is legal */

/* Makes what runs agree with the configuration; servers whose section is as it was go on. */
void remotes_configure(struct remotes *remotes);

bool remotes_start(struct remotes *remotes, const char *name, char **error);
bool remotes_stop(struct remotes *remotes, const char *name, char **error);
/* Appends what ListRemotes says to an open array. */
void remotes_list(struct remotes *remotes, sd_bus_message *reply);

#endif
