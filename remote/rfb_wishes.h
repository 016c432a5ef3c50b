/* What a client's last SetEncodings named. Sources: RFC 6143 section 7.7, the community's rfbproto
 * and IANA's list of RFB's encodings. */
#ifndef REMOTE_RFB_WISHES_H
#define REMOTE_RFB_WISHES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rfb_encoding {
	RFB_ENCODING_RAW = 0,
	RFB_ENCODING_HEXTILE = 5,
	RFB_ENCODING_TIGHT = 7,
	RFB_ENCODING_ZRLE = 16,
	RFB_PSEUDO_DESKTOP_SIZE = -223,
	RFB_PSEUDO_LAST_RECT = -224,
	RFB_PSEUDO_POINTER_POSITION = -232,
	RFB_PSEUDO_CURSOR = -239,
	RFB_PSEUDO_COMPRESSION_0 = -256, /* to -247 */
	RFB_PSEUDO_QUALITY_0 = -32, /* to -23 */
	RFB_PSEUDO_EXTENDED_KEYS = -258,
	RFB_PSEUDO_AUDIO = -259,
	RFB_PSEUDO_LEDS = -261,
	RFB_PSEUDO_EXTENDED_DESKTOP_SIZE = -308,
	RFB_PSEUDO_FENCE = -312,
	RFB_PSEUDO_CONTINUOUS_UPDATES = -313,
	RFB_PSEUDO_ALPHA_CURSOR = -314,
	RFB_PSEUDO_MOUSE_BUTTONS = -316,
	RFB_PSEUDO_CLIPBOARD = (int32_t)0xc0a1e5ce,
};

struct rfb_wishes {
	enum rfb_encoding encoding; /* of pictures: the first that we have, else raw */
	int compression; /* 0 to 9; -1: not said */
	int quality; /* of JPEG, 0 to 9; -1: no loss is wanted */
	bool desktop_size, extended_desktop_size;
	bool cursor, alpha_cursor, pointer_position;
	bool last_rect;
	bool extended_keys, leds, mouse_buttons;
	bool fence, continuous_updates;
	bool clipboard, audio;
};

/* `bytes`: `count` encodings of four bytes, the client's favourites first. */
void rfb_wishes_read(struct rfb_wishes *wishes, const uint8_t *bytes, size_t count);

#endif
