/* Which view lies above which: dialogs above their parents, floating views above tiled ones; and
 * whose frames lie above the popups of windows. */
#ifndef COMPOSITOR_STACK_H
#define COMPOSITOR_STACK_H

struct desktop;
struct view;

/* With what belongs to it, by the order of focus. */
void stack_raise(struct desktop *desktop, struct view *view);

/* After views moved, came, went or were raised. A guest's frame that no other view overlaps is put
 * above all popups, so that none covers it. */
void stack_update_frames(struct desktop *desktop);

#endif
