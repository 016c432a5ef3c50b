/* The target's sound, for SPICE clients: as it comes, in the library's frames (Opus where the
 * client knows it). What nobody takes is lost. */
#ifndef REMOTE_SPICE_SOUND_H
#define REMOTE_SPICE_SOUND_H

#include <spice.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct audio_client;
struct audio_mix;
struct audio_mix_source;
struct display_client;

struct spice_sound {
	/* private */
	SpicePlaybackInstance playback;
	struct audio_mix *mix; /* of the target's streams */
	struct audio_mix_source *source;
	struct audio_client *client; /* NULL: no display now */
	uint32_t *frame; /* the library's, being filled; NULL: none */
	uint32_t room, filled; /* samples, of both channels, in it */
};

/* False after a log line. */
bool spice_sound_init(struct spice_sound *sound, SpiceServer *server);
void spice_sound_finish(struct spice_sound *sound);

/* The connection that brings it; NULL before that one goes. */
void spice_sound_set_display(struct spice_sound *sound, struct display_client *display);

#endif
