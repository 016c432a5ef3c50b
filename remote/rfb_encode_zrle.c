#include "remote/rfb_encode_zrle.h"

#include "remote/rfb_format.h"
#include "remote/rfb_strip.h"
#include "remote/rfb_wishes.h"

#define PACKED_MAX 16 /* colours */
#define RUN_STEP 255
#define TILE_MAX (RFB_TILE_AREA * 6 + 1024) /* bytes, of any kind of tile */
#define LEVEL_MAX 6

enum tile_kind { TILE_RAW, TILE_SOLID, TILE_PACKED, TILE_RUNS, TILE_INDEXED_RUNS };

enum subencoding { SUB_RAW = 0, SUB_SOLID = 1, SUB_RUNS = 128 };

static unsigned int packed_bits(unsigned int colours) {
	return colours == 2 ? 1 : colours <= 4 ? 2 : 4;
}

/* What takes the fewest bytes before zlib. */
static enum tile_kind choose_kind(const struct rfb_palette *palette, const struct rfb_tile *tile,
	const struct rfb_format *format) {
	unsigned int least = tile->width * tile->height * format->bytes;
	unsigned int colours = palette->count * format->bytes;
	enum tile_kind kind = TILE_RAW;
	if (palette->count == 1) {
		return TILE_SOLID;
	}
	unsigned int runs = palette->runs * (format->bytes + 1);
	if (runs < least) {
		least = runs;
		kind = TILE_RUNS;
	}
	unsigned int indexed = colours + 2 * palette->runs - palette->singles;
	if (palette->count > 0 && indexed < least) {
		least = indexed;
		kind = TILE_INDEXED_RUNS;
	}
	if (palette->count > 0 && palette->count <= PACKED_MAX) {
		unsigned int row = (tile->width * packed_bits(palette->count) + 7) / 8;
		kind = colours + row * tile->height < least ? TILE_PACKED : kind;
	}
	return kind;
}

static uint8_t *put_raw(uint8_t *to, const struct rfb_tile *tile, const struct rfb_format *format) {
	for (unsigned int y = 0; y < tile->height; y++) {
		to = rfb_format_put(format, to, tile->values + y * tile->stride, tile->width);
	}
	return to;
}

static uint8_t *put_packed(
	uint8_t *to, const struct rfb_palette *palette, const struct rfb_tile *tile) {
	unsigned int bits = packed_bits(palette->count);
	const uint8_t *index = palette->indices;
	for (unsigned int y = 0; y < tile->height; y++) {
		unsigned int byte = 0, filled = 0;
		for (unsigned int x = 0; x < tile->width; x++) {
			byte = byte << bits | *index++;
			filled += bits;
			if (filled == 8) {
				*to++ = byte;
				byte = filled = 0;
			}
		}
		if (filled > 0) {
			*to++ = byte << (8 - filled);
		}
	}
	return to;
}

static uint8_t *put_length(uint8_t *to, unsigned int length) {
	for (length--; length >= RUN_STEP; length -= RUN_STEP) {
		*to++ = RUN_STEP;
	}
	*to++ = length;
	return to;
}

static uint8_t *put_indexed_run(uint8_t *to, uint8_t index, unsigned int length) {
	if (length == 1) {
		*to++ = index;
		return to;
	}
	*to++ = index | 0x80;
	return put_length(to, length);
}

static uint8_t *put_indexed_runs(
	uint8_t *to, const struct rfb_palette *palette, const struct rfb_tile *tile) {
	unsigned int count = tile->width * tile->height, start = 0;
	for (unsigned int i = 1; i < count; i++) {
		if (palette->indices[i] != palette->indices[start]) {
			to = put_indexed_run(to, palette->indices[start], i - start);
			start = i;
		}
	}
	return put_indexed_run(to, palette->indices[start], count - start);
}

static uint8_t *put_runs(
	uint8_t *to, const struct rfb_tile *tile, const struct rfb_format *format) {
	uint32_t value = tile->values[0];
	unsigned int length = 0;
	for (unsigned int y = 0; y < tile->height; y++) {
		const uint32_t *row = tile->values + y * tile->stride;
		for (unsigned int x = 0; x < tile->width; x++) {
			if (row[x] != value) {
				to = put_length(rfb_format_put(format, to, &value, 1), length);
				value = row[x];
				length = 0;
			}
			length++;
		}
	}
	return put_length(rfb_format_put(format, to, &value, 1), length);
}

