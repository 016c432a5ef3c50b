#include "vm-display/audio_mix.h"

#include <speex/speex_resampler.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "util/log.h"
#include "util/mem.h"
#include "vm-display/audio_pcm.h"

/* Frames that a stream can be ahead: what made it flush, and what came then. */
#define RING (AUDIO_MIX_LEAD + 2 * AUDIO_MIX_PIECE)
#define RESAMPLER_QUALITY 4 /* of 10 */

struct mix_stream {
	uint64_t id;
	struct audio_format format;
	bool enabled;
	bool starves; /* others don't wait for it */
	bool mute;
	uint8_t volume[AUDIO_CHANNELS_MAX];
	SpeexResamplerState *resampler; /* NULL: it has our rate */
	int16_t ring[RING * AUDIO_MIX_CHANNELS];
	size_t first, filled; /* frames */
	TAILQ_ENTRY(mix_stream) link;
};

struct audio_mix_source {
	struct audio_mix *mix;
	TAILQ_HEAD(, mix_stream) streams;
	TAILQ_ENTRY(audio_mix_source) link;
};

struct audio_mix {
	const struct audio_mix_impl *impl;
	void *data;
	bool playing;
	TAILQ_HEAD(, audio_mix_source) sources;
};

const struct audio_format audio_mix_format = {
	.bits = 16,
	.is_signed = true,
	.big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__,
	.rate = AUDIO_MIX_RATE,
	.channels = AUDIO_MIX_CHANNELS,
};

struct audio_mix *audio_mix_create(const struct audio_mix_impl *impl, void *data) {
	struct audio_mix *mix = xcalloc(1, sizeof(*mix));
	mix->impl = impl;
	mix->data = data;
	TAILQ_INIT(&mix->sources);
	return mix;
}

bool audio_mix_is_playing(const struct audio_mix *mix) {
	return mix->playing;
}

#define FOREACH_STREAM(mix, source, stream)                                                        \
	TAILQ_FOREACH (source, &(mix)->sources, link)                                              \
		TAILQ_FOREACH (stream, &(source)->streams, link)

/* How much can go out now. */
static size_t ready_frames(struct audio_mix *mix) {
	size_t least = SIZE_MAX, most = 0;
	struct audio_mix_source *source;
	struct mix_stream *stream;
	FOREACH_STREAM(mix, source, stream) {
		most = stream->filled > most ? stream->filled : most;
		if (stream->enabled && !stream->starves && stream->filled < least) {
			least = stream->filled;
		}
	}
	if (least == SIZE_MAX) {
		return most; /* nobody to wait for */
	}
	if (least == 0 && most > AUDIO_MIX_LEAD) {
		FOREACH_STREAM(mix, source, stream) {
			stream->starves = stream->filled == 0;
		}
		return most - AUDIO_MIX_LEAD;
	}
	return least;
}

static void add_stream(struct mix_stream *stream, int32_t *sum, size_t frames) {
	size_t count = stream->filled < frames ? stream->filled : frames;
	for (size_t i = 0; i < count; i++) {
		const int16_t *frame =
			&stream->ring[(stream->first + i) % RING * AUDIO_MIX_CHANNELS];
		for (int c = 0; c < AUDIO_MIX_CHANNELS && !stream->mute; c++) {
			sum[i * AUDIO_MIX_CHANNELS + c] += frame[c] * stream->volume[c] / 255;
		}
	}
	stream->first = (stream->first + count) % RING;
	stream->filled -= count;
}

static void send_piece(struct audio_mix *mix, size_t frames) {
	int32_t sum[AUDIO_MIX_PIECE * AUDIO_MIX_CHANNELS] = {0};
	int16_t samples[AUDIO_MIX_PIECE * AUDIO_MIX_CHANNELS];
	struct audio_mix_source *source;
	struct mix_stream *stream;
	FOREACH_STREAM(mix, source, stream) {
		add_stream(stream, sum, frames);
	}
	for (size_t i = 0; i < frames * AUDIO_MIX_CHANNELS; i++) {
		samples[i] = sum[i] > INT16_MAX ? INT16_MAX
			: sum[i] < INT16_MIN    ? INT16_MIN
						: sum[i];
	}
	mix->impl->pcm(mix->data, samples, frames);
}

static void flush(struct audio_mix *mix) {
	for (size_t frames = ready_frames(mix); frames > 0; frames = ready_frames(mix)) {
		send_piece(mix, frames < AUDIO_MIX_PIECE ? frames : AUDIO_MIX_PIECE);
	}
}

/* Somebody began or stopped playing. */
static void review(struct audio_mix *mix) {
	bool playing = false;
	struct audio_mix_source *source;
	struct mix_stream *stream;
	FOREACH_STREAM(mix, source, stream) {
		playing |= stream->enabled;
	}
	if (playing && !mix->playing) {
		mix->playing = true;
		mix->impl->playing(mix->data, true);
	}
	flush(mix);
	if (!playing && mix->playing) {
		mix->playing = false;
		mix->impl->playing(mix->data, false);
	}
}

struct audio_mix_source *audio_mix_add_source(struct audio_mix *mix) {
	struct audio_mix_source *source = xcalloc(1, sizeof(*source));
	source->mix = mix;
	TAILQ_INIT(&source->streams);
	TAILQ_INSERT_TAIL(&mix->sources, source, link);
	return source;
}

