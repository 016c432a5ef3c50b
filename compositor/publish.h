/* Publishing the desktop: each output as a Display1 console of its own and as one of the whole
 * desktop's, with input through the seat. (Guests: guest_console.h.) */
#ifndef COMPOSITOR_PUBLISH_H
#define COMPOSITOR_PUBLISH_H

struct cursor_image;
struct publish;
struct publisher;
struct server;

struct publish *publish_create(struct server *server);
void publish_destroy(struct publish *publish); /* before the outputs; NULL is legal */

/* What shows `target`: "desktop", "output:NAME" or "guest:NAME"; NULL with *error allocated. */
struct publisher *publish_find(struct publish *publish, const char *target, char **error);
/* A connection to it; -1 with *error allocated. */
int publish_open(struct publish *publish, const char *target, unsigned int rights, char **error);

/* The cursor, for all published outputs. NULL is legal: the desktop is being taken apart. */
void publish_cursor_image(struct publish *publish, struct cursor_image *image);
void publish_cursor_position(struct publish *publish, double lx, double ly);

#endif
