#include "compositor/sound.h"

#include <stdlib.h>
#include <wayland-util.h>

#include "util/mem.h"
#include "vm-display/audio_client.h"
#include "vm-display/audio_mix.h"
#include "vm-display/published_audio.h"

#define MIX_ID 1 /* of the mix's stream */

struct sound {
	struct audio_mix *mix;
	bool wanted; /* somebody listens to the mix */
	struct wl_list outlets; /* sound_outlet.link */
	struct wl_list guests; /* sound_guest.link */
};

/* A publisher that offers the mix. */
struct sound_outlet {
	struct sound *sound;
	struct published_audio *published;
	bool listened;
	struct wl_list link; /* sound.outlets */
};

struct sound_guest {
	struct sound *sound;
	struct display_client *display; /* NULL: not connected */
	struct audio_client *client; /* NULL: nobody listens */
	struct audio_mix_source *source; /* NULL: nobody listens to the mix */
	struct published_audio *published; /* NULL: nobody asked for the guest's display */
	bool listened; /* there */
	struct wl_list link; /* sound.guests */
};

static void handle_stream_begin(void *data, uint64_t id, const struct audio_format *format) {
	struct sound_guest *guest = data;
	if (guest->published) {
		published_audio_sink.begin(guest->published, id, format);
	}
	if (guest->source) {
		audio_mix_sink.begin(guest->source, id, format);
	}
}

static void handle_stream_end(void *data, uint64_t id) {
	struct sound_guest *guest = data;
	if (guest->published) {
		published_audio_sink.end(guest->published, id);
	}
	if (guest->source) {
		audio_mix_sink.end(guest->source, id);
	}
}

static void handle_stream_enable(void *data, uint64_t id, bool enabled) {
	struct sound_guest *guest = data;
	if (guest->published) {
		published_audio_sink.enable(guest->published, id, enabled);
	}
	if (guest->source) {
		audio_mix_sink.enable(guest->source, id, enabled);
	}
}

static void handle_stream_volume(void *data, uint64_t id, bool mute, const uint8_t *volume) {
	struct sound_guest *guest = data;
	if (guest->published) {
		published_audio_sink.volume(guest->published, id, mute, volume);
	}
	if (guest->source) {
		audio_mix_sink.volume(guest->source, id, mute, volume);
	}
}

static void handle_stream_write(void *data, uint64_t id, const void *pcm, size_t size) {
	struct sound_guest *guest = data;
	if (guest->published) {
		published_audio_sink.write(guest->published, id, pcm, size);
	}
	if (guest->source) {
		audio_mix_sink.write(guest->source, id, pcm, size);
	}
}

/* What comes from a guest goes to both who listen. */
static const struct audio_sink guest_sink = {
	.begin = handle_stream_begin,
	.end = handle_stream_end,
	.enable = handle_stream_enable,
	.volume = handle_stream_volume,
	.write = handle_stream_write,
};

static void replay(struct sound_guest *guest, const struct audio_sink *sink, void *data) {
	const struct audio_streams *streams = audio_client_streams(guest->client);
	if (streams) {
		audio_streams_replay(streams, sink, data);
	}
}

static void sound_guest_update(struct sound_guest *guest) {
	bool mixed = guest->sound->wanted;
	if (mixed && !guest->source) {
		guest->source = audio_mix_add_source(guest->sound->mix);
		replay(guest, &audio_mix_sink, guest->source);
	} else if (!mixed && guest->source) {
		audio_mix_remove_source(guest->source);
		guest->source = NULL;
	}
	bool wanted = guest->display && (mixed || guest->listened);
	if (wanted && !guest->client) {
		guest->client = audio_client_create(guest->display, &guest_sink, guest);
	} else if (!wanted) {
		audio_client_destroy(guest->client);
		guest->client = NULL;
	}
}

static void handle_guest_listening(void *data, bool anybody) {
	struct sound_guest *guest = data;
	guest->listened = anybody;
	sound_guest_update(guest);
}

static void handle_guest_destroyed(void *data) {
	struct sound_guest *guest = data;
	guest->published = NULL;
}

static const struct published_audio_impl guest_audio_impl = {
	.listening = handle_guest_listening,
	.destroyed = handle_guest_destroyed,
};

struct sound_guest *sound_guest_create(struct sound *sound) {
	struct sound_guest *guest = xcalloc(1, sizeof(*guest));
	guest->sound = sound;
	wl_list_insert(&sound->guests, &guest->link);
	return guest;
}

void sound_guest_destroy(struct sound_guest *guest) {
	if (!guest) {
		return;
	}
	audio_client_destroy(guest->client);
	audio_mix_remove_source(guest->source);
	wl_list_remove(&guest->link);
	free(guest);
}

void sound_guest_publish(struct sound_guest *guest, struct publisher *publisher) {
	if (guest) {
		guest->published = publisher_add_audio(publisher, &guest_audio_impl, guest);
		replay(guest, &published_audio_sink, guest->published);
	}
}

void sound_guest_connect(struct sound_guest *guest, struct display_client *display) {
	if (guest) {
		guest->display = display;
		sound_guest_update(guest);
	}
}

static void handle_outlet_listening(void *data, bool anybody) {
	struct sound_outlet *outlet = data;
	struct sound *sound = outlet->sound;
	outlet->listened = anybody;
	sound->wanted = false;
	struct sound_outlet *other;
	wl_list_for_each (other, &sound->outlets, link) {
		sound->wanted |= other->listened;
	}
	struct sound_guest *guest;
	wl_list_for_each (guest, &sound->guests, link) {
		sound_guest_update(guest);
	}
}

static void handle_outlet_destroyed(void *data) {
	struct sound_outlet *outlet = data;
	wl_list_remove(&outlet->link);
	free(outlet);
}

static const struct published_audio_impl outlet_impl = {
	.listening = handle_outlet_listening,
	.destroyed = handle_outlet_destroyed,
};

void sound_publish(struct sound *sound, struct publisher *publisher) {
	struct sound_outlet *outlet = xcalloc(1, sizeof(*outlet));
	outlet->sound = sound;
	outlet->published = publisher_add_audio(publisher, &outlet_impl, outlet);
	wl_list_insert(&sound->outlets, &outlet->link);
	published_audio_sink.begin(outlet->published, MIX_ID, &audio_mix_format);
	published_audio_sink.enable(outlet->published, MIX_ID, audio_mix_is_playing(sound->mix));
}

static void handle_mix_playing(void *data, bool playing) {
	struct sound *sound = data;
	struct sound_outlet *outlet;
	wl_list_for_each (outlet, &sound->outlets, link) {
		published_audio_sink.enable(outlet->published, MIX_ID, playing);
	}
}

static void handle_mix_pcm(void *data, const int16_t *samples, size_t frames) {
	struct sound *sound = data;
	size_t size = frames * audio_frame_size(&audio_mix_format);
	struct sound_outlet *outlet;
	wl_list_for_each (outlet, &sound->outlets, link) {
		published_audio_sink.write(outlet->published, MIX_ID, samples, size);
	}
}

static const struct audio_mix_impl mix_impl = {
	.playing = handle_mix_playing,
	.pcm = handle_mix_pcm,
};

struct sound *sound_create(void) {
	struct sound *sound = xcalloc(1, sizeof(*sound));
	wl_list_init(&sound->outlets);
	wl_list_init(&sound->guests);
	sound->mix = audio_mix_create(&mix_impl, sound);
	return sound;
}

void sound_destroy(struct sound *sound) {
	if (sound) {
		audio_mix_destroy(sound->mix);
		free(sound);
	}
}
