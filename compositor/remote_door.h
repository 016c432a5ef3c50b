/* Where remote servers find us that run as another user, because we are root: a runtime folder of
 * that user's in /run, with a control socket that does only what servers need. */
#ifndef COMPOSITOR_REMOTE_DOOR_H
#define COMPOSITOR_REMOTE_DOOR_H

struct remote_door;
struct server;

/* NULL with *error allocated. The same server's folder is the same again after a crash. */
struct remote_door *remote_door_create(struct server *server, const char *user, char **error);
/* Removes the folder. NULL is legal. */
void remote_door_destroy(struct remote_door *door);

const char *remote_door_folder(const struct remote_door *door); /* for XDG_RUNTIME_DIR */

#endif
