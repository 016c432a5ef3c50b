#include "remote/web_frames.h"

#include <endian.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>

#define FINAL 0x80
#define RESERVED 0x70
#define MASKED 0x80

enum close_code { CLOSE_PROTOCOL = 1002, CLOSE_NOT_BINARY = 1003, CLOSE_TOO_BIG = 1009 };

struct complaint {
	uint16_t *code;
	const char **error;
};

static bool complain(const struct complaint *complaint, enum close_code code, const char *error) {
	*complaint->code = code;
	*complaint->error = error;
	return false;
}

static enum web_opcode opcode_of(const struct web_frames *frames) {
	return frames->head[0] & 0xf;
}

static bool is_control(const struct web_frames *frames) {
	return frames->head[0] & 8;
}

/* Bytes of the head, of which two at least have come. */
static size_t head_size(const struct web_frames *frames) {
	unsigned int length = frames->head[1] & 0x7f;
	return 2 + (length == 126 ? 2 : length == 127 ? 8 : 0) + 4;
}

static const uint8_t *mask_of(const struct web_frames *frames) {
	return frames->head + head_size(frames) - 4;
}

/* As soon as the first two bytes are there. */
static bool check_start(const struct web_frames *frames, const struct complaint *complaint) {
	enum web_opcode opcode = opcode_of(frames);
	bool final = frames->head[0] & FINAL;
	if (frames->head[0] & RESERVED) {
		return complain(complaint, CLOSE_PROTOCOL, "an extension that wasn't agreed on");
	}
	if (!(frames->head[1] & MASKED)) {
		return complain(complaint, CLOSE_PROTOCOL, "a frame without a mask");
	}
	if (is_control(frames)) {
		return (opcode <= WEB_OPCODE_PONG && final &&
			       (frames->head[1] & 0x7f) <= WEB_CONTROL_MAX) ||
			complain(complaint, CLOSE_PROTOCOL, "a malformed control frame");
	}
	if (opcode == WEB_OPCODE_TEXT) {
		return complain(complaint, CLOSE_NOT_BINARY, "a frame of text");
	}
	if (opcode > WEB_OPCODE_BINARY) {
		return complain(complaint, CLOSE_PROTOCOL, "a frame of an unknown kind");
	}
	return frames->within == (opcode == WEB_OPCODE_CONTINUATION) ||
		complain(complaint, CLOSE_PROTOCOL, "a fragment out of turn");
}

/* False, too, for one that would fit into fewer bytes. */
static bool read_length(struct web_frames *frames) {
	uint64_t length = frames->head[1] & 0x7f;
	if (length == 126) {
		length = frames->head[2] << 8 | frames->head[3];
		frames->left = length;
		return length >= 126;
	}
	if (length == 127) {
		memcpy(&length, frames->head + 2, sizeof(length));
		frames->left = be64toh(length);
		return frames->left >= 65536 && frames->left >> 63 == 0;
	}
	frames->left = length;
	return true;
}

static bool begin_frame(struct web_frames *frames, const struct complaint *complaint) {
	if (!read_length(frames)) {
		return complain(complaint, CLOSE_PROTOCOL, "a malformed length");
	}
	frames->mask_index = 0;
	if (is_control(frames)) {
		frames->control_count = 0;
		return true;
	}
	if (!frames->within) {
		frames->message = 0;
		frames->fragments = 0;
	}
	frames->within = !(frames->head[0] & FINAL);
	if (frames->left > WEB_MESSAGE_MAX - frames->message) {
		return complain(complaint, CLOSE_TOO_BIG, "a message that is too long");
	}
	frames->message += frames->left;
	return ++frames->fragments <= WEB_FRAGMENTS_MAX ||
		complain(complaint, CLOSE_PROTOCOL, "a message in too many pieces");
}

/* Takes some of the head. *whole: that was the last of it. */
static bool take_head(struct web_frames *frames, const uint8_t *bytes, size_t count, size_t *used,
	bool *whole, const struct complaint *complaint) {
	*used = 0;
	*whole = false;
	while (*used < count && !*whole) {
		frames->head[frames->head_count++] = bytes[(*used)++];
		if (frames->head_count == 2 && !check_start(frames, complaint)) {
			return false;
		}
		*whole = frames->head_count >= 2 && frames->head_count == head_size(frames);
	}
	return !*whole || begin_frame(frames, complaint);
}

