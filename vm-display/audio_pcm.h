/* Samples of any legal format made signed 16 bits, and back for those that clients ask for. */
#ifndef VM_DISPLAY_AUDIO_PCM_H
#define VM_DISPLAY_AUDIO_PCM_H

#include "vm-display/audio.h"

/* `pcm` may lie anywhere; `out` has room for 2 samples a frame. One channel goes to both sides, of
 * more than two the first two count. */
void audio_pcm_to_stereo(
	int16_t *out, const void *pcm, size_t frames, const struct audio_format *format);

#endif
