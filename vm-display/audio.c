#include "vm-display/audio.h"

#include <string.h>

bool audio_format_is_legal(const struct audio_format *format) {
	bool bits = format->bits == 8 || format->bits == 16 || format->bits == 32;
	return bits && (!format->is_float || format->bits == 32) &&
		format->rate >= AUDIO_RATE_MIN && format->rate <= AUDIO_RATE_MAX &&
		format->channels >= 1 && format->channels <= AUDIO_CHANNELS_MAX;
}

bool audio_format_equals(const struct audio_format *a, const struct audio_format *b) {
	return a->bits == b->bits && a->is_signed == b->is_signed && a->is_float == b->is_float &&
		a->big_endian == b->big_endian && a->rate == b->rate && a->channels == b->channels;
}

size_t audio_frame_size(const struct audio_format *format) {
	return (size_t)format->bits / 8 * format->channels;
}

struct audio_stream *audio_streams_find(struct audio_streams *streams, uint64_t id) {
	for (int i = 0; i < streams->count; i++) {
		if (streams->list[i].id == id) {
			return &streams->list[i];
		}
	}
	return NULL;
}

struct audio_stream *audio_streams_add(
	struct audio_streams *streams, uint64_t id, const struct audio_format *format) {
	if (streams->count == AUDIO_STREAMS_MAX) {
		return NULL;
	}
	struct audio_stream *stream = &streams->list[streams->count++];
	*stream = (struct audio_stream){.id = id, .format = *format};
	return stream;
}

void audio_streams_remove(struct audio_streams *streams, struct audio_stream *stream) {
	*stream = streams->list[--streams->count];
}

void audio_streams_replay(
	const struct audio_streams *streams, const struct audio_sink *sink, void *data) {
	for (int i = 0; i < streams->count; i++) {
		const struct audio_stream *stream = &streams->list[i];
		sink->begin(data, stream->id, &stream->format);
		if (stream->has_volume) {
			sink->volume(data, stream->id, stream->mute, stream->volume);
		}
		if (stream->enabled) {
			sink->enable(data, stream->id, true);
		}
	}
}