static void stream_destroy(struct audio_mix_source *source, struct mix_stream *stream) {
	TAILQ_REMOVE(&source->streams, stream, link);
	if (stream->resampler) {
		speex_resampler_destroy(stream->resampler);
	}
	free(stream);
}

static void source_destroy(struct audio_mix_source *source) {
	struct mix_stream *stream;
	while ((stream = TAILQ_FIRST(&source->streams))) {
		stream_destroy(source, stream);
	}
	TAILQ_REMOVE(&source->mix->sources, source, link);
	free(source);
}

void audio_mix_remove_source(struct audio_mix_source *source) {
	if (source) {
		struct audio_mix *mix = source->mix;
		source_destroy(source);
		review(mix);
	}
}

void audio_mix_destroy(struct audio_mix *mix) {
	if (!mix) {
		return;
	}
	struct audio_mix_source *source;
	while ((source = TAILQ_FIRST(&mix->sources))) {
		source_destroy(source);
	}
	free(mix);
}

static struct mix_stream *find(struct audio_mix_source *source, uint64_t id) {
	struct mix_stream *stream;
	TAILQ_FOREACH (stream, &source->streams, link) {
		if (stream->id == id) {
			return stream;
		}
	}
	return NULL;
}

static void handle_begin(void *data, uint64_t id, const struct audio_format *format) {
	struct audio_mix_source *source = data;
	struct mix_stream *stream = xcalloc(1, sizeof(*stream));
	stream->id = id;
	stream->format = *format;
	memset(stream->volume, 255, sizeof(stream->volume));
	if (format->rate != AUDIO_MIX_RATE) {
		stream->resampler = speex_resampler_init(
			AUDIO_MIX_CHANNELS, format->rate, AUDIO_MIX_RATE, RESAMPLER_QUALITY, NULL);
		if (!stream->resampler) {
			log_error("a sound of %u Hz can't be played", format->rate);
			free(stream);
			return;
		}
	}
	TAILQ_INSERT_TAIL(&source->streams, stream, link);
}

static void handle_end(void *data, uint64_t id) {
	struct audio_mix_source *source = data;
	struct mix_stream *stream = find(source, id);
	if (stream) {
		stream_destroy(source, stream);
		review(source->mix);
	}
}

static void handle_enable(void *data, uint64_t id, bool enabled) {
	struct audio_mix_source *source = data;
	struct mix_stream *stream = find(source, id);
	if (stream) {
		stream->enabled = enabled;
		stream->starves = enabled; /* until it writes */
		review(source->mix);
	}
}

static void handle_volume(void *data, uint64_t id, bool mute, const uint8_t *volume) {
	struct mix_stream *stream = find(data, id);
	if (stream) {
		stream->mute = mute;
		memcpy(stream->volume, volume, sizeof(stream->volume));
	}
}

static void put(
	struct audio_mix *mix, struct mix_stream *stream, const int16_t *samples, size_t frames) {
	for (size_t i = 0; i < frames; i++) {
		int16_t *place =
			&stream->ring[(stream->first + stream->filled) % RING * AUDIO_MIX_CHANNELS];
		memcpy(place, samples + i * AUDIO_MIX_CHANNELS,
			AUDIO_MIX_CHANNELS * sizeof(*place));
		if (stream->filled < RING) {
			stream->filled++;
		} else {
			stream->first = (stream->first + 1) % RING; /* the oldest is lost */
		}
	}
	stream->starves = false;
	flush(mix);
}

/* Up to AUDIO_MIX_PIECE / 2 frames of our channels. */
static void put_resampled(
	struct audio_mix *mix, struct mix_stream *stream, const int16_t *samples, size_t frames) {
	int16_t out[AUDIO_MIX_PIECE * AUDIO_MIX_CHANNELS];
	while (frames > 0) {
		spx_uint32_t in_frames = frames, out_frames = AUDIO_MIX_PIECE;
		if (speex_resampler_process_interleaved_int(stream->resampler, samples, &in_frames,
			    out, &out_frames) != RESAMPLER_ERR_SUCCESS ||
			(in_frames == 0 && out_frames == 0)) {
			return;
		}
		put(mix, stream, out, out_frames);
		samples += in_frames * AUDIO_MIX_CHANNELS;
		frames -= in_frames;
	}
}

static void handle_write(void *data, uint64_t id, const void *pcm, size_t size) {
	struct audio_mix_source *source = data;
	struct mix_stream *stream = find(source, id);
	size_t frame_size = stream ? audio_frame_size(&stream->format) : 1;
	for (size_t left = stream ? size / frame_size : 0; left > 0;) {
		int16_t samples[AUDIO_MIX_PIECE * AUDIO_MIX_CHANNELS];
		size_t frames = left < AUDIO_MIX_PIECE ? left : AUDIO_MIX_PIECE;
		audio_pcm_to_stereo(samples, pcm, frames, &stream->format);
		if (stream->resampler) {
			put_resampled(source->mix, stream, samples, frames);
		} else {
			put(source->mix, stream, samples, frames);
		}
		pcm = (const uint8_t *)pcm + frames * frame_size;
		left -= frames;
	}
}

const struct audio_sink audio_mix_sink = {
	.begin = handle_begin,
	.end = handle_end,
	.enable = handle_enable,
	.volume = handle_volume,
	.write = handle_write,
};
