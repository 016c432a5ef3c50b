#include "remote/rfb_message.h"

#include "remote/rfb_audio.h"
#include "remote/rfb_flow.h"

static uint32_t read_u16(const uint8_t *bytes) {
	return (uint32_t)bytes[0] << 8 | bytes[1];
}

static uint32_t read_u32(const uint8_t *bytes) {
	return read_u16(bytes) << 16 | read_u16(bytes + 2);
}

static bool channel_is_sound(uint32_t max, uint32_t shift, uint32_t bits) {
	return max != 0 && (max & (max + 1)) == 0 && shift < bits &&
		((uint64_t)max << shift) < (uint64_t)1 << bits;
}

static bool pixel_format_is_sound(const uint8_t *format) {
	uint32_t bits = format[0], depth = format[1];
	bool true_colour = format[3] != 0;
	if (bits != 8 && bits != 16 && bits != 32) {
		return false;
	}
	if (!true_colour) {
		return bits == 8;
	}
	return depth >= 1 && depth <= bits &&
		channel_is_sound(read_u16(format + 4), format[10], bits) &&
		channel_is_sound(read_u16(format + 6), format[11], bits) &&
		channel_is_sound(read_u16(format + 8), format[12], bits);
}

/* A negative length marks the extended clipboard's form. */
static uint32_t cut_text_length(const uint8_t *field) {
	uint32_t length = read_u32(field);
	return length & 0x80000000 ? -length : length;
}

static const char *check_variable(const uint8_t *head, size_t *length) {
	switch (head[0]) {
	case RFB_MESSAGE_SET_PIXEL_FORMAT:
		return pixel_format_is_sound(head + 4) ? NULL : "a pixel format that can't be";
	case RFB_MESSAGE_SET_ENCODINGS:
		*length += 4 * read_u16(head + 2);
		return read_u16(head + 2) <= RFB_ENCODINGS_MAX ? NULL : "too many encodings";
	case RFB_MESSAGE_CUT_TEXT:
		*length += cut_text_length(head + 4);
		return cut_text_length(head + 4) <= RFB_CUT_TEXT_MAX ? NULL : "too long a text";
	case RFB_MESSAGE_FENCE:
		*length += head[8];
		return head[8] <= RFB_FENCE_PAYLOAD_MAX ? NULL : "too long a fence";
	case RFB_MESSAGE_SET_DESKTOP_SIZE:
		*length += 16 * (size_t)head[6];
		return NULL;
	case RFB_MESSAGE_QEMU:
		*length = head[1] == 0                 ? 12
			: head[1] == RFB_AUDIO_SUBTYPE ? rfb_audio_length(head)
						       : 0;
		return *length > 0 ? NULL : "a QEMU message that isn't offered";
	default:
		return NULL;
	}
}

static size_t fixed_length(uint8_t type) {
	switch (type) {
	case RFB_MESSAGE_SET_PIXEL_FORMAT:
		return 20;
	case RFB_MESSAGE_SET_ENCODINGS:
	case RFB_MESSAGE_QEMU: /* the head of its several */
		return 4;
	case RFB_MESSAGE_UPDATE_REQUEST:
	case RFB_MESSAGE_CONTINUOUS:
		return 10;
	case RFB_MESSAGE_KEY:
		return 8;
	case RFB_MESSAGE_POINTER:
		return 6;
	case RFB_MESSAGE_FENCE:
		return 9;
	case RFB_MESSAGE_CUT_TEXT:
	case RFB_MESSAGE_SET_DESKTOP_SIZE:
		return 8;
	default:
		return 0;
	}
}

enum rfb_message_verdict rfb_message_inspect(
	const uint8_t *head, size_t count, bool buttons, size_t *length, const char **error) {
	if (count == 0) {
		return RFB_MESSAGE_SHORT;
	}
	*length = fixed_length(head[0]);
	if (*length == 0) {
		*error = "a message of a type that isn't offered";
		return RFB_MESSAGE_BAD;
	}
	if (count < *length) {
		return RFB_MESSAGE_SHORT;
	}
	if (buttons && head[0] == RFB_MESSAGE_POINTER && head[1] & RFB_POINTER_IS_EXTENDED) {
		*length += 1;
	}
	*error = check_variable(head, length);
	return *error ? RFB_MESSAGE_BAD : RFB_MESSAGE_KNOWN;
}
