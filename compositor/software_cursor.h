/* The cursor of an output that has no plane for it, painted into the picture: after the output's
 * mirror has taken that, because published pictures hold none. */
#ifndef COMPOSITOR_SOFTWARE_CURSOR_H
#define COMPOSITOR_SOFTWARE_CURSOR_H

#include <stdbool.h>

struct output;

/* True while the output's picture would be published with a cursor. */
bool software_cursor_is_in_the_way(const struct output *output);

/* Composes the scene, lets the mirror take it, paints the cursors and commits. */
bool software_cursor_commit(struct output *output);

#endif
