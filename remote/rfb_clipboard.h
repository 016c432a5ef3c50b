/* Text between the clipboards, as UTF-8 with plain line feeds: by the extended clipboard where the
 * client has it, else in Latin-1. Sources: RFC 6143 sections 7.5.6 and 7.6.4, the community's
 * rfbproto (Extended Clipboard). */
#ifndef REMOTE_RFB_CLIPBOARD_H
#define REMOTE_RFB_CLIPBOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RFB_CLIPBOARD_MAX (64 * 1024) /* bytes of text, both ways; longer ones are dropped */

struct rfb_buffer;

struct rfb_clipboard {
	void (*got_text)(void *data, const char *text); /* the client copied it */
	void *data;
	bool is_extended; /* the client was told that it may */
	bool can_notify; /* the client takes a notice, and asks then */
	char *text; /* ours; NULL: none */
};

void rfb_clipboard_finish(struct rfb_clipboard *clipboard);

/* The client has the extended clipboard: tells it what we do. */
void rfb_clipboard_offer(struct rfb_clipboard *clipboard, struct rfb_buffer *out);

/* A whole ClientCutText. False, with the reason in *why (a static string), if it breaks the
 * protocol. */
bool rfb_clipboard_handle(struct rfb_clipboard *clipboard, const uint8_t *message, size_t count,
	struct rfb_buffer *out, const char **why);

/* Ours has another text; NULL: none. */
void rfb_clipboard_set_text(
	struct rfb_clipboard *clipboard, const char *text, struct rfb_buffer *out);

#endif
