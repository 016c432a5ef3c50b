/* The clipboard of a publisher: org.qemu.Display1.Clipboard on each connection that may control it.
 * What one of them offers is told to the owner and to the others; what the owner offers, to all. */
#ifndef VM_DISPLAY_PUBLISHED_CLIPBOARD_H
#define VM_DISPLAY_PUBLISHED_CLIPBOARD_H

#include "vm-display/clipboard.h"
#include "vm-display/publisher.h"

struct published_clipboard;

struct published_clipboard_impl { /* each may be NULL */
	/* A connection has another text. */
	void (*text)(void *data, const char *text, size_t size);
	/* Somebody takes part from now on, who wants to be offered what there is; or (false) nobody
	 * does any more. */
	void (*sharing)(void *data, bool anybody);
	/* With its publisher; nothing is called any more. */
	void (*destroyed)(void *data);
};

/* Before the publisher has connections; the publisher destroys it. */
struct published_clipboard *publisher_add_clipboard(
	struct publisher *publisher, const struct published_clipboard_impl *impl, void *data);

/* To all who take part now; NULL text: there is none any more. */
void published_clipboard_offer(
	struct published_clipboard *clipboard, const char *text, size_t size);

#endif
