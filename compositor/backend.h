/* Backend, renderer and allocator, chosen by the options and by what the machine has. */
#ifndef COMPOSITOR_BACKEND_H
#define COMPOSITOR_BACKEND_H

#include <stdbool.h>

struct server;
struct options;

/* Sets server->backend, headless, session, renderer and allocator; false after a log line. What was
 * set until then is destroyed by the caller. */
bool backend_init(struct server *server, const struct options *options);

/* Waits until what was drawn is in memory, where the renderer is GLES2 on the processor (llvmpipe):
 * that draws in threads which no fence of the kernel knows of, and a screen would show half of it.
 * Does nothing for others. */
void backend_finish_drawing(struct server *server);

/* After the renderer was lost (a GPU reset): a new renderer and allocator for all outputs. */
bool backend_renew_renderer(struct server *server);

#endif
