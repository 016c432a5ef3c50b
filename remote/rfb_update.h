/* An update on its way: its rectangles are encoded one after the other, as the socket takes them,
 * from what the picture shows then. So no more than a strip of it is held here, and what is sent
 * last is the newest. */
#ifndef REMOTE_RFB_UPDATE_H
#define REMOTE_RFB_UPDATE_H

#include <rfb/rfb.h>
#include <stdbool.h>
#include <stddef.h>

#include "remote/rfb_encode_tight.h"
#include "remote/rfb_encode_zrle.h"
#include "remote/rfb_format.h"
#include "remote/rfb_wishes.h"

struct picture;
struct rfb_library;
struct rfb_output;
struct rfb_strip;

#define RFB_UPDATE_BOXES_MAX 128 /* above, one rectangle around them is sent */

struct rfb_update {
	const struct picture *picture;
	struct rfb_library *library;
	struct rfb_output *output;
	struct rfb_zrle zrle;
	struct rfb_tight tight;
	struct rfb_format format;
	struct rfb_strip *strip;
	/* the present one */
	bool is_active;
	bool is_void; /* the picture that it was begun for is gone: what is left stays empty */
	enum rfb_encoding encoding;
	struct rfb_tight_options options; /* of Tight; `merge`: the last one is marked as such */
	rfbRectangle boxes[RFB_UPDATE_BOXES_MAX];
	size_t box_count, box;
	unsigned int x, y; /* px within the box: how far it has come */
};

void rfb_update_init(struct rfb_update *update, const struct picture *picture,
	struct rfb_library *library, struct rfb_output *output);
void rfb_update_finish(struct rfb_update *update);

/* Begins one of what has changed and was asked for, behind `before` rectangles that the caller adds
 * next; takes the request from the library. False if there is nothing of that kind. */
bool rfb_update_begin(
	struct rfb_update *update, const struct rfb_wishes *wishes, unsigned int before);
/* Adds the next piece to the output; none may be added while that has rows. False if memory is out.
 */
bool rfb_update_step(struct rfb_update *update);
/* The picture has another size. */
void rfb_update_void(struct rfb_update *update);

#endif
