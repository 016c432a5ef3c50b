/* Backend, renderer and allocator, chosen by the options and by what the machine has. */
#ifndef COMPOSITOR_BACKEND_H
#define COMPOSITOR_BACKEND_H

#include <stdbool.h>

struct server;
struct options;

/* Sets server->backend, headless, session, renderer and allocator; false after a log line. What was
 * set until then is destroyed by the caller. */
bool backend_init(struct server *server, const struct options *options);

/* After the renderer was lost (a GPU reset): a new renderer and allocator for all outputs. */
bool backend_renew_renderer(struct server *server);

#endif