static void unmask(struct web_frames *frames, uint8_t *bytes, size_t count) {
	const uint8_t *mask = mask_of(frames);
	for (size_t i = 0; i < count; i++) {
		bytes[i] ^= mask[(frames->mask_index + i) % 4];
	}
	frames->mask_index = (frames->mask_index + count) % 4;
}

/* Some of a frame's payload, or none if it has none. *size: how much. */
static enum web_frames_event take_payload(
	struct web_frames *frames, uint8_t *bytes, size_t count, size_t *size) {
	enum web_opcode opcode = opcode_of(frames);
	*size = count < frames->left ? count : frames->left;
	unmask(frames, bytes, *size);
	frames->left -= *size;
	if (frames->left == 0) {
		frames->head_count = 0;
	}
	if (!is_control(frames)) {
		return *size > 0 ? WEB_FRAMES_DATA : WEB_FRAMES_SHORT;
	}
	memcpy(frames->control + frames->control_count, bytes, *size);
	frames->control_count += *size;
	if (frames->left > 0 || opcode == WEB_OPCODE_PONG) {
		return WEB_FRAMES_SHORT;
	}
	return opcode == WEB_OPCODE_PING ? WEB_FRAMES_PING : WEB_FRAMES_CLOSE;
}

enum web_frames_event web_frames_next(struct web_frames *frames, uint8_t *bytes, size_t count,
	size_t *used, uint8_t **data, size_t *size, uint16_t *code, const char **error) {
	struct complaint complaint = {.code = code, .error = error};
	enum web_frames_event event = WEB_FRAMES_SHORT;
	*used = 0;
	while (*used < count && event == WEB_FRAMES_SHORT) {
		size_t taken = 0;
		bool whole = frames->head_count >= 2 && frames->head_count == head_size(frames);
		if (!whole &&
			!take_head(
				frames, bytes + *used, count - *used, &taken, &whole, &complaint)) {
			return WEB_FRAMES_BAD;
		}
		*used += taken;
		if (whole) {
			*data = bytes + *used;
			event = take_payload(frames, *data, count - *used, size);
			*used += *size;
		}
	}
	return event;
}

size_t web_frame_head(uint8_t head[WEB_FRAME_HEAD_MAX], enum web_opcode opcode, size_t size) {
	head[0] = FINAL | opcode;
	if (size < 126) {
		head[1] = size;
		return 2;
	}
	if (size < 65536) {
		head[1] = 126;
		head[2] = size >> 8;
		head[3] = size;
		return 4;
	}
	uint64_t length = htobe64(size);
	head[1] = 127;
	memcpy(head + 2, &length, sizeof(length));
	return 10;
}

bool web_socket_accept(const char *key, char accept[WEB_ACCEPT_SIZE]) {
	static const char salt[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	char text[24 + sizeof(salt)];
	uint8_t hash[20];
	gnutls_datum_t decoded, encoded;
	if (strlen(key) != 24) {
		return false;
	}
	gnutls_datum_t given = {.data = (uint8_t *)key, .size = 24};
	if (gnutls_base64_decode2(&given, &decoded) < 0) {
		return false;
	}
	bool right = decoded.size == 16;
	gnutls_free(decoded.data);
	snprintf(text, sizeof(text), "%s%s", key, salt);
	if (!right || gnutls_hash_fast(GNUTLS_DIG_SHA1, text, strlen(text), hash) < 0) {
		return false;
	}
	gnutls_datum_t bytes = {.data = hash, .size = sizeof(hash)};
	if (gnutls_base64_encode2(&bytes, &encoded) < 0) {
		return false;
	}
	snprintf(accept, WEB_ACCEPT_SIZE, "%.*s", (int)encoded.size, (char *)encoded.data);
	gnutls_free(encoded.data);
	return true;
}
