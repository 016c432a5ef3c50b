/* What must survive the compositor's death: outputs that were made, layouts, views' places,
 * opacity, order, focus of guests, and the guests' files. Kept as JSON in the runtime folder,
 * written after each change, read at the next start. */
#ifndef COMPOSITOR_STATE_H
#define COMPOSITOR_STATE_H

#include <stdbool.h>

#include "compositor/layout.h"

struct control_output_change;
struct output;
struct server;
struct state;
struct view;

struct state *state_create(struct server *server);
void state_destroy(struct state *state); /* NULL is legal */

/* Something that is kept changed: written soon, once for many. */
void state_changed(struct state *state);
/* Writes what is due and nothing from here on: the desktop is being taken apart. NULL is legal. */
void state_freeze(struct state *state);
/* The guests were stopped with the desktop: the next one starts afresh. */
void state_forget(struct state *state);

/* Of the last session. */
enum layout_mode state_output_layout(
	const struct state *state, const char *output, enum layout_mode otherwise);
void state_restore_outputs(struct state *state);
/* Once for each time that it was saved or remembered; false if it wasn't there. */
bool state_restore_output(
	struct state *state, const char *name, struct control_output_change *change);
/* It is being unplugged, and may come back within this session. */
void state_remember_output(struct state *state, const struct output *output);
void state_restore_guests(struct state *state);
bool state_guest_was_known(const struct state *state, const char *guest);
/* The following know guests' views only: windows are others after a new start. Sets opacity, free
 * box and home, once; false if the view wasn't there. */
bool state_restore_view(struct state *state, struct view *view);
/* -1: it wasn't there */
int state_view_place(const struct state *state, const struct view *view);
/* 0 had the focus last, 1 before that …; INT_MAX: unknown. */
int state_view_recency(const struct state *state, const struct view *view);

#endif
