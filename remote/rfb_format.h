/* A client's pixels: how the picture's XRGB becomes values of the client's format, and those become
 * bytes. Sources: RFC 6143 sections 7.4 (PIXEL_FORMAT) and 7.7.5 (CPIXEL); the community's rfbproto
 * (TPIXEL). */
#ifndef REMOTE_RFB_FORMAT_H
#define REMOTE_RFB_FORMAT_H

#include <rfb/rfb.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct picture;

enum rfb_pixel_kind {
	RFB_PIXEL,
	RFB_PIXEL_COMPACT, /* ZRLE's */
	RFB_PIXEL_TIGHT,
};

struct rfb_format {
	bool is_source; /* its bytes are those of the picture */
	bool is_plain; /* values are the picture's; else they are looked up */
	bool is_tight; /* RFB_PIXEL_TIGHT as red, green, blue */
	unsigned int bytes; /* per pixel, 1 to 4 */
	uint8_t shifts[4]; /* of the value, by byte */
	uint32_t red[256], green[256], blue[256]; /* unless it is plain */
};

/* `client` must have been checked (rfb_message.h). */
void rfb_format_init(
	struct rfb_format *format, const rfbPixelFormat *client, enum rfb_pixel_kind kind);

/* Values of a rectangle of the picture, row by row without gaps. */
void rfb_format_load(const struct rfb_format *format, const struct picture *picture,
	const rfbRectangle *area, uint32_t *values);

/* Writes `count` pixels; returns the end. There must be room for count * 4 bytes. */
uint8_t *rfb_format_put(
	const struct rfb_format *format, uint8_t *to, const uint32_t *values, size_t count);

#endif