static uint8_t *put_colours(
	uint8_t *to, const struct rfb_palette *palette, const struct rfb_format *format) {
	return rfb_format_put(format, to, palette->colours, palette->count);
}

static uint8_t *put_tile(uint8_t *to, enum tile_kind kind, const struct rfb_palette *palette,
	const struct rfb_tile *tile, const struct rfb_format *format) {
	switch (kind) {
	case TILE_SOLID:
		*to++ = SUB_SOLID;
		return put_colours(to, palette, format);
	case TILE_PACKED:
		*to++ = palette->count;
		return put_packed(put_colours(to, palette, format), palette, tile);
	case TILE_RUNS:
		*to++ = SUB_RUNS;
		return put_runs(to, tile, format);
	case TILE_INDEXED_RUNS:
		*to++ = SUB_RUNS + palette->count;
		return put_indexed_runs(put_colours(to, palette, format), palette, tile);
	default:
		*to++ = SUB_RAW;
		return put_raw(to, tile, format);
	}
}

static void put_tiles(
	struct rfb_zrle *zrle, const struct rfb_format *format, const struct rfb_strip *strip) {
	enum tile_kind last = TILE_SOLID;
	zrle->tiles.size = zrle->end_count = 0;
	for (unsigned int x = 0; x < strip->area.w; x += RFB_TILE_SIDE) {
		struct rfb_tile tile = rfb_strip_tile(strip, x);
		rfb_palette_find(&zrle->palette, &tile);
		enum tile_kind kind = choose_kind(&zrle->palette, &tile, format);
		if (x > 0 && (kind == TILE_RAW || last == TILE_RAW)) {
			zrle->ends[zrle->end_count++] = zrle->tiles.size;
		}
		uint8_t *start = rfb_buffer_room(&zrle->tiles, TILE_MAX);
		zrle->tiles.size += put_tile(start, kind, &zrle->palette, &tile, format) - start;
		last = kind;
	}
	zrle->ends[zrle->end_count++] = zrle->tiles.size;
}

static bool deflate_tiles(struct rfb_zrle *zrle, int level, struct rfb_buffer *out) {
	bool ok = true;
	size_t from = 0;
	for (size_t i = 0; i < zrle->end_count && ok; i++) {
		bool is_last = i + 1 == zrle->end_count;
		ok = rfb_deflate_add(&zrle->deflate, zrle->tiles.bytes + from, zrle->ends[i] - from,
			level, Z_DEFAULT_STRATEGY, is_last ? RFB_DEFLATE_FLUSH : RFB_DEFLATE_BLOCK,
			out);
		from = zrle->ends[i];
	}
	return ok;
}

bool rfb_zrle_encode(struct rfb_zrle *zrle, const struct rfb_format *format,
	const struct rfb_strip *strip, int compression, struct rfb_buffer *out) {
	int level = compression < 1 ? 1 : compression > LEVEL_MAX ? LEVEL_MAX : compression;
	bool ok = true;
	if (!zrle->started) {
		zrle->fast = level == 1;
		zrle->started = true;
	}
	rfb_buffer_add_rectangle(out, &strip->area, RFB_ENCODING_ZRLE);
	size_t at = out->size;
	rfb_buffer_add_u32(out, 0);
	put_tiles(zrle, format, strip);
	if (zrle->fast) {
		rfb_squeeze_add(
			&zrle->squeeze, zrle->tiles.bytes, zrle->ends, zrle->end_count, out);
	} else {
		ok = deflate_tiles(zrle, level, out);
	}
	rfb_buffer_put_u32(out, at, (uint32_t)(out->size - at - 4));
	return ok;
}

void rfb_zrle_finish(struct rfb_zrle *zrle) {
	rfb_deflate_finish(&zrle->deflate);
	rfb_buffer_finish(&zrle->tiles);
}
