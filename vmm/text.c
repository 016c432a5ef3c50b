#include "vmm/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

/* The length of the sequence that a lead byte begins, and its least code point; 0: no lead byte. */
static size_t sequence_length(uint8_t lead, uint32_t *bits, uint32_t *least) {
	if (lead < 0x80) {
		*bits = lead, *least = 0;
		return 1;
	}
	if (lead >= 0xc0 && lead < 0xe0) {
		*bits = lead & 0x1f, *least = 0x80;
		return 2;
	}
	if (lead >= 0xe0 && lead < 0xf0) {
		*bits = lead & 0x0f, *least = 0x800;
		return 3;
	}
	if (lead >= 0xf0 && lead < 0xf8) {
		*bits = lead & 0x07, *least = 0x10000;
		return 4;
	}
	return 0;
}

static bool code_point_is_clean(uint32_t code) {
	if (code < 0x20) {
		return code == '\t';
	}
	return !(code >= 0x7f && code < 0xa0) && !(code >= 0xd800 && code < 0xe000) &&
		code <= 0x10ffff;
}

bool text_is_clean(const char *text, size_t len) {
	for (size_t i = 0; i < len;) {
		uint32_t code, least;
		size_t size = sequence_length((uint8_t)text[i], &code, &least);
		if (size == 0 || size > len - i) {
			return false;
		}
		for (size_t k = 1; k < size; k++) {
			uint8_t byte = (uint8_t)text[i + k];
			if ((byte & 0xc0) != 0x80) {
				return false;
			}
			code = code << 6 | (byte & 0x3f);
		}
		if (code < least || !code_point_is_clean(code)) {
			return false;
		}
		i += size;
	}
	return true;
}

/* Copies one word to `out`; returns where it ends, NULL if a quote or backslash is left open. */
static const char *copy_word(const char *in, char *out) {
	char quote = 0;
	for (; *in && (quote || !strchr(" \t", *in)); in++) {
		if (quote ? *in == quote : *in == '\'' || *in == '"') {
			quote = quote ? 0 : *in;
			continue;
		}
		if (*in == '\\' && quote != '\'') {
			in++;
			if (!*in) {
				return NULL;
			}
		}
		*out++ = *in;
	}
	*out = '\0';
	return quote ? NULL : in;
}

char **words_split(const char *text, const char **error) {
	char **words = xcalloc(1, sizeof(*words));
	char *word = xcalloc(1, strlen(text) + 1);
	size_t count = 0;
	while (*(text += strspn(text, " \t"))) {
		text = copy_word(text, word);
		if (!text) {
			*error = "a quote isn't closed, or a backslash stands last";
			words_destroy(words);
			words = NULL;
			break;
		}
		words = xreallocarray(words, count + 2, sizeof(*words));
		words[count++] = xstrdup(word);
		words[count] = NULL;
	}
	free(word);
	return words;
}

void words_destroy(char **words) {
	for (size_t i = 0; words && words[i]; i++) {
		free(words[i]);
	}
	free(words);
}

char *text_append(char *first, const char *second) {
	char *joined = first ? xasprintf("%s %s", first, second) : xstrdup(second);
	free(first);
	return joined;
}

static bool is_message(const char *line, size_t len, const char *program) {
	size_t prefix = strlen(program);
	static const char warning[] = ": warning: ";
	return len > prefix + 2 && memcmp(line, program, prefix) == 0 &&
		memcmp(line + prefix, ": ", 2) == 0 &&
		!(len >= prefix + strlen(warning) &&
			memcmp(line + prefix, warning, strlen(warning)) == 0);
}

static char *printable_copy(const char *line, size_t len) {
	char *copy = xcalloc(1, len + 1);
	for (size_t i = 0; i < len; i++) {
		copy[i] = (uint8_t)line[i] < 0x20 || line[i] == 0x7f ? '?' : line[i];
	}
	if (!text_is_clean(copy, len)) {
		for (size_t i = 0; i < len; i++) {
			copy[i] = (uint8_t)copy[i] >= 0x80 ? '?' : copy[i];
		}
	}
	return copy;
}

char *text_last_message(const char *text, const char *program) {
	const char *best = "", *last = "";
	size_t best_len = 0, last_len = 0;
	while (*text) {
		size_t len = strcspn(text, "\n");
		size_t used = len > 0 && text[len - 1] == '\r' ? len - 1 : len;
		if (used > 0) {
			last = text, last_len = used;
		}
		if (is_message(text, used, program)) {
			size_t skip = strlen(program) + 2;
			best = text + skip, best_len = used - skip;
		}
		text += len + (text[len] == '\n');
	}
	return best_len > 0 ? printable_copy(best, best_len) : printable_copy(last, last_len);
}
