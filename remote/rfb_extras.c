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

static void add_one(struct rfb_buffer *out, const rfbRectangle *area, int32_t encoding) {
	rfb_buffer_add_update(out, 1);
	rfb_buffer_add_rectangle(out, area, encoding);
}

/* One screen that is all of it. */
static void add_extended_size(
	const struct rfb_extras *extras, int reason, int status, struct rfb_buffer *out) {
	uint16_t width = extras->picture->width, height = extras->picture->height;
	rfbRectangle area = {reason, status, width, height};
	add_one(out, &area, RFB_PSEUDO_EXTENDED_DESKTOP_SIZE);
	rfb_buffer_add_u32(out, 1u << 24); /* one, and padding */
	rfb_buffer_add_u32(out, SCREEN_ID);
	rfb_buffer_add_u32(out, 0); /* where it is */
	rfb_buffer_add_u16(out, width);
	rfb_buffer_add_u16(out, height);
	rfb_buffer_add_u32(out, 0); /* flags */
}

static bool add_size(
	struct rfb_extras *extras, const struct rfb_wishes *wishes, struct rfb_buffer *out) {
	const struct picture *picture = extras->picture;
	bool changed =
		picture->width != extras->told_width || picture->height != extras->told_height;
	if (wishes->extended_desktop_size) {
		if (changed) {
			add_extended_size(extras, extras->reason, 0, out);
			extras->reason = RFB_SIZE_BY_SERVER;
		} else if (extras->answers) {
			add_extended_size(extras, RFB_SIZE_BY_CLIENT, extras->answer, out);
		} else if (extras->size_is_new) {
			add_extended_size(extras, RFB_SIZE_BY_SERVER, 0, out);
		}
		extras->answers = false;
	} else if (changed && wishes->desktop_size) {
		rfbRectangle area = {0, 0, picture->width, picture->height};
		add_one(out, &area, RFB_PSEUDO_DESKTOP_SIZE);
	} else if (changed) {
		return false;
	}
	extras->size_is_new = false;
	extras->told_width = picture->width;
	extras->told_height = picture->height;
	return true;
}

static bool add_cursor(struct rfb_extras *extras, const struct rfb_wishes *wishes,
	const rfbPixelFormat *format, struct rfb_buffer *out) {
	bool alpha = wishes->alpha_cursor;
	struct cursor_image *cursor = extras->cursor;
	int32_t encoding = alpha ? RFB_PSEUDO_ALPHA_CURSOR : RFB_PSEUDO_CURSOR;
	rfbRectangle area = {0};
	if (!cursor) {
		add_one(out, &area, encoding);
		if (alpha) { /* of no pixels, and yet their encoding is named */
			rfb_buffer_add_u32(out, RFB_ENCODING_RAW);
		}
		return true;
	}
	area = (rfbRectangle){cursor->hot_x, cursor->hot_y, cursor->width, cursor->height};
	size_t size;
	uint8_t *bytes = alpha ? rfb_cursor_encode_alpha(cursor, &size)
			       : rfb_cursor_encode_masked(cursor, format, &size);
	if (bytes) {
		add_one(out, &area, encoding);
		rfb_buffer_add(out, bytes, size);
	}
	free(bytes);
	return bytes;
}

static void add_words(
	struct rfb_extras *extras, const struct rfb_wishes *wishes, struct rfb_buffer *out) {
	if (extras->keys_are_new && wishes->extended_keys) {
		add_one(out, &something, RFB_PSEUDO_EXTENDED_KEYS);
	}
	if (extras->buttons_are_new && wishes->mouse_buttons) {
		add_one(out, &something, RFB_PSEUDO_MOUSE_BUTTONS);
	}
	if (extras->leds_are_new && wishes->leds) {
		add_one(out, &something, RFB_PSEUDO_LEDS);
		rfb_buffer_add_u8(out, extras->leds & 7);
	}
	if (extras->pointer_is_new && wishes->pointer_position) {
		rfbRectangle area = {extras->pointer_x, extras->pointer_y, 0, 0};
		add_one(out, &area, RFB_PSEUDO_POINTER_POSITION);
	}
	extras->keys_are_new = extras->buttons_are_new = false;
	extras->leds_are_new = extras->pointer_is_new = false;
}

bool rfb_extras_add(struct rfb_extras *extras, const struct rfb_wishes *wishes,
	const rfbPixelFormat *format, struct rfb_buffer *out) {
	if (!add_size(extras, wishes, out)) {
		return false;
	}
	add_words(extras, wishes, out);
	bool ok = !extras->cursor_is_new || (!wishes->cursor && !wishes->alpha_cursor) ||
		add_cursor(extras, wishes, format, out);
	extras->cursor_is_new = false;
	return ok;
}
