#include "remote/rfb_format.h"

#include "remote/picture.h"

#define SOURCE_MASK 0xffffffu
#define NO_CHANNEL 24 /* a shift to what is zero in a masked pixel of the picture */

/* Eight bits a channel, each in a byte of its own: only the order of bytes differs. */
static bool is_permuted(const rfbPixelFormat *client) {
	return client->bitsPerPixel == 32 && client->redMax == 255 && client->greenMax == 255 &&
		client->blueMax == 255 && client->redShift % 8 == 0 &&
		client->greenShift % 8 == 0 && client->blueShift % 8 == 0;
}

static void fill_table(uint32_t table[256], uint32_t max, uint32_t shift) {
	for (uint32_t i = 0; i < 256; i++) {
		table[i] = (i * max + 127) / 255 << shift;
	}
}

/* Which shift gives the byte that stands for bits [8 * place, 8 * place + 8) of the client's pixel.
 */
static uint8_t source_shift(const rfbPixelFormat *client, unsigned int place) {
	return client->redShift == 8 * place      ? 16
		: client->greenShift == 8 * place ? 8
		: client->blueShift == 8 * place  ? 0
						  : NO_CHANNEL;
}

static void set_bytes(struct rfb_format *format, const rfbPixelFormat *client) {
	format->bytes = client->bitsPerPixel / 8;
	for (unsigned int i = 0; i < format->bytes; i++) {
		unsigned int place = client->bigEndian ? format->bytes - 1 - i : i;
		format->shifts[i] =
			format->is_plain ? source_shift(client, place) : (uint8_t)(8 * place);
	}
}

/* Leaves out the byte that no channel has a bit in, if it is the first or the last. */
static void make_compact(struct rfb_format *format, const rfbPixelFormat *client) {
	uint32_t all = (uint32_t)client->redMax << client->redShift |
		(uint32_t)client->greenMax << client->greenShift |
		(uint32_t)client->blueMax << client->blueShift;
	bool low = all < 1u << 24, high = (all & 0xff) == 0;
	if (format->bytes != 4 || client->depth > 24 || (!low && !high)) {
		return;
	}
	bool drop_last = low != (client->bigEndian != 0);
	for (unsigned int i = 0; i < 3 && !drop_last; i++) {
		format->shifts[i] = format->shifts[i + 1];
	}
	format->bytes = 3;
}

static void make_tight(struct rfb_format *format, const rfbPixelFormat *client) {
	format->is_tight = format->is_plain && client->depth == 24;
	if (format->is_tight) {
		format->bytes = 3;
		format->shifts[0] = 16;
		format->shifts[1] = 8;
		format->shifts[2] = 0;
	}
}

void rfb_format_init(
	struct rfb_format *format, const rfbPixelFormat *client, enum rfb_pixel_kind kind) {
	*format = (struct rfb_format){.is_plain = is_permuted(client)};
	set_bytes(format, client);
	if (!format->is_plain) {
		fill_table(format->red, client->redMax, client->redShift);
		fill_table(format->green, client->greenMax, client->greenShift);
		fill_table(format->blue, client->blueMax, client->blueShift);
	}
	format->is_source = format->is_plain && !client->bigEndian && client->redShift == 16 &&
		client->greenShift == 8 && client->blueShift == 0;
	if (kind == RFB_PIXEL_COMPACT) {
		make_compact(format, client);
	} else if (kind == RFB_PIXEL_TIGHT) {
		make_tight(format, client);
	}
}

static void look_up(const struct rfb_format *format, uint32_t *values, size_t count) {
	for (size_t i = 0; i < count; i++) {
		uint32_t pixel = values[i];
		values[i] = format->red[pixel >> 16] | format->green[pixel >> 8 & 0xff] |
			format->blue[pixel & 0xff];
	}
}

void rfb_format_load(const struct rfb_format *format, const struct picture *picture,
	const rfbRectangle *area, uint32_t *values) {
	for (uint32_t y = 0; y < area->h; y++) {
		const uint32_t *from = (const uint32_t *)(picture->pixels +
					       (size_t)(area->y + y) * picture->stride) +
			area->x;
		uint32_t *to = values + (size_t)y * area->w;
		for (uint32_t x = 0; x < area->w; x++) {
			to[x] = from[x] & SOURCE_MASK;
		}
		if (!format->is_plain) {
			look_up(format, to, area->w);
		}
	}
}

static uint8_t *put_three(
	const struct rfb_format *format, uint8_t *to, const uint32_t *values, size_t count) {
	uint8_t a = format->shifts[0], b = format->shifts[1], c = format->shifts[2];
	for (size_t i = 0; i < count; i++, to += 3) {
		to[0] = values[i] >> a;
		to[1] = values[i] >> b;
		to[2] = values[i] >> c;
	}
	return to;
}

uint8_t *rfb_format_put(
	const struct rfb_format *format, uint8_t *to, const uint32_t *values, size_t count) {
	if (format->bytes == 3) {
		return put_three(format, to, values, count);
	}
	for (size_t i = 0; i < count; i++) {
		for (unsigned int j = 0; j < format->bytes; j++) {
			*to++ = values[i] >> format->shifts[j];
		}
	}
	return to;
}
