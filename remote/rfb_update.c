#include "remote/rfb_update.h"

#include <rfb/rfbregion.h>
#include <stdlib.h>

#include "remote/picture.h"
#include "remote/rfb_library.h"
#include "remote/rfb_output.h"
#include "remote/rfb_strip.h"
#include "util/mem.h"

#define COUNT_MAX 65500 /* of rectangles, with room for what else goes along */
#define COUNT_UNKNOWN 65535 /* the last one is marked */

void rfb_update_init(struct rfb_update *update, const struct picture *picture,
	struct rfb_library *library, struct rfb_output *output) {
	*update = (struct rfb_update){.picture = picture, .library = library, .output = output};
	update->strip = xcalloc(1, sizeof(*update->strip));
}

void rfb_update_finish(struct rfb_update *update) {
	rfb_zrle_finish(&update->zrle);
	rfb_tight_finish(&update->tight);
	free(update->strip);
	*update = (struct rfb_update){0};
}

/* The library's regions may hold boxes of nothing. */
static void add_box(struct rfb_update *update, const sraRect *box) {
	if (box->x1 >= box->x2 || box->y1 >= box->y2) {
		return;
	}
	update->boxes[update->box_count++] =
		(rfbRectangle){box->x1, box->y1, box->x2 - box->x1, box->y2 - box->y1};
}

static void take_boxes(struct rfb_update *update, sraRegionPtr region) {
	sraRect box;
	update->box_count = 0;
	if (sraRgnCountRects(region) > RFB_UPDATE_BOXES_MAX) {
		sraRegionPtr around = sraRgnBBox(region);
		sraRgnOr(region, around);
		sraRgnDestroy(around);
	}
	sraRectangleIterator *iterator = sraRgnGetIterator(region);
	while (update->box_count < RFB_UPDATE_BOXES_MAX && sraRgnIteratorNext(iterator, &box)) {
		add_box(update, &box);
	}
	sraRgnReleaseIterator(iterator);
}

static bool take_region(struct rfb_update *update) {
	rfbClientPtr client = update->library->client;
	sraRegionPtr region = sraRgnCreateRgn(client->modifiedRegion);
	bool found = region && sraRgnAnd(region, client->requestedRegion);
	if (found) {
		take_boxes(update, region);
		sraRgnSubtract(client->modifiedRegion, region);
		sraRgnMakeEmpty(client->requestedRegion);
	}
	if (region) {
		sraRgnDestroy(region);
	}
	return found && update->box_count > 0;
}

static void set_format(struct rfb_update *update) {
	enum rfb_pixel_kind kind = update->encoding == RFB_ENCODING_ZRLE ? RFB_PIXEL_COMPACT
		: update->encoding == RFB_ENCODING_TIGHT                 ? RFB_PIXEL_TIGHT
									 : RFB_PIXEL;
	rfb_format_init(&update->format, &update->library->client->format, kind);
}

static bool is_direct(const struct rfb_update *update) {
	return update->encoding == RFB_ENCODING_RAW && update->format.is_source;
}

/* px: how large a piece may be; it becomes one rectangle, unless they are merged. */
static void piece_size(const struct rfb_update *update, unsigned int *width, unsigned int *height) {
	*width = RFB_STRIP_WIDTH_MAX;
	*height = RFB_TILE_SIDE;
	if (is_direct(update)) {
		*width = *height = UINT16_MAX;
	} else if (update->encoding == RFB_ENCODING_HEXTILE) {
		*width = RFB_HEXTILE_WIDTH;
		*height = RFB_HEXTILE_HEIGHT;
	} else if (update->encoding == RFB_ENCODING_TIGHT && !update->options.merge) {
		*width = RFB_TILE_SIDE;
	}
}

static size_t count_pieces(const struct rfb_update *update) {
	unsigned int width, height;
	size_t count = 0;
	piece_size(update, &width, &height);
	for (size_t i = 0; i < update->box_count; i++) {
		const rfbRectangle *box = &update->boxes[i];
		count += (size_t)((box->w + width - 1) / width) * ((box->h + height - 1) / height);
	}
	return count;
}

