#include "remote/rfb_clipboard.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "remote/rfb_buffer.h"
#include "remote/rfb_message.h"
#include "util/mem.h"
#include "util/utf8.h"

#define HEAD_SIZE 8 /* bytes of a cut text's head */
#define UNKNOWN '?' /* for what Latin-1 hasn't */

enum format { FORMAT_TEXT = 1 };

enum action {
	ACTION_CAPS = 1 << 24,
	ACTION_REQUEST = 1 << 25,
	ACTION_PEEK = 1 << 26,
	ACTION_NOTIFY = 1 << 27,
	ACTION_PROVIDE = 1 << 28,
};

void rfb_clipboard_finish(struct rfb_clipboard *clipboard) {
	free(clipboard->text);
	clipboard->text = NULL;
}

static uint32_t read_u32(const uint8_t *bytes) {
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
		bytes[3];
}

/* A negative length marks what is extended. */
static void add_head(struct rfb_buffer *out, int32_t length) {
	rfb_buffer_add_u32(out, (uint32_t)RFB_MESSAGE_SERVER_CUT_TEXT << 24);
	rfb_buffer_add_u32(out, (uint32_t)length);
}

static void add_flags(struct rfb_buffer *out, uint32_t flags) {
	add_head(out, -4);
	rfb_buffer_add_u32(out, flags);
}

void rfb_clipboard_offer(struct rfb_clipboard *clipboard, struct rfb_buffer *out) {
	add_head(out, -8);
	rfb_buffer_add_u32(out,
		ACTION_CAPS | ACTION_REQUEST | ACTION_PEEK | ACTION_NOTIFY | ACTION_PROVIDE |
			FORMAT_TEXT);
	rfb_buffer_add_u32(out, RFB_CLIPBOARD_MAX);
	clipboard->is_extended = true;
	clipboard->can_notify = true; /* what clients have that say nothing */
}

/* Text that came, in UTF-8: `text` has room for one byte more than `length`. */
static void take(struct rfb_clipboard *clipboard, char *text, size_t length) {
	size_t kept = 0;
	length = strnlen(text, length);
	for (size_t i = 0; i < length; i++) {
		bool ends_line = text[i] == '\r' && i + 1 < length && text[i + 1] == '\n';
		if (!ends_line) {
			text[kept++] = text[i];
		}
	}
	text[kept] = '\0';
	clipboard->got_text(clipboard->data, text);
}

static size_t put_utf8(char *to, uint8_t latin1) {
	if (latin1 < 0x80) {
		to[0] = (char)latin1;
		return 1;
	}
	to[0] = (char)(0xc0 | latin1 >> 6);
	to[1] = (char)(0x80 | (latin1 & 0x3f));
	return 2;
}

static void take_latin1(struct rfb_clipboard *clipboard, const uint8_t *bytes, size_t count) {
	if (count > RFB_CLIPBOARD_MAX) {
		return;
	}
	char *text = xcalloc(2 * count + 1, 1);
	size_t length = 0;
	for (size_t i = 0; i < count; i++) {
		length += put_utf8(text + length, bytes[i]);
	}
	if (length <= RFB_CLIPBOARD_MAX) {
		take(clipboard, text, length);
	}
	free(text);
}

/* What is packed: its length and its bytes, with a NUL at the end. Returns how many bytes came out;
 * negative: it isn't zlib's. */
static long inflate_text(const uint8_t *bytes, size_t count, uint8_t *text, size_t size) {
	z_stream stream = {.next_in = (Bytef *)bytes,
		.avail_in = (uInt)count,
		.next_out = text,
		.avail_out = (uInt)size};
	if (inflateInit(&stream) != Z_OK) {
		return -1;
	}
	int result = inflate(&stream, Z_SYNC_FLUSH);
	long got = (long)(size - stream.avail_out);
	inflateEnd(&stream);
	return result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR ? got : -1;
}

static bool is_utf8(const char *text) {
	size_t max = strlen(text), replaced = 0;
	uint32_t *characters = xcalloc(max + 1, sizeof(*characters));
	size_t count = utf8_decode(text, characters, max);
	for (size_t i = 0; i < count; i++) {
		replaced += characters[i] == 0xfffd;
	}
	free(characters);
	for (const char *at = strstr(text, "\xef\xbf\xbd"); at;
		at = strstr(at + 3, "\xef\xbf\xbd")) {
		replaced--; /* that one was there */
	}
	return replaced == 0;
}

