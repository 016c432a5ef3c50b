/* Sound in Display1's terms: streams of PCM, each with its format, and those who take them.
 *
 * A sink gets streams from somebody: audio_client.h (a display's), published_audio.h takes them for
 * its listeners, audio_mix.h makes one of them. Everything happens on the event loop's thread, and
 * no sink may block. */
#ifndef VM_DISPLAY_AUDIO_H
#define VM_DISPLAY_AUDIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AUDIO_STREAMS_MAX 16 /* of one peer */
#define AUDIO_CHANNELS_MAX 8
#define AUDIO_RATE_MIN 4000 /* Hz */
#define AUDIO_RATE_MAX 192000 /* Hz */
#define AUDIO_WRITE_MAX 262144 /* bytes in one message */

struct audio_format {
	uint8_t bits; /* 8, 16 or 32; a float has 32 */
	bool is_signed, is_float, big_endian;
	uint32_t rate; /* Hz */
	uint8_t channels;
};

struct audio_stream {
	uint64_t id;
	struct audio_format format;
	bool enabled;
	bool has_volume, mute;
	uint8_t volume[AUDIO_CHANNELS_MAX]; /* 255 is full */
};

/* The sink of `data`. Calls come only for streams that began. */
struct audio_sink {
	void (*begin)(void *data, uint64_t id, const struct audio_format *format);
	void (*end)(void *data, uint64_t id);
	void (*enable)(void *data, uint64_t id, bool enabled);
	/* `volume` has AUDIO_CHANNELS_MAX members. */
	void (*volume)(void *data, uint64_t id, bool mute, const uint8_t *volume);
	/* Whole frames. */
	void (*write)(void *data, uint64_t id, const void *pcm, size_t size);
};

bool audio_format_is_legal(const struct audio_format *format);
bool audio_format_equals(const struct audio_format *a, const struct audio_format *b);
size_t audio_frame_size(const struct audio_format *format); /* bytes, of all channels */

/* The streams of one peer, with what was said of them. */
struct audio_streams {
	struct audio_stream list[AUDIO_STREAMS_MAX];
	int count;
};
struct audio_stream *audio_streams_find(struct audio_streams *streams, uint64_t id);
/* NULL if there are too many. */
struct audio_stream *audio_streams_add(
	struct audio_streams *streams, uint64_t id, const struct audio_format *format);
void audio_streams_remove(struct audio_streams *streams, struct audio_stream *stream);
/* Tells a sink of all of them, as if they began now. */
void audio_streams_replay(
	const struct audio_streams *streams, const struct audio_sink *sink, void *data);

#endif
