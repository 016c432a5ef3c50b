#include "remote/display_sound.h"

#include <stdlib.h>

#include "util/mem.h"
#include "vm-display/audio_client.h"

struct display_sound {
	struct audio_client *client;
	struct audio_mix *mix;
};

struct display_sound *display_sound_create(
	struct display_client *display, const struct audio_mix_impl *impl, void *data) {
	struct display_sound *sound = xcalloc(1, sizeof(*sound));
	sound->mix = audio_mix_create(impl, data);
	sound->client =
		audio_client_create(display, &audio_mix_sink, audio_mix_add_source(sound->mix));
	if (!sound->client) {
		display_sound_destroy(sound);
		return NULL;
	}
	return sound;
}

void display_sound_destroy(struct display_sound *sound) {
	if (sound) {
		audio_client_destroy(sound->client);
		audio_mix_destroy(sound->mix);
		free(sound);
	}
}
