/* Touch screens. What knows no touch gets the first finger as the pointer's left button. */
#ifndef INPUT_TOUCH_H
#define INPUT_TOUCH_H

struct console;
struct seat;
struct touch;
struct wlr_cursor;

/* Events come through the pointer's aggregate of devices. */
struct touch *touch_create(struct seat *seat);
void touch_destroy(struct touch *touch);
void touch_forget_console(struct touch *touch, struct console *console);
void touch_cancel(struct touch *touch); /* all fingers */

#endif
