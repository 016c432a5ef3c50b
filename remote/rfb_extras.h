/* What goes to a client beside pictures, as rectangles of an update: the size, the cursor, LEDs,
 * and that extended events are understood. */
#ifndef REMOTE_RFB_EXTRAS_H
#define REMOTE_RFB_EXTRAS_H

#include <rfb/rfb.h>
#include <stdbool.h>
#include <stdint.h>

#include "remote/rfb_wishes.h"

struct cursor_image;
struct picture;
struct rfb_buffer;

enum rfb_size_reason { RFB_SIZE_BY_SERVER, RFB_SIZE_BY_CLIENT };

struct rfb_extras {
	const struct picture *picture;
	uint32_t told_width, told_height; /* px: what the client knows */
	enum rfb_size_reason reason; /* of the next change of size */
	bool answers; /* the client asked for a size that won't come, or that is there already */
	int answer; /* one of rfbExtDesktopSize_* */
	struct cursor_image *cursor; /* NULL: none */
	int pointer_x, pointer_y; /* px */
	uint32_t leds;
	/* not told yet */
	bool size_is_new, cursor_is_new, pointer_is_new, leds_are_new, keys_are_new,
		buttons_are_new, audio_is_new;
};

void rfb_extras_init(struct rfb_extras *extras, const struct picture *picture);
void rfb_extras_finish(struct rfb_extras *extras);

/* The client named its encodings anew. */
void rfb_extras_restart(struct rfb_extras *extras);
void rfb_extras_set_cursor(struct rfb_extras *extras, struct cursor_image *cursor);
void rfb_extras_move_pointer(struct rfb_extras *extras, int x, int y);
void rfb_extras_set_leds(struct rfb_extras *extras, uint32_t leds);

/* Adds what is new to `out`; *count says how many rectangles. *alone: pixels may not go in the same
 * update, since the size does. False if the picture's size changed and the client can't follow, or
 * memory is out. */
bool rfb_extras_add(struct rfb_extras *extras, const struct rfb_wishes *wishes,
	const rfbPixelFormat *format, struct rfb_buffer *out, unsigned int *count, bool *alone);

#endif
