/* Bindings: combinations of keys, or a modifier with the wheel, that the compositor takes before
 * any guest or client sees them. */
#ifndef INPUT_BINDING_H
#define INPUT_BINDING_H

#include <stdbool.h>
#include <sys/queue.h>

#include "keys/combo.h"

enum binding_action {
	BINDING_FOCUS, /* argument: 1…9, the view of that number: focus and show it */
	BINDING_NEXT,
	BINDING_PREVIOUS,
	BINDING_LAYOUT, /* argument: grid, single, free, or "toggle-single" */
	BINDING_CLOSE,
	BINDING_LEAVE, /* ends mullion; the guests go on */
	BINDING_OPACITY, /* argument: a step, "+0.05", or a value, "0.5" */
	BINDING_EXEC, /* argument: a command line for sh -c */
	BINDING_RELEASE_POINTER,
	BINDING_SEND_KEYS, /* argument: a combination that the focused view gets */
	BINDING_RELOAD,
	BINDING_COPY, /* the focused guest's clipboard to the desktop's */
	BINDING_PASTE, /* and the other way */
	BINDING_FOCUS_OUTPUT, /* argument: next, previous, left, right, up, down, or its name */
	BINDING_MOVE_TO_OUTPUT, /* likewise; the focused view */
	BINDING_NONE, /* takes a default away */
};

struct binding {
	struct combo combo;
	enum binding_action action;
	char *argument; /* NULL where the action takes none */
	TAILQ_ENTRY(binding) link;
};
TAILQ_HEAD(binding_list, binding);

void binding_list_init(struct binding_list *list); /* empty */
void binding_list_finish(struct binding_list *list);
/* mod+1…9 focus, mod+Tab next, mod+shift+Tab previous, mod+f toggle-single, mod+g grid, mod+q
 * close, mod+o focus-output next, mod+shift+o move-to-output next, mod+shift+e leave, mod+wheel
 * opacity, mod+Escape release-pointer. */
void binding_list_add_defaults(struct binding_list *list, unsigned int mod);
/* Adds or replaces "combo = action [argument]"; "none" removes. False with *error (a static
 * string). Actions are written like the enumeration: focus, next, previous, layout, focus-output,
 * move-to-output, close, leave, opacity, exec, release-pointer, send-keys, reload. */
bool binding_list_set(struct binding_list *list, const char *combo, const char *action,
	unsigned int mod, const char **error);
const struct binding *binding_list_find(
	const struct binding_list *list, unsigned int modifiers, uint32_t keysym, int wheel);

#endif
