#include "remote/rfb_wishes.h"

/* NULL: it isn't one that says just yes. */
static bool *find_flag(struct rfb_wishes *wishes, int32_t encoding) {
	switch (encoding) {
	case RFB_PSEUDO_DESKTOP_SIZE:
		return &wishes->desktop_size;
	case RFB_PSEUDO_EXTENDED_DESKTOP_SIZE:
		return &wishes->extended_desktop_size;
	case RFB_PSEUDO_CURSOR:
		return &wishes->cursor;
	case RFB_PSEUDO_ALPHA_CURSOR:
		return &wishes->alpha_cursor;
	case RFB_PSEUDO_POINTER_POSITION:
		return &wishes->pointer_position;
	case RFB_PSEUDO_LAST_RECT:
		return &wishes->last_rect;
	case RFB_PSEUDO_EXTENDED_KEYS:
		return &wishes->extended_keys;
	case RFB_PSEUDO_LEDS:
		return &wishes->leds;
	case RFB_PSEUDO_MOUSE_BUTTONS:
		return &wishes->mouse_buttons;
	case RFB_PSEUDO_FENCE:
		return &wishes->fence;
	case RFB_PSEUDO_CONTINUOUS_UPDATES:
		return &wishes->continuous_updates;
	case RFB_PSEUDO_AUDIO:
		return &wishes->audio;
	case RFB_PSEUDO_CLIPBOARD:
		return &wishes->clipboard;
	default:
		return NULL;
	}
}

static bool is_picture(int32_t encoding) {
	return encoding == RFB_ENCODING_RAW || encoding == RFB_ENCODING_HEXTILE ||
		encoding == RFB_ENCODING_TIGHT || encoding == RFB_ENCODING_ZRLE;
}

static void read_one(struct rfb_wishes *wishes, int32_t encoding, bool *has_picture) {
	bool *flag = find_flag(wishes, encoding);
	if (flag) {
		*flag = true;
	} else if (encoding >= RFB_PSEUDO_COMPRESSION_0 &&
		encoding < RFB_PSEUDO_COMPRESSION_0 + 10) {
		wishes->compression = encoding - RFB_PSEUDO_COMPRESSION_0;
	} else if (encoding >= RFB_PSEUDO_QUALITY_0 && encoding < RFB_PSEUDO_QUALITY_0 + 10) {
		wishes->quality = encoding - RFB_PSEUDO_QUALITY_0;
	} else if (is_picture(encoding) && !*has_picture) {
		wishes->encoding = encoding;
		*has_picture = true;
	}
}

void rfb_wishes_read(struct rfb_wishes *wishes, const uint8_t *bytes, size_t count) {
	bool has_picture = false;
	*wishes =
		(struct rfb_wishes){.encoding = RFB_ENCODING_RAW, .compression = -1, .quality = -1};
	for (size_t i = 0; i < count; i++, bytes += 4) {
		uint32_t word = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
			(uint32_t)bytes[2] << 8 | bytes[3];
		read_one(wishes, (int32_t)word, &has_picture);
	}
}
