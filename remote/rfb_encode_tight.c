#include "remote/rfb_encode_tight.h"

#include <string.h>
#include <turbojpeg.h>

#include "remote/rfb_format.h"
#include "remote/rfb_strip.h"
#include "remote/rfb_wishes.h"

#define PLAIN_BELOW 12 /* bytes that go without zlib, as Tight has it */
#define LEVEL_MAX 6

enum stream { STREAM_FULL, STREAM_MONO, STREAM_INDEXED, STREAM_NOISE };

enum control { /* the upper four bits say how */
	CONTROL_STREAM = 0x10, /* times the stream's number */
	CONTROL_FILTER = 0x40, /* a byte with the filter follows */
	CONTROL_FILL = 0x80,
	CONTROL_JPEG = 0x90,
};

#define FILTER_PALETTE 1

enum run_kind {
	RUN_NONE,
	RUN_SOLID,
	RUN_MONO,
	RUN_FULL, /* many colours */
	RUN_NOISE, /* so many that nothing repeats */
};

struct run { /* tiles side by side that are alike */
	enum run_kind kind;
	unsigned int x, width; /* px, of the strip */
	uint32_t colours[2]; /* of RUN_SOLID and RUN_MONO, the smaller one first */
};

struct job {
	struct rfb_tight *tight;
	const struct rfb_format *format;
	const struct rfb_strip *strip;
	const struct rfb_tight_options *options;
	struct rfb_buffer *out;
};

/* Loss and quality as clients have come to expect them of the ten levels. */
static const struct {
	int quality;
	int subsampling;
} jpeg_levels[10] = {
	{15, TJSAMP_420},
	{29, TJSAMP_420},
	{41, TJSAMP_420},
	{42, TJSAMP_422},
	{62, TJSAMP_422},
	{77, TJSAMP_422},
	{79, TJSAMP_444},
	{86, TJSAMP_444},
	{92, TJSAMP_444},
	{100, TJSAMP_444},
};

static void add_compact(struct rfb_buffer *out, size_t length) {
	for (int i = 0; i < 2 && length >= 0x80; i++, length >>= 7) {
		rfb_buffer_add_u8(out, 0x80 | (length & 0x7f));
	}
	rfb_buffer_add_u8(out, length);
}

static void begin_rectangle(const struct job *job, unsigned int x, unsigned int width) {
	rfbRectangle area = job->strip->area;
	area.x += x;
	area.w = width;
	rfb_buffer_add_rectangle(job->out, &area, RFB_ENCODING_TIGHT);
}

static void add_colours(const struct job *job, const uint32_t *colours, size_t count) {
	uint8_t *start = rfb_buffer_room(job->out, count * 4);
	job->out->size += rfb_format_put(job->format, start, colours, count) - start;
}

static int level_of(const struct rfb_tight_options *options) {
	return options->compression < 1            ? 1
		: options->compression > LEVEL_MAX ? LEVEL_MAX
						   : options->compression;
}

static bool pack(const struct job *job, enum stream stream) {
	struct rfb_tight *tight = job->tight;
	const struct rfb_buffer *raw = &tight->raw;
	if (!tight->fast) {
		return rfb_deflate_add(&tight->deflates[stream], raw->bytes, raw->size,
			level_of(job->options), Z_DEFAULT_STRATEGY, RFB_DEFLATE_FLUSH,
			&tight->packed);
	}
	struct rfb_squeeze *squeeze = &tight->squeezes[stream];
	if (stream == STREAM_NOISE) {
		rfb_squeeze_add_noise(squeeze, raw->bytes, raw->size, &tight->packed);
	} else {
		rfb_squeeze_add(squeeze, raw->bytes, &raw->size, 1, &tight->packed);
	}
	return true;
}

/* Sends what is in `raw`. */
static bool add_data(const struct job *job, enum stream stream) {
	struct rfb_tight *tight = job->tight;
	if (tight->raw.size < PLAIN_BELOW) {
		rfb_buffer_add(job->out, tight->raw.bytes, tight->raw.size);
		return true;
	}
	tight->packed.size = 0;
	if (!pack(job, stream)) {
		return false;
	}
	add_compact(job->out, tight->packed.size);
	rfb_buffer_add(job->out, tight->packed.bytes, tight->packed.size);
	return true;
}

static bool add_solid(const struct job *job, const struct run *run) {
	begin_rectangle(job, run->x, run->width);
	rfb_buffer_add_u8(job->out, CONTROL_FILL);
	add_colours(job, run->colours, 1);
	return true;
}

static void add_palette_head(
	const struct job *job, enum stream stream, const uint32_t *colours, unsigned int count) {
	rfb_buffer_add_u8(job->out, CONTROL_FILTER | (CONTROL_STREAM * stream));
	rfb_buffer_add_u8(job->out, FILTER_PALETTE);
	rfb_buffer_add_u8(job->out, count - 1);
	add_colours(job, colours, count);
}

static bool add_mono(const struct job *job, const struct run *run) {
	unsigned int stride = (run->width + 7) / 8, height = job->strip->area.h;
	job->tight->raw.size = 0;
	uint8_t *bits = rfb_buffer_room(&job->tight->raw, (size_t)stride * height);
	memset(bits, 0, (size_t)stride * height);
	for (unsigned int y = 0; y < height; y++, bits += stride) {
		const uint32_t *row = job->strip->values + y * job->strip->area.w + run->x;
		for (unsigned int x = 0; x < run->width; x++) {
			bits[x / 8] |= (row[x] == run->colours[1]) << (7 - x % 8);
		}
	}
	job->tight->raw.size = (size_t)stride * height;
	begin_rectangle(job, run->x, run->width);
	add_palette_head(job, STREAM_MONO, run->colours, 2);
	return add_data(job, STREAM_MONO);
}

