/* One end of org.qemu.Display1.Clipboard on a display's connection: text only, of CLIPBOARD_MAX
 * bytes at most, in UTF-8. What we offer is held here until it is released or another offer takes
 * its place; what the peer has is asked for when somebody wants it.
 *
 * Selections other than the clipboard (primary, secondary) are refused. No call blocks, and the
 * peer's requests are answered at once: QEMU's main loop waits for the answer. */
#ifndef VM_DISPLAY_CLIPBOARD_H
#define VM_DISPLAY_CLIPBOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-bus.h>

#define CLIPBOARD_MAX 65536 /* bytes */

struct clipboard;
struct display_client;

struct clipboard_impl { /* each may be NULL */
	void (*registered)(void *data, bool registered); /* of a server's end: the peer (un)did */
	/* The peer has another text, or none any more. */
	void (*grabbed)(void *data, bool has_text);
	void (*taken)(void *data); /* the peer has got what we offer */
};

/* The client's end: registers itself, in the place of one that went without a word. When the
 * display is ready; destroyed before it is. NULL after a log line. */
struct clipboard *clipboard_create(
	struct display_client *display, const struct clipboard_impl *impl, void *data);
/* The server's end, on a connection that begins. */
struct clipboard *clipboard_create_server(
	sd_bus *bus, const struct clipboard_impl *impl, void *data);
void clipboard_destroy(struct clipboard *clipboard); /* NULL is legal; silent */

/* `text` is copied, and wiped when it isn't needed any more; longer ones aren't offered. */
void clipboard_offer(struct clipboard *clipboard, const char *text, size_t size);
void clipboard_release(struct clipboard *clipboard);
/* Wipes the text here, after the peer has taken it and keeps it. */
void clipboard_forget(struct clipboard *clipboard);
/* This text; any text if it is NULL. */
bool clipboard_offers(const struct clipboard *clipboard, const char *text, size_t size);

/* Asks for the peer's text; `done` gets it once, NULL if there is none, it is too long or isn't
 * UTF-8. A second question takes the place of the first, which isn't answered then. */
void clipboard_ask(struct clipboard *clipboard,
	void (*done)(void *data, const char *text, size_t size), void *data);
bool clipboard_peer_has_text(const struct clipboard *clipboard);

/* Right UTF-8, without NULs, overlong forms and surrogates. */
bool clipboard_is_text(const char *bytes, size_t size);

#endif
