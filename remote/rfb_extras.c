#include "remote/rfb_extras.h"

#include <stdlib.h>

#include "remote/picture.h"
#include "remote/rfb_buffer.h"
#include "remote/rfb_cursor.h"
#include "vm-display/screen.h"

#define SCREEN_ID 1 /* libvncclient takes 0 for none */

static const rfbRectangle something = {0, 0, 1, 1};

void rfb_extras_init(struct rfb_extras *extras, const struct picture *picture) {
	*extras = (struct rfb_extras){.picture = picture};
}

void rfb_extras_finish(struct rfb_extras *extras) {
	cursor_image_unref(extras->cursor);
	extras->cursor = NULL;
}

void rfb_extras_restart(struct rfb_extras *extras) {
	extras->cursor_is_new = true;
	extras->leds_are_new = true;
	extras->keys_are_new = true;
	extras->buttons_are_new = true;
	extras->audio_is_new = true;
}

void rfb_extras_set_cursor(struct rfb_extras *extras, struct cursor_image *cursor) {
	cursor_image_ref(cursor);
	cursor_image_unref(extras->cursor);
	extras->cursor = cursor;
	extras->cursor_is_new = true;
}

void rfb_extras_move_pointer(struct rfb_extras *extras, int x, int y) {
	if (x != extras->pointer_x || y != extras->pointer_y) {
		extras->pointer_x = x;
		extras->pointer_y = y;
		extras->pointer_is_new = true;
	}
}

void rfb_extras_set_leds(struct rfb_extras *extras, uint32_t leds) {
	if (leds != extras->leds) {
		extras->leds = leds;
		extras->leds_are_new = true;
	}
}

struct writer {
	struct rfb_extras *extras;
	const struct rfb_wishes *wishes;
	struct rfb_buffer *out;
	unsigned int count; /* of rectangles */
};

static void add_one(struct writer *writer, const rfbRectangle *area, int32_t encoding) {
	rfb_buffer_add_rectangle(writer->out, area, encoding);
	writer->count++;
}

/* One screen that is all of it. */
static void add_extended_size(struct writer *writer, int reason, int status) {
	const struct picture *picture = writer->extras->picture;
	rfbRectangle area = {reason, status, picture->width, picture->height};
	add_one(writer, &area, RFB_PSEUDO_EXTENDED_DESKTOP_SIZE);
	rfb_buffer_add_u32(writer->out, 1u << 24); /* one, and padding */
	rfb_buffer_add_u32(writer->out, SCREEN_ID);
	rfb_buffer_add_u32(writer->out, 0); /* where it is */
	rfb_buffer_add_u16(writer->out, picture->width);
	rfb_buffer_add_u16(writer->out, picture->height);
	rfb_buffer_add_u32(writer->out, 0); /* flags */
}

/* False: there is no way to say so. */
static bool add_size(struct writer *writer, bool changed) {
	struct rfb_extras *extras = writer->extras;
	if (writer->wishes->extended_desktop_size) {
		if (changed) {
			add_extended_size(writer, extras->reason, 0);
			extras->reason = RFB_SIZE_BY_SERVER;
		} else if (extras->answers) {
			add_extended_size(writer, RFB_SIZE_BY_CLIENT, extras->answer);
		} else if (extras->size_is_new) {
			add_extended_size(writer, RFB_SIZE_BY_SERVER, 0);
		}
		extras->answers = false;
	} else if (changed && writer->wishes->desktop_size) {
		rfbRectangle area = {0, 0, extras->picture->width, extras->picture->height};
		add_one(writer, &area, RFB_PSEUDO_DESKTOP_SIZE);
	} else if (changed) {
		return false;
	}
	extras->size_is_new = false;
	extras->told_width = extras->picture->width;
	extras->told_height = extras->picture->height;
	return true;
}

static bool add_cursor(struct writer *writer, const rfbPixelFormat *format) {
	bool alpha = writer->wishes->alpha_cursor;
	struct cursor_image *cursor = writer->extras->cursor;
	int32_t encoding = alpha ? RFB_PSEUDO_ALPHA_CURSOR : RFB_PSEUDO_CURSOR;
	rfbRectangle area = {0};
	if (!cursor) {
		add_one(writer, &area, encoding);
		if (alpha) { /* of no pixels, and yet their encoding is named */
			rfb_buffer_add_u32(writer->out, RFB_ENCODING_RAW);
		}
		return true;
	}
	area = (rfbRectangle){cursor->hot_x, cursor->hot_y, cursor->width, cursor->height};
	size_t size;
	uint8_t *bytes = alpha ? rfb_cursor_encode_alpha(cursor, &size)
			       : rfb_cursor_encode_masked(cursor, format, &size);
	if (bytes) {
		add_one(writer, &area, encoding);
		rfb_buffer_add(writer->out, bytes, size);
	}
	free(bytes);
	return bytes;
}

static void add_words(struct writer *writer) {
	struct rfb_extras *extras = writer->extras;
	if (extras->keys_are_new && writer->wishes->extended_keys) {
		add_one(writer, &something, RFB_PSEUDO_EXTENDED_KEYS);
	}
	if (extras->buttons_are_new && writer->wishes->mouse_buttons) {
		add_one(writer, &something, RFB_PSEUDO_MOUSE_BUTTONS);
	}
	if (extras->audio_is_new && writer->wishes->audio) {
		add_one(writer, &something, RFB_PSEUDO_AUDIO);
	}
	if (extras->leds_are_new && writer->wishes->leds) {
		add_one(writer, &something, RFB_PSEUDO_LEDS);
		rfb_buffer_add_u8(writer->out, extras->leds & 7);
	}
	if (extras->pointer_is_new && writer->wishes->pointer_position) {
		rfbRectangle area = {extras->pointer_x, extras->pointer_y, 0, 0};
		add_one(writer, &area, RFB_PSEUDO_POINTER_POSITION);
	}
	extras->keys_are_new = extras->buttons_are_new = false;
	extras->leds_are_new = extras->pointer_is_new = extras->audio_is_new = false;
}

bool rfb_extras_add(struct rfb_extras *extras, const struct rfb_wishes *wishes,
	const rfbPixelFormat *format, struct rfb_buffer *out, unsigned int *count, bool *alone) {
	struct writer writer = {.extras = extras, .wishes = wishes, .out = out};
	bool changed = extras->picture->width != extras->told_width ||
		extras->picture->height != extras->told_height;
	bool wants_cursor = wishes->cursor || wishes->alpha_cursor;
	add_words(&writer);
	if (extras->cursor_is_new && wants_cursor && !add_cursor(&writer, format)) {
		return false;
	}
	extras->cursor_is_new = false;
	unsigned int before = writer.count;
	bool ok = add_size(&writer, changed);
	*count = writer.count;
	*alone = writer.count > before;
	return ok;
}