static bool add_indexed(const struct job *job, unsigned int x, const struct rfb_tile *tile) {
	const struct rfb_palette *palette = &job->tight->palette;
	job->tight->raw.size = 0;
	rfb_buffer_add(&job->tight->raw, palette->indices, (size_t)tile->width * tile->height);
	begin_rectangle(job, x, tile->width);
	add_palette_head(job, STREAM_INDEXED, palette->colours, palette->count);
	return add_data(job, STREAM_INDEXED);
}

static bool add_full(const struct job *job, const struct run *run) {
	unsigned int height = job->strip->area.h;
	job->tight->raw.size = 0;
	uint8_t *start = rfb_buffer_room(&job->tight->raw, (size_t)run->width * height * 4);
	uint8_t *to = start;
	for (unsigned int y = 0; y < height; y++) {
		to = rfb_format_put(job->format, to,
			job->strip->values + y * job->strip->area.w + run->x, run->width);
	}
	job->tight->raw.size = to - start;
	begin_rectangle(job, run->x, run->width);
	/* Looking for what repeats would cost ten times as much and save a tenth. */
	bool noise = run->kind == RUN_NOISE && job->tight->fast;
	enum stream stream = noise ? STREAM_NOISE : STREAM_FULL;
	rfb_buffer_add_u8(job->out, CONTROL_STREAM * stream);
	return add_data(job, stream);
}

static bool add_jpeg(const struct job *job, const struct run *run) {
	struct rfb_tight *tight = job->tight;
	int quality = jpeg_levels[job->options->quality].quality;
	int subsampling = jpeg_levels[job->options->quality].subsampling;
	unsigned long size = tjBufSize(run->width, job->strip->area.h, subsampling);
	if (!tight->jpeg) {
		tight->jpeg = tjInitCompress();
	}
	tight->packed.size = 0;
	unsigned char *bytes = rfb_buffer_room(&tight->packed, size);
	const unsigned char *pixels = (const unsigned char *)(job->strip->values + run->x);
	if (!tight->jpeg ||
		tjCompress2(tight->jpeg, pixels, run->width, job->strip->area.w * 4,
			job->strip->area.h, TJPF_BGRX, &bytes, &size, subsampling, quality,
			TJFLAG_NOREALLOC) < 0) {
		return false;
	}
	begin_rectangle(job, run->x, run->width);
	rfb_buffer_add_u8(job->out, CONTROL_JPEG);
	add_compact(job->out, size);
	rfb_buffer_add(job->out, bytes, size);
	return true;
}

static bool add_run(const struct job *job, const struct run *run) {
	bool lossy = job->options->quality >= 0 && job->format->is_tight;
	switch (run->kind) {
	case RUN_NONE:
		return true;
	case RUN_SOLID:
		return add_solid(job, run);
	case RUN_MONO:
		return add_mono(job, run);
	default:
		return lossy ? add_jpeg(job, run) : add_full(job, run);
	}
}

static struct run describe(
	const struct rfb_palette *palette, unsigned int x, const struct rfb_tile *tile) {
	struct run run = {.x = x, .width = tile->width};
	if (palette->count == 0) {
		bool noisy = palette->runs * 4 > tile->width * tile->height * 3;
		run.kind = noisy ? RUN_NOISE : RUN_FULL;
	} else if (palette->count <= 2) {
		uint32_t a = palette->colours[0], b = palette->colours[palette->count - 1];
		run.kind = palette->count == 1 ? RUN_SOLID : RUN_MONO;
		run.colours[0] = a < b ? a : b;
		run.colours[1] = a < b ? b : a;
	}
	return run;
}

static bool are_alike(const struct run *a, const struct run *b) {
	return a->kind == b->kind && a->colours[0] == b->colours[0] &&
		a->colours[1] == b->colours[1];
}

/* Without loss, noise is better off with codes of each tile's own. */
static bool may_grow(const struct job *job, const struct run *run) {
	return run->kind != RUN_NONE && (run->kind != RUN_NOISE || job->options->quality >= 0);
}

static bool add_tile(const struct job *job, unsigned int x, struct run *run) {
	struct rfb_tile tile = rfb_strip_tile(job->strip, x);
	rfb_palette_find(&job->tight->palette, &tile);
	struct run next = describe(&job->tight->palette, x, &tile);
	if (job->options->merge && may_grow(job, &next) && are_alike(run, &next)) {
		run->width += next.width;
		return true;
	}
	bool ok = add_run(job, run);
	*run = next;
	return ok && (next.kind != RUN_NONE || add_indexed(job, x, &tile));
}

bool rfb_tight_encode(struct rfb_tight *tight, const struct rfb_format *format,
	const struct rfb_strip *strip, const struct rfb_tight_options *options,
	struct rfb_buffer *out) {
	struct job job = {
		.tight = tight, .format = format, .strip = strip, .options = options, .out = out};
	struct run run = {0};
	bool ok = true;
	if (!tight->started) {
		tight->fast = options->compression <= 1;
		tight->started = true;
	}
	for (unsigned int x = 0; x < strip->area.w && ok; x += RFB_TILE_SIDE) {
		ok = add_tile(&job, x, &run);
	}
	return ok && add_run(&job, &run);
}

void rfb_tight_finish(struct rfb_tight *tight) {
	for (int i = 0; i < RFB_TIGHT_STREAMS; i++) {
		rfb_deflate_finish(&tight->deflates[i]);
	}
	rfb_buffer_finish(&tight->raw);
	rfb_buffer_finish(&tight->packed);
	if (tight->jpeg) {
		tjDestroy(tight->jpeg);
		tight->jpeg = NULL;
	}
}
