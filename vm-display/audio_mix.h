/* Several sounds made one, of one format: 48 kHz, two channels, signed 16 bits of the host's order.
 *
 * There is no clock here: sound goes out when it comes in, as soon as all streams that play have
 * some, and at the latest when one is AUDIO_MIX_LEAD ahead of another, which then is taken to be
 * silent until it writes again. So nothing wakes up when nothing plays. Sums saturate. */
#ifndef VM_DISPLAY_AUDIO_MIX_H
#define VM_DISPLAY_AUDIO_MIX_H

#include "vm-display/audio.h"

#define AUDIO_MIX_RATE 48000 /* Hz */
#define AUDIO_MIX_CHANNELS 2
#define AUDIO_MIX_LEAD 1920 /* frames: 40 ms */
#define AUDIO_MIX_PIECE 480 /* frames that go out at once, at most */

struct audio_mix;
struct audio_mix_source; /* a peer with streams of its own */

struct audio_mix_impl {
	void (*playing)(void *data, bool playing); /* something does, or nothing any more */
	void (*pcm)(void *data, const int16_t *samples, size_t frames);
};

struct audio_mix *audio_mix_create(const struct audio_mix_impl *impl, void *data);
bool audio_mix_is_playing(const struct audio_mix *mix);
void audio_mix_destroy(struct audio_mix *mix); /* with its sources; NULL is legal */

struct audio_mix_source *audio_mix_add_source(struct audio_mix *mix);
void audio_mix_remove_source(struct audio_mix_source *source); /* NULL is legal */
extern const struct audio_sink audio_mix_sink; /* its data is a source */

/* The format of what goes out. */
extern const struct audio_format audio_mix_format;

#endif
