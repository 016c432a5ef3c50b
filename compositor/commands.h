/* What the control bus can do here: the compositor's side of control/control.h. */
#ifndef COMPOSITOR_COMMANDS_H
#define COMPOSITOR_COMMANDS_H

#include <stdbool.h>
#include <sys/types.h>

struct commands;
struct server;

struct commands *commands_create(struct server *server); /* NULL after a log line */
void commands_destroy(struct commands *commands); /* NULL is legal */

/* See control_open_door. */
bool commands_open_door(struct commands *commands, const char *folder, uid_t user);

/* See control_emit; legal before there is a control bus (NULL). */
void commands_emit(
	struct commands *commands, const char *kind, const char *object, const char *detail);

#endif
