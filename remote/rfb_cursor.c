#include "remote/rfb_cursor.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "vm-display/screen.h"

static uint32_t scale_channel(uint32_t value, uint32_t alpha, uint32_t max, uint32_t shift) {
	uint32_t plain = value >= alpha ? 255 : (value * 255 + alpha / 2) / alpha;
	return (plain * max + 127) / 255 << shift;
}

static void put_pixel(uint8_t *to, uint32_t argb, const rfbPixelFormat *format) {
	uint32_t alpha = argb >> 24 ? argb >> 24 : 255;
	uint32_t pixel = scale_channel(argb >> 16 & 0xff, alpha, format->redMax, format->redShift) |
		scale_channel(argb >> 8 & 0xff, alpha, format->greenMax, format->greenShift) |
		scale_channel(argb & 0xff, alpha, format->blueMax, format->blueShift);
	int size = format->bitsPerPixel / 8;
	for (int i = 0; i < size; i++) {
		int place = format->bigEndian ? size - 1 - i : i;
		to[place] = pixel >> (8 * i);
	}
}

uint8_t *rfb_cursor_encode_masked(
	const struct cursor_image *cursor, const rfbPixelFormat *format, size_t *size) {
	size_t pixel_size = format->bitsPerPixel / 8;
	size_t count = (size_t)cursor->width * cursor->height;
	size_t mask_stride = ((size_t)cursor->width + 7) / 8;
	*size = count * pixel_size + mask_stride * cursor->height;
	uint8_t *bytes = calloc(1, *size ? *size : 1);
	if (!bytes) {
		return NULL;
	}
	uint8_t *mask = bytes + count * pixel_size;
	for (size_t i = 0; i < count; i++) {
		size_t x = i % cursor->width, y = i / cursor->width;
		if (cursor->pixels[i] >> 24 >= 0x80) {
			put_pixel(bytes + i * pixel_size, cursor->pixels[i], format);
			mask[y * mask_stride + x / 8] |= 0x80 >> (x % 8);
		}
	}
	return bytes;
}

uint8_t *rfb_cursor_encode_alpha(const struct cursor_image *cursor, size_t *size) {
	size_t count = (size_t)cursor->width * cursor->height;
	*size = 4 + count * 4;
	uint8_t *bytes = calloc(1, *size);
	if (!bytes) {
		return NULL;
	}
	uint8_t *to = bytes + 4; /* the encoding before it is 0, raw */
	for (size_t i = 0; i < count; i++, to += 4) {
		uint32_t argb = cursor->pixels[i];
		to[0] = argb >> 16;
		to[1] = argb >> 8;
		to[2] = argb;
		to[3] = argb >> 24;
	}
	return bytes;
}
