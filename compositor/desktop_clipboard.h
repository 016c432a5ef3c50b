/* The desktop's clipboard: the seat's selection, as text, shared with those who control the
 * published desktop, and on the user's keys with guests (guest_clipboard.h). The selection is only
 * read while somebody remote shares it, or when a key asks for it. */
#ifndef COMPOSITOR_DESKTOP_CLIPBOARD_H
#define COMPOSITOR_DESKTOP_CLIPBOARD_H

#include <stdbool.h>
#include <stddef.h>

#include "compositor/text_pipe.h"

#define DESKTOP_CLIPBOARD_WRITERS_MAX 16 /* clients that are being given our text */

struct desktop_clipboard;
struct publisher;
struct server;

/* After the seat. */
struct desktop_clipboard *desktop_clipboard_create(struct server *server);
void desktop_clipboard_destroy(
	struct desktop_clipboard *clipboard); /* before the seat; NULL is legal */
void desktop_clipboard_publish(struct desktop_clipboard *clipboard, struct publisher *publisher);

/* A new selection; `text` is copied. */
void desktop_clipboard_set(struct desktop_clipboard *clipboard, const char *text, size_t size);
/* Calls back once, perhaps from within; NULL text: there is none, or it can't be had. A second call
 * takes the place of the first. */
void desktop_clipboard_get(struct desktop_clipboard *clipboard, text_pipe_done done, void *data);
void desktop_clipboard_cancel(struct desktop_clipboard *clipboard, void *data);
/* Ends a selection that desktop_clipboard_set made; others are their clients'. */
void desktop_clipboard_wipe(struct desktop_clipboard *clipboard);

#endif
