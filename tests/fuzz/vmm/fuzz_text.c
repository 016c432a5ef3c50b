#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "vmm/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	char *text = calloc(1, size + 1);
	if (!text) {
		return 0;
	}
	memcpy(text, bytes, size);
	const char *error = NULL;
	char **words = words_split(text, &error);
	if (!words != (error != NULL)) {
		abort();
	}
	words_destroy(words);
	char *message = text_last_message(text, "qemu-system-x86_64");
	if (!text_is_clean(message, strlen(message))) {
		abort(); /* it goes to people's terminals */
	}
	free(message);
	free(text);
	return 0;
}
