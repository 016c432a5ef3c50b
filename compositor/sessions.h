/* The sessions of remote servers: who sees what from where. */
#ifndef COMPOSITOR_SESSIONS_H
#define COMPOSITOR_SESSIONS_H

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "control/control.h"

#define SESSIONS_MAX 256
#define SESSIONS_RENEWAL 5000000 /* us, for a session whose connection mullion ended */

struct server;
struct sessions;

struct sessions *sessions_create(struct server *server);
void sessions_destroy(struct sessions *sessions); /* hangs up; NULL is legal */

/* A connection to the session's target, and its id; -1 with *error allocated. */
int sessions_open(struct sessions *sessions, const struct control_session *info,
	char id[CONTROL_SESSION_ID_SIZE], char **error);
/* Ends a session so that it can't be renewed. */
bool sessions_kick(struct sessions *sessions, const char *id, char **error);
/* Appends what ListSessions says to an open array. */
void sessions_list(struct sessions *sessions, sd_bus_message *reply);
/* Of the server of that name. */
unsigned int sessions_count(const struct sessions *sessions, const char *server);

#endif
