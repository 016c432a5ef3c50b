#include "util/accounts.h"

#include <stdlib.h>
#include <string.h>

#include <crypt.h>

#include "util/accounts_private.h"
#include "util/mem.h"

char *accounts_path(void) {
	const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	if (base && base[0] == '/') {
		return xasprintf("%s/mullion/users.ini", base);
	}
	return home && home[0] == '/' ? xasprintf("%s/.config/mullion/users.ini", home) : NULL;
}

static const char *hash_of(const struct account *account) {
	bool has = account && account->hash && strcmp(account->hash, ACCOUNT_PAM) != 0;
	return has ? account->hash : NULL;
}

/* Something to hash a wrong user's password with, at the price of a right one's. */
static char *make_decoy(const struct accounts *accounts) {
	for (size_t i = 0; i < accounts->count; i++) {
		if (hash_of(&accounts->list[i])) {
			return xstrdup(accounts->list[i].hash);
		}
	}
	char setting[CRYPT_GENSALT_OUTPUT_SIZE];
	const char *made = crypt_gensalt_rn(NULL, 0, NULL, 0, setting, sizeof(setting));
	return xstrdup(made ? made : "*");
}

struct accounts *accounts_load(const char *path, FILE *errors) {
	char *text = accounts_read(path, false, errors);
	struct accounts *accounts = text ? accounts_parse(path, text, errors) : NULL;
	free(text);
	if (accounts) {
		accounts->decoy = make_decoy(accounts);
	}
	return accounts;
}

void accounts_destroy(struct accounts *accounts) {
	if (!accounts) {
		return;
	}
	for (size_t i = 0; i < accounts->count; i++) {
		struct account *account = &accounts->list[i];
		for (char **target = account->targets; target && *target; target++) {
			free(*target);
		}
		free(account->targets);
		free(account->name);
		free(account->hash);
		free(account->vnc_password_file);
	}
	free(accounts->list);
	free(accounts->decoy);
	free(accounts);
}

size_t accounts_count(const struct accounts *accounts) {
	return accounts->count;
}

const struct account *accounts_get(const struct accounts *accounts, size_t i) {
	return i < accounts->count ? &accounts->list[i] : NULL;
}

const struct account *accounts_find(const struct accounts *accounts, const char *name) {
	for (size_t i = 0; i < accounts->count; i++) {
		if (strcmp(accounts->list[i].name, name) == 0) {
			return &accounts->list[i];
		}
	}
	return NULL;
}

/* In a time that doesn't tell where they differ. */
static bool is_same(const char *a, const char *b) {
	size_t len = strlen(a);
	unsigned char difference = len != strlen(b);
	for (size_t i = 0; i < len && b[i]; i++) {
		difference |= a[i] ^ b[i];
	}
	return difference == 0;
}

const struct account *accounts_check(
	const struct accounts *accounts, const char *name, const char *password) {
	const struct account *account = accounts_find(accounts, name);
	const char *hash = hash_of(account);
	if (account_password_mistake(password)) {
		return NULL; /* nobody has such a one, whoever asks */
	}
	struct crypt_data data = {0}; /* 32 KiB */
	const char *result = crypt_rn(password, hash ? hash : accounts->decoy, &data, sizeof(data));
	bool right = hash && result && is_same(result, hash);
	explicit_bzero(&data, sizeof(data));
	return right ? account : NULL;
}

/* A pattern that ends with '*' stands for all that begins like it. */
static bool matches(const char *pattern, const char *target, size_t len) {
	size_t size = strlen(pattern);
	if (size > 0 && pattern[size - 1] == '*') {
		return len >= size - 1 && strncmp(pattern, target, size - 1) == 0;
	}
	return len == size && strncmp(pattern, target, size) == 0;
}

bool account_may_see(const struct account *account, const char *target) {
	size_t len = strlen(target);
	bool is_output = strncmp(target, "output:", 7) == 0;
	if (strncmp(target, "guest:", 6) == 0) {
		len = 6 + strcspn(target + 6, ":");
	}
	for (char **seen = account->targets; *seen; seen++) {
		if (matches(*seen, target, len) || (is_output && strcmp(*seen, "desktop") == 0)) {
			return true;
		}
	}
	return false;
}
