/* What libvncserver lacks and lets one add: QEMU's extended key events and LED states, and the
 * cursor with alpha. Source: the community's rfbproto. */
#ifndef REMOTE_RFB_EXTENSIONS_H
#define REMOTE_RFB_EXTENSIONS_H

#include <rfb/rfb.h>
#include <stdbool.h>
#include <stdint.h>

enum rfb_pseudo_encoding {
	RFB_PSEUDO_CURSOR = -239,
	RFB_PSEUDO_EXTENDED_KEYS = -258,
	RFB_PSEUDO_LEDS = -261,
	RFB_PSEUDO_ALPHA_CURSOR = -314,
};

/* What the client's last SetEncodings named. */
struct rfb_wishes {
	bool extended_keys;
	bool leds;
	bool alpha_cursor;
};

struct rfb_extensions {
	struct rfb_wishes wishes;
	void (*qnum)(void *data, uint32_t qnum, bool pressed);
	void *data;
};

/* To be called before the client is made; `screen->screenData` stays the caller's. `extensions`
 * must stay; one per process. */
void rfb_extensions_register(struct rfb_extensions *extensions);

/* To be called before a client is given back to the library, which forgets to free these. */
void rfb_extensions_release(rfbClientPtr client);

/* Sends an update of one rectangle. False if the client is gone. */
bool rfb_send_rectangle(rfbClientPtr client, const rfbRectangle *rectangle, int32_t encoding,
	const void *payload, size_t size);

#endif
