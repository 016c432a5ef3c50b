/* Which view lies above which: dialogs above their parents, floating views above tiled ones, and
 * guests above the popups of windows. */
#ifndef COMPOSITOR_STACK_H
#define COMPOSITOR_STACK_H

struct desktop;
struct view;

/* With what belongs to it, by the order of focus. */
void stack_raise(struct desktop *desktop, struct view *view);

/* After views moved, came, went or were raised. A guest's view that no other one overlaps lies
 * above the popups of windows, so that these can neither cover nor imitate it. */
void stack_update(struct desktop *desktop);

#endif
