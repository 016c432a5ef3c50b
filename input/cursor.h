/* The cursor: which image it has, and the drawing of it on real outputs. */
#ifndef INPUT_CURSOR_H
#define INPUT_CURSOR_H

#include "input/seat.h"

struct cursor;

struct cursor *cursor_create(struct seat *seat);
void cursor_destroy(struct cursor *cursor);
void cursor_configure(struct cursor *cursor);
struct wlr_cursor *cursor_wlr(struct cursor *cursor); /* for its events */
/* False if no output shows a cursor of its own. */
bool cursor_output_center(const struct cursor *cursor, double *lx, double *ly);

void cursor_show_name(struct cursor *cursor, const char *name); /* XCursor; a literal */
/* What the client of the surface under the pointer wants; XCursor's default until it says so. */
void cursor_show_client(struct cursor *cursor, struct wl_client *client);
void cursor_show_console(struct cursor *cursor, struct console *console);
void cursor_hide(struct cursor *cursor);

void cursor_move(struct cursor *cursor, double lx, double ly);
void cursor_follow_layout(struct cursor *cursor);
void cursor_console_changed(struct cursor *cursor, struct console *console);
void cursor_forget_console(struct cursor *cursor, struct console *console);

#endif
