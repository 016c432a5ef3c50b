/* The sound of a display, as one stream of 48 kHz, two channels and 16 bits (audio_mix.h). */
#ifndef REMOTE_DISPLAY_SOUND_H
#define REMOTE_DISPLAY_SOUND_H

#include "vm-display/audio_mix.h"

struct display_client;
struct display_sound;

/* Listens while it exists. When the display is ready; destroyed before it is. NULL after a log
 * line. */
struct display_sound *display_sound_create(
	struct display_client *display, const struct audio_mix_impl *impl, void *data);
void display_sound_destroy(struct display_sound *sound); /* silent; NULL is legal */

#endif
