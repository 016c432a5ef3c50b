#include "remote/rfb_deflate.h"

#include "remote/rfb_buffer.h"

#define WINDOW_BITS 15
#define MEMORY_LEVEL 9 /* blocks twice as long as by default */
#define ROOM 16384

/* At the fastest level pictures gain next to nothing from looking at more than two places. */
static void tune(struct rfb_deflate *deflate) {
	if (deflate->started && deflate->level == 1) {
		deflateTune(&deflate->stream, 4, 4, 8, 2);
	}
}

static bool start(struct rfb_deflate *deflate, int level, int strategy) {
	deflate->started = deflateInit2(&deflate->stream, level, Z_DEFLATED, WINDOW_BITS,
				   MEMORY_LEVEL, strategy) == Z_OK;
	deflate->level = level;
	deflate->strategy = strategy;
	tune(deflate);
	return deflate->started;
}

/* zlib leaves room over when it has given everything that it has to give. */
static void drain(z_stream *stream, int flush, struct rfb_buffer *out) {
	do {
		stream->next_out = rfb_buffer_room(out, ROOM);
		stream->avail_out = ROOM;
		deflate(stream, flush);
		out->size += ROOM - stream->avail_out;
	} while (stream->avail_out == 0);
}

/* The old ones hold for what was given before, which is ended with a block. */
static void set_parameters(
	struct rfb_deflate *deflate, int level, int strategy, struct rfb_buffer *out) {
	z_stream *stream = &deflate->stream;
	if (level == deflate->level && strategy == deflate->strategy) {
		return;
	}
	stream->next_in = NULL;
	stream->avail_in = 0;
	drain(stream, Z_BLOCK, out);
	stream->next_out = rfb_buffer_room(out, ROOM);
	stream->avail_out = ROOM;
	deflateParams(stream, level, strategy);
	out->size += ROOM - stream->avail_out;
	deflate->level = level;
	deflate->strategy = strategy;
	tune(deflate);
}

bool rfb_deflate_add(struct rfb_deflate *deflate, const uint8_t *bytes, size_t count, int level,
	int strategy, enum rfb_deflate_end end, struct rfb_buffer *out) {
	static const int flushes[] = {Z_NO_FLUSH, Z_BLOCK, Z_SYNC_FLUSH};
	if (!deflate->started && !start(deflate, level, strategy)) {
		return false;
	}
	set_parameters(deflate, level, strategy, out);
	deflate->stream.next_in = (Bytef *)bytes;
	deflate->stream.avail_in = (uInt)count;
	drain(&deflate->stream, flushes[end], out);
	return true;
}

void rfb_deflate_finish(struct rfb_deflate *deflate) {
	if (deflate->started) {
		deflateEnd(&deflate->stream);
	}
	*deflate = (struct rfb_deflate){0};
}
