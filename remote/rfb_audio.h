/* QEMU's audio extension: the client says in which format it wants to hear, and when. Sound that it
 * doesn't read in time is dropped. Source: the community's rfbproto, "QEMU Audio". */
#ifndef REMOTE_RFB_AUDIO_H
#define REMOTE_RFB_AUDIO_H

#include <speex/speex_resampler.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RFB_AUDIO_SUBTYPE 1 /* of RFB_MESSAGE_QEMU */
#define RFB_AUDIO_WAITING_MAX (32 * 1024) /* bytes before the client; then sound is dropped */
#define RFB_AUDIO_RATE_MIN 4000 /* Hz */
#define RFB_AUDIO_RATE_MAX 192000

struct rfb_buffer;

struct rfb_audio {
	void (*hear)(void *data, bool wanted);
	void *data;
	bool enabled; /* the client wants to hear */
	bool playing; /* something does */
	bool begun; /* the client was told so */
	int size; /* bytes of a sample */
	bool is_signed;
	int channels; /* 1 or 2 */
	SpeexResamplerState *resampler; /* NULL: the rate is ours */
};

void rfb_audio_init(struct rfb_audio *audio, void (*hear)(void *data, bool wanted), void *data);
void rfb_audio_finish(struct rfb_audio *audio);

/* Bytes of the message that begins here, of which `count` >= 4 are there; 0: it breaks the
 * protocol. */
size_t rfb_audio_length(const uint8_t *message);
/* False if it breaks the protocol. */
bool rfb_audio_handle(struct rfb_audio *audio, const uint8_t *message, struct rfb_buffer *out);

/* As audio_mix.h calls. */
void rfb_audio_set_playing(struct rfb_audio *audio, bool playing, struct rfb_buffer *out);
void rfb_audio_add(
	struct rfb_audio *audio, const int16_t *samples, size_t frames, struct rfb_buffer *out);

#endif