/* In the rare case of more than can be counted what is too much waits for the next one. */
static void limit_count(struct rfb_update *update) {
	while (count_pieces(update) > COUNT_MAX) {
		const rfbRectangle *box = &update->boxes[--update->box_count];
		rfbMarkRectAsModified(
			update->library->screen, box->x, box->y, box->x + box->w, box->y + box->h);
	}
}

bool rfb_update_begin(
	struct rfb_update *update, const struct rfb_wishes *wishes, unsigned int before) {
	if (!take_region(update)) {
		return false;
	}
	update->encoding = wishes->encoding;
	update->options = (struct rfb_tight_options){.compression = wishes->compression,
		.quality = wishes->quality,
		.merge = wishes->last_rect && wishes->encoding == RFB_ENCODING_TIGHT};
	update->is_active = true;
	update->is_void = false;
	update->box = update->x = update->y = 0;
	set_format(update);
	limit_count(update);
	rfb_buffer_add_update(&update->output->bytes,
		update->options.merge ? COUNT_UNKNOWN : before + count_pieces(update));
	return true;
}

static void add_rows(struct rfb_update *update, const rfbRectangle *area) {
	const struct picture *picture = update->picture;
	rfb_buffer_add_rectangle(&update->output->bytes, area, RFB_ENCODING_RAW);
	rfb_output_add_rows(update->output, picture->frame,
		picture->pixels + (size_t)area->y * picture->stride + (size_t)area->x * 4,
		picture->stride, (size_t)area->w * 4, area->h);
}

static void add_raw(struct rfb_update *update) {
	struct rfb_buffer *out = &update->output->bytes;
	size_t count = (size_t)update->strip->area.w * update->strip->area.h;
	rfb_buffer_add_rectangle(out, &update->strip->area, RFB_ENCODING_RAW);
	uint8_t *start = rfb_buffer_room(out, count * 4);
	out->size += rfb_format_put(&update->format, start, update->strip->values, count) - start;
}

static bool add_piece(struct rfb_update *update, const rfbRectangle *area) {
	struct rfb_buffer *out = &update->output->bytes;
	if (is_direct(update)) {
		add_rows(update, area);
		return true;
	}
	if (update->encoding == RFB_ENCODING_HEXTILE) {
		return rfb_library_hextile(update->library, area, out);
	}
	update->strip->area = *area;
	rfb_format_load(&update->format, update->picture, area, update->strip->values);
	if (update->encoding == RFB_ENCODING_ZRLE) {
		return rfb_zrle_encode(&update->zrle, &update->format, update->strip,
			update->options.compression, out);
	}
	if (update->encoding == RFB_ENCODING_TIGHT) {
		return rfb_tight_encode(
			&update->tight, &update->format, update->strip, &update->options, out);
	}
	add_raw(update);
	return true;
}

/* Returns the next piece, and goes on behind it. */
static rfbRectangle next_piece(struct rfb_update *update) {
	const rfbRectangle *box = &update->boxes[update->box];
	unsigned int width, height;
	piece_size(update, &width, &height);
	width = box->w - update->x < width ? box->w - update->x : width;
	height = box->h - update->y < height ? box->h - update->y : height;
	rfbRectangle area = {box->x + update->x, box->y + update->y, width, height};
	update->x += width;
	if (update->x == box->w) {
		update->x = 0;
		update->y += height;
	}
	if (update->y == box->h) {
		update->y = 0;
		update->box++;
	}
	return area;
}

static void end(struct rfb_update *update) {
	static const rfbRectangle none;
	if (update->options.merge) {
		rfb_buffer_add_rectangle(&update->output->bytes, &none, RFB_PSEUDO_LAST_RECT);
	}
	update->is_active = false;
}

bool rfb_update_step(struct rfb_update *update) {
	static const rfbRectangle none;
	bool ok = true;
	if (update->is_void && update->options.merge) {
		update->box = update->box_count;
	} else {
		rfbRectangle area = next_piece(update);
		if (update->is_void) {
			rfb_buffer_add_rectangle(&update->output->bytes, &none, RFB_ENCODING_RAW);
		} else {
			ok = add_piece(update, &area);
		}
	}
	if (update->box == update->box_count) {
		end(update);
	}
	return ok;
}

void rfb_update_void(struct rfb_update *update) {
	update->is_void = true;
}
