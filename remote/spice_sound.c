#include "remote/spice_sound.h"

#include <assert.h>
#include <string.h>

#include "util/log.h"
#include "vm-display/audio_client.h"
#include "vm-display/audio_mix.h"

/* A sample of the library's is one of ours, of both channels. */
static_assert(AUDIO_MIX_CHANNELS == SPICE_INTERFACE_PLAYBACK_CHAN, "both are stereo");
#define SAMPLE_SIZE (AUDIO_MIX_CHANNELS * sizeof(int16_t))

static void put_frame(struct spice_sound *sound) {
	uint32_t *frame = sound->frame;
	sound->frame = NULL;
	sound->filled = 0;
	spice_server_playback_put_samples(&sound->playback, frame);
}

/* False: no client wants it, or the clients have too much already. */
static bool has_frame(struct spice_sound *sound) {
	if (!sound->frame) {
		spice_server_playback_get_buffer(&sound->playback, &sound->frame, &sound->room);
		sound->filled = 0;
	}
	return sound->frame;
}

static void handle_pcm(void *data, const int16_t *samples, size_t frames) {
	struct spice_sound *sound = data;
	while (frames > 0 && has_frame(sound)) {
		size_t count = sound->room - sound->filled;
		count = count < frames ? count : frames;
		memcpy(sound->frame + sound->filled, samples, count * SAMPLE_SIZE);
		sound->filled += count;
		samples += count * AUDIO_MIX_CHANNELS;
		frames -= count;
		if (sound->filled == sound->room) {
			put_frame(sound);
		}
	}
}

static void handle_playing(void *data, bool playing) {
	struct spice_sound *sound = data;
	if (playing) {
		spice_server_playback_start(&sound->playback);
		return;
	}
	if (sound->frame) {
		memset(sound->frame + sound->filled, 0,
			(sound->room - sound->filled) * SAMPLE_SIZE);
		put_frame(sound);
	}
	spice_server_playback_stop(&sound->playback);
}

static const struct audio_mix_impl mix_impl = {.playing = handle_playing, .pcm = handle_pcm};

static const SpicePlaybackInterface playback_interface = {
	.base.type = SPICE_INTERFACE_PLAYBACK,
	.base.description = "mullion",
	.base.major_version = SPICE_INTERFACE_PLAYBACK_MAJOR,
	.base.minor_version = SPICE_INTERFACE_PLAYBACK_MINOR,
};

bool spice_sound_init(struct spice_sound *sound, SpiceServer *server) {
	*sound = (struct spice_sound){.playback.base.sif = &playback_interface.base};
	sound->mix = audio_mix_create(&mix_impl, sound);
	sound->source = audio_mix_add_source(sound->mix);
	if (spice_server_add_interface(server, &sound->playback.base) != 0) {
		log_error("can't add sound to the SPICE server");
		return false;
	}
	spice_server_set_playback_rate(&sound->playback, AUDIO_MIX_RATE);
	return true;
}

void spice_sound_finish(struct spice_sound *sound) {
	audio_client_destroy(sound->client);
	audio_mix_destroy(sound->mix);
	*sound = (struct spice_sound){0};
}

void spice_sound_set_display(struct spice_sound *sound, struct display_client *display) {
	audio_client_destroy(sound->client);
	sound->client =
		display ? audio_client_create(display, &audio_mix_sink, sound->source) : NULL;
}
