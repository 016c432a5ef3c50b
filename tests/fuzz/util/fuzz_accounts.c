#include "tests/fuzz/vmm/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/accounts_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	char *text = calloc(1, size + 1), *messages = NULL;
	size_t messages_size;
	if (!text) {
		return 0;
	}
	memcpy(text, bytes, size);
	FILE *errors = open_memstream(&messages, &messages_size);
	struct accounts *accounts = accounts_parse("users.ini", text, errors);
	fclose(errors);
	if (!accounts != (messages_size > 0)) {
		abort(); /* neither users nor a message, or both */
	}
	for (size_t i = 0; accounts && i < accounts_count(accounts); i++) {
		const struct account *account = accounts_get(accounts, i);
		if (accounts_find(accounts, account->name) != account ||
			!account_may_see(account, account->targets[0])) {
			abort();
		}
	}
	accounts_destroy(accounts);
	free(messages);
	free(text);
	return 0;
}