/* Formats other than text come behind it, and aren't looked at. */
static const char *take_provided(
	struct rfb_clipboard *clipboard, const uint8_t *bytes, size_t count) {
	size_t size = 4 + RFB_CLIPBOARD_MAX + 2;
	uint8_t *text = xcalloc(size + 1, 1);
	long got = inflate_text(bytes, count, text, size);
	const char *why = got < 4 ? "a text that isn't packed as it should be" : NULL;
	size_t length = why ? 0 : read_u32(text);
	if (!why && length <= RFB_CLIPBOARD_MAX + 1) {
		text[4 + length] = '\0';
		if (length > (size_t)got - 4) {
			why = "a text that is shorter than it says";
		} else if (is_utf8((char *)text + 4)) {
			take(clipboard, (char *)text + 4, length);
		}
	}
	free(text);
	return why;
}

/* As the protocol has it: lines end with CR LF, and the text with NUL. */
static size_t expand_lines(const char *text, char *to) {
	size_t length = 0;
	for (; *text; text++) {
		if (*text == '\n') {
			to[length++] = '\r';
		}
		to[length++] = *text;
	}
	to[length++] = '\0';
	return length;
}

static void add_provided(const struct rfb_clipboard *clipboard, struct rfb_buffer *out) {
	size_t size = 2 * strlen(clipboard->text) + 1;
	uint8_t *plain = xcalloc(4 + size, 1);
	size_t length = expand_lines(clipboard->text, (char *)plain + 4);
	plain[0] = length >> 24;
	plain[1] = length >> 16;
	plain[2] = length >> 8;
	plain[3] = length;
	uLongf packed_size = compressBound(4 + length);
	uint8_t *packed = xcalloc(packed_size, 1);
	if (compress(packed, &packed_size, plain, 4 + length) == Z_OK) {
		add_head(out, -(int32_t)(4 + packed_size));
		rfb_buffer_add_u32(out, ACTION_PROVIDE | FORMAT_TEXT);
		rfb_buffer_add(out, packed, packed_size);
	}
	free(packed);
	free(plain);
}

static void add_latin1(const char *text, struct rfb_buffer *out) {
	size_t max = strlen(text);
	uint32_t *characters = xcalloc(max + 1, sizeof(*characters));
	size_t count = utf8_decode(text, characters, max);
	add_head(out, (int32_t)count);
	for (size_t i = 0; i < count; i++) {
		rfb_buffer_add_u8(out, characters[i] < 0x100 ? characters[i] : UNKNOWN);
	}
	free(characters);
}

static void add_notice(const struct rfb_clipboard *clipboard, struct rfb_buffer *out) {
	add_flags(out, ACTION_NOTIFY | (clipboard->text ? FORMAT_TEXT : 0));
}

static const char *handle_extended(struct rfb_clipboard *clipboard, const uint8_t *bytes,
	size_t count, struct rfb_buffer *out) {
	uint32_t flags = count >= 4 ? read_u32(bytes) : 0;
	if (count < 4) {
		return "a text without flags";
	}
	if (flags & ACTION_CAPS) {
		clipboard->can_notify = flags & ACTION_NOTIFY;
	} else if (flags & ACTION_PROVIDE) {
		return flags & FORMAT_TEXT ? take_provided(clipboard, bytes + 4, count - 4) : NULL;
	} else if (flags & ACTION_REQUEST) {
		if (flags & FORMAT_TEXT && clipboard->text) {
			add_provided(clipboard, out);
		}
	} else if (flags & ACTION_PEEK) {
		add_notice(clipboard, out);
	} else if (flags & ACTION_NOTIFY && flags & FORMAT_TEXT) {
		add_flags(out, ACTION_REQUEST | FORMAT_TEXT);
	}
	return NULL;
}

bool rfb_clipboard_handle(struct rfb_clipboard *clipboard, const uint8_t *message, size_t count,
	struct rfb_buffer *out, const char **why) {
	bool extended = message[4] & 0x80;
	*why = NULL;
	if (!extended) {
		take_latin1(clipboard, message + HEAD_SIZE, count - HEAD_SIZE);
	} else if (clipboard->is_extended) { /* else it is no use to read it */
		*why = handle_extended(clipboard, message + HEAD_SIZE, count - HEAD_SIZE, out);
	}
	return !*why;
}

void rfb_clipboard_set_text(
	struct rfb_clipboard *clipboard, const char *text, struct rfb_buffer *out) {
	bool fits = text && strlen(text) <= RFB_CLIPBOARD_MAX;
	free(clipboard->text);
	clipboard->text = fits ? xstrdup(text) : NULL;
	if (clipboard->is_extended && clipboard->can_notify) {
		add_notice(clipboard, out);
	} else if (clipboard->is_extended && fits) {
		add_provided(clipboard, out);
	} else if (fits) {
		add_latin1(text, out);
	}
}
