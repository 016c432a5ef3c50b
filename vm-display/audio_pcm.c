#include "vm-display/audio_pcm.h"

#include <string.h>

static uint32_t load(const uint8_t *bytes, int size, bool big_endian) {
	uint32_t value = 0;
	for (int i = 0; i < size; i++) {
		value |= (uint32_t)bytes[big_endian ? size - 1 - i : i] << (8 * i);
	}
	return value;
}

static int16_t from_float(uint32_t bits) {
	float value;
	memcpy(&value, &bits, sizeof(value));
	/* Written so that what isn't a number becomes silence. */
	return value >= 1        ? INT16_MAX
		: value <= -1    ? INT16_MIN
		: value * 0 == 0 ? value * 32767
				 : 0;
}

static int16_t sample_at(const uint8_t *bytes, const struct audio_format *format) {
	int size = format->bits / 8;
	uint32_t value = load(bytes, size, format->big_endian);
	if (format->is_float) {
		return from_float(value);
	}
	value <<= 32 - format->bits;
	if (!format->is_signed) {
		value ^= 0x80000000u;
	}
	return (int16_t)(value >> 16);
}

void audio_pcm_to_stereo(
	int16_t *out, const void *pcm, size_t frames, const struct audio_format *format) {
	const uint8_t *bytes = pcm;
	int second = format->channels > 1 ? format->bits / 8 : 0;
	for (size_t i = 0; i < frames; i++) {
		out[2 * i] = sample_at(bytes, format);
		out[2 * i + 1] = sample_at(bytes + second, format);
		bytes += audio_frame_size(format);
	}
}
