#include "remote/rfb_extensions.h"

#include <stddef.h>
#include <stdlib.h>

#define QEMU_MESSAGE 255
#define KEY_EVENT_SIZE 12 /* bytes */

static struct rfb_extensions *registered; /* the library's registry is global as well */

static rfbBool enable(rfbClientPtr client, void **data, int encoding) {
	struct rfb_wishes *wishes = &registered->wishes;
	switch (encoding) {
	case RFB_PSEUDO_EXTENDED_KEYS:
		wishes->extended_keys = true;
		return TRUE;
	case RFB_PSEUDO_LEDS:
		wishes->leds = true;
		return TRUE;
	case RFB_PSEUDO_ALPHA_CURSOR:
		wishes->alpha_cursor = true;
		return TRUE;
	default:
		return FALSE;
	}
}

static rfbBool start(rfbClientPtr client, void **data) {
	return TRUE;
}

static uint32_t read_u32(const uint8_t *bytes) {
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
		bytes[3];
}

/* The whole message is there (rfb_message.h). */
static rfbBool handle_message(
	rfbClientPtr client, void *data, const rfbClientToServerMsg *message) {
	uint8_t rest[KEY_EVENT_SIZE - 1];
	if (message->type != QEMU_MESSAGE) {
		return FALSE;
	}
	if (rfbReadExact(client, (char *)rest, sizeof(rest)) <= 0) {
		rfbCloseClient(client);
		return TRUE;
	}
	bool pressed = rest[1] != 0 || rest[2] != 0;
	uint32_t keysym = read_u32(rest + 3), qnum = read_u32(rest + 7);
	if (client->viewOnly) {
		return TRUE;
	}
	if (qnum > 0 && qnum < 256) {
		registered->qnum(registered->data, qnum, pressed);
	} else {
		client->screen->kbdAddEvent(pressed, keysym, client);
	}
	return TRUE;
}

static int pseudo_encodings[] = {
	RFB_PSEUDO_EXTENDED_KEYS, RFB_PSEUDO_LEDS, RFB_PSEUDO_ALPHA_CURSOR, 0};

static rfbProtocolExtension extension = {
	.newClient = start,
	.pseudoEncodings = pseudo_encodings,
	.enablePseudoEncoding = enable,
	.handleMessage = handle_message,
};

void rfb_extensions_register(struct rfb_extensions *extensions) {
	registered = extensions;
	rfbRegisterProtocolExtension(&extension);
}

void rfb_extensions_release(rfbClientPtr client) {
	while (client->extensions) {
		rfbExtensionData *data = client->extensions;
		client->extensions = data->next;
		free(data);
	}
}

bool rfb_send_rectangle(rfbClientPtr client, const rfbRectangle *rectangle, int32_t encoding,
	const void *payload, size_t size) {
	uint32_t word = encoding;
	const uint8_t head[] = {0, 0, 0, 1, rectangle->x >> 8, rectangle->x, rectangle->y >> 8,
		rectangle->y, rectangle->w >> 8, rectangle->w, rectangle->h >> 8, rectangle->h,
		word >> 24, word >> 16, word >> 8, word};
	return rfbWriteExact(client, (const char *)head, sizeof(head)) > 0 &&
		(size == 0 || rfbWriteExact(client, payload, size) > 0);
}
