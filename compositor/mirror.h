/* The mirror of an output: memory of our own that listeners map, into which only damage is copied,
 * and only while somebody listens. Its picture is upright and holds no cursor. */
#ifndef COMPOSITOR_MIRROR_H
#define COMPOSITOR_MIRROR_H

#include <stdbool.h>
#include <wlr/types/wlr_output.h>

#include "vm-display/screen.h"

struct output;

struct mirror {
	struct output *output;
	struct screen screen; /* px of the output, upright */
	struct frame *frame; /* NULL while nobody listens */
	unsigned int listeners; /* consoles of publishers that somebody listens to */
};

struct mirror *mirror_create(struct output *output);
void mirror_destroy(struct mirror *mirror); /* NULL is legal */

/* Counts the published consoles of this mirror that have listeners; the first one brings a whole
 * new picture. */
void mirror_add_listener(struct mirror *mirror);
void mirror_remove_listener(struct mirror *mirror);

/* After a commit: takes over what it changed. */
void mirror_commit(struct mirror *mirror, const struct wlr_output_state *state);

#endif
