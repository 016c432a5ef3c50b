#include "util/utf8.h"

#include <stdbool.h>
#include <string.h>

#include "util/mem.h"

/* Reads one character of at most `len` bytes; its length, 0 if it is malformed (RFC 3629). */
static size_t read_character(const unsigned char *text, size_t len, uint32_t *character) {
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char first = text[0];
	size_t size = first < 0x80 ? 1
		: first < 0xc0     ? 0
		: first < 0xe0     ? 2
		: first < 0xf0     ? 3
		: first < 0xf8     ? 4
				   : 0;
	if (size == 0 || size > len) {
		return 0;
	}
	uint32_t value = size == 1 ? first : first & (0x7f >> size);
	for (size_t i = 1; i < size; i++) {
		if ((text[i] & 0xc0) != 0x80) {
			return 0;
		}
		value = value << 6 | (text[i] & 0x3f);
	}
	if (value < smallest[size] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) {
		return 0;
	}
	*character = value;
	return size;
}

size_t utf8_decode(const char *text, uint32_t *characters, size_t max) {
	size_t len = strlen(text), count = 0;
	for (size_t i = 0; i < len && count < max; count++) {
		size_t size = read_character(
			(const unsigned char *)text + i, len - i, &characters[count]);
		if (size == 0) {
			characters[count] = 0xfffd;
			size = 1;
		}
		i += size;
	}
	return count;
}

static bool is_printable(uint32_t character) {
	return character >= 0x20 && character != 0x7f && !(character >= 0x80 && character < 0xa0) &&
		!(character >= 0x200b && character <= 0x200f) &&
		!(character >= 0x2028 && character <= 0x202e) &&
		!(character >= 0x2060 && character <= 0x206f) && character != 0xfeff;
}

char *utf8_sanitize(const char *text, size_t max) {
	size_t len = text ? strlen(text) : 0, used = 0;
	char *clean = xcalloc(max + 1, 1);
	for (size_t i = 0; i < len;) {
		uint32_t character;
		size_t size = read_character((const unsigned char *)text + i, len - i, &character);
		if (size > 0 && is_printable(character)) {
			if (used + size > max) {
				break;
			}
			memcpy(clean + used, text + i, size);
			used += size;
		}
		i += size > 0 ? size : 1;
	}
	return clean;
}
