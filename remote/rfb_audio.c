#include "remote/rfb_audio.h"

#include "remote/rfb_buffer.h"
#include "remote/rfb_message.h"
#include "vm-display/audio_mix.h"

#define RESAMPLER_QUALITY 4 /* of 10 */

enum client_operation { CLIENT_ENABLE, CLIENT_DISABLE, CLIENT_FORMAT };
enum server_operation { SERVER_END, SERVER_BEGIN, SERVER_DATA };

void rfb_audio_init(struct rfb_audio *audio, void (*hear)(void *data, bool wanted), void *data) {
	*audio = (struct rfb_audio){.hear = hear, .data = data, .size = 2, .is_signed = true};
	audio->channels = AUDIO_MIX_CHANNELS;
}

void rfb_audio_finish(struct rfb_audio *audio) {
	if (audio->resampler) {
		speex_resampler_destroy(audio->resampler);
		audio->resampler = NULL;
	}
}

size_t rfb_audio_length(const uint8_t *message) {
	switch (message[2] << 8 | message[3]) {
	case CLIENT_ENABLE:
	case CLIENT_DISABLE:
		return 4;
	case CLIENT_FORMAT:
		return 10;
	default:
		return 0;
	}
}

static void say(struct rfb_buffer *out, enum server_operation operation) {
	rfb_buffer_add_u8(out, RFB_MESSAGE_QEMU);
	rfb_buffer_add_u8(out, RFB_AUDIO_SUBTYPE);
	rfb_buffer_add_u16(out, operation);
}

static void review(struct rfb_audio *audio, struct rfb_buffer *out) {
	bool wanted = audio->enabled && audio->playing;
	if (wanted != audio->begun) {
		audio->begun = wanted;
		say(out, wanted ? SERVER_BEGIN : SERVER_END);
	}
}

static bool set_format(struct rfb_audio *audio, const uint8_t *message) {
	unsigned int sample = message[4], channels = message[5];
	uint32_t rate = (uint32_t)message[6] << 24 | (uint32_t)message[7] << 16 |
		(uint32_t)message[8] << 8 | message[9];
	if (sample > 5 || channels < 1 || channels > 2 || rate < RFB_AUDIO_RATE_MIN ||
		rate > RFB_AUDIO_RATE_MAX) {
		return false;
	}
	audio->size = 1 << sample / 2;
	audio->is_signed = sample % 2;
	audio->channels = channels;
	rfb_audio_finish(audio);
	if (rate != AUDIO_MIX_RATE) {
		audio->resampler = speex_resampler_init(
			AUDIO_MIX_CHANNELS, AUDIO_MIX_RATE, rate, RESAMPLER_QUALITY, NULL);
	}
	return rate == AUDIO_MIX_RATE || audio->resampler;
}

bool rfb_audio_handle(struct rfb_audio *audio, const uint8_t *message, struct rfb_buffer *out) {
	unsigned int operation = message[2] << 8 | message[3];
	if (operation == CLIENT_FORMAT) {
		return set_format(audio, message);
	}
	bool enabled = operation == CLIENT_ENABLE;
	if (enabled != audio->enabled) {
		audio->enabled = enabled;
		audio->hear(audio->data, enabled);
		review(audio, out);
	}
	return true;
}

void rfb_audio_set_playing(struct rfb_audio *audio, bool playing, struct rfb_buffer *out) {
	audio->playing = playing;
	review(audio, out);
}

/* One sample in the client's format, little endian. */
static void put(const struct rfb_audio *audio, struct rfb_buffer *out, int16_t sample) {
	uint32_t value = (uint32_t)(uint16_t)sample << 16;
	if (!audio->is_signed) {
		value ^= 0x80000000u;
	}
	for (int i = 4 - audio->size; i < 4; i++) {
		rfb_buffer_add_u8(out, value >> (8 * i));
	}
}

static void add(
	struct rfb_audio *audio, const int16_t *samples, size_t frames, struct rfb_buffer *out) {
	say(out, SERVER_DATA);
	rfb_buffer_add_u32(out, frames * audio->channels * audio->size);
	for (size_t i = 0; i < frames; i++) {
		const int16_t *frame = samples + i * AUDIO_MIX_CHANNELS;
		if (audio->channels == 1) {
			put(audio, out, (frame[0] + frame[1]) / 2);
		} else {
			put(audio, out, frame[0]);
			put(audio, out, frame[1]);
		}
	}
}

void rfb_audio_add(
	struct rfb_audio *audio, const int16_t *samples, size_t frames, struct rfb_buffer *out) {
	if (!audio->begun || out->size > RFB_AUDIO_WAITING_MAX) {
		return;
	}
	if (!audio->resampler) {
		add(audio, samples, frames, out);
		return;
	}
	while (frames > 0) {
		int16_t resampled[AUDIO_MIX_PIECE * AUDIO_MIX_CHANNELS];
		spx_uint32_t in_frames = frames, out_frames = AUDIO_MIX_PIECE;
		speex_resampler_process_interleaved_int(
			audio->resampler, samples, &in_frames, resampled, &out_frames);
		if (out_frames > 0) {
			add(audio, resampled, out_frames, out);
		}
		if (in_frames == 0 && out_frames == 0) {
			return;
		}
		samples += in_frames * AUDIO_MIX_CHANNELS;
		frames -= in_frames;
	}
}
