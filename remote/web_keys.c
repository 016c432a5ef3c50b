#include "remote/web_keys.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

#define SECOND ((uint64_t)1000000) /* us */

void web_keys_init(struct web_keys *keys) {
	TAILQ_INIT(&keys->list);
}

static void drop(struct web_keys *keys, struct web_key *key) {
	TAILQ_REMOVE(&keys->list, key, link);
	explicit_bzero(key, sizeof(*key));
	free(key);
}

void web_keys_finish(struct web_keys *keys) {
	while (!TAILQ_EMPTY(&keys->list)) {
		drop(keys, TAILQ_FIRST(&keys->list));
	}
}

static void drop_expired(struct web_keys *keys, uint64_t now) {
	struct web_key *key, *next;
	for (key = TAILQ_FIRST(&keys->list); key; key = next) {
		next = TAILQ_NEXT(key, link);
		if (key->until <= now) {
			drop(keys, key);
		}
	}
}

/* For one more of that address and kind. */
static void make_room(struct web_keys *keys, const struct web_key *model) {
	struct web_key *key, *last_same = NULL, *last = NULL;
	unsigned int same = 0, all = 0;
	TAILQ_FOREACH (key, &keys->list, link) {
		if (key->kind != model->kind) {
			continue;
		}
		all++;
		last = key;
		if (memcmp(&key->address, &model->address, sizeof(key->address)) == 0) {
			same++;
			last_same = key;
		}
	}
	if (same >= WEB_KEYS_PER_ADDRESS_MAX) {
		drop(keys, last_same);
	} else if (all >= WEB_KEYS_MAX) {
		drop(keys, last);
	}
}

static void touch(struct web_key *key, uint64_t now) {
	key->until = now + SECOND * (key->kind == WEB_KEY ? WEB_KEY_SECONDS : WEB_TOKEN_SECONDS);
}

static void digest_text(uint8_t digest[WEB_DIGEST_SIZE], const char *text) {
	gnutls_hash_fast(GNUTLS_DIG_SHA256, text, strlen(text), digest);
}

bool web_keys_add(
	struct web_keys *keys, const struct web_key *model, uint64_t now, char text[WEB_KEY_SIZE]) {
	uint8_t bits[16];
	if (gnutls_rnd(GNUTLS_RND_KEY, bits, sizeof(bits)) < 0) {
		return false;
	}
	for (size_t i = 0; i < sizeof(bits); i++) {
		snprintf(text + 2 * i, 3, "%02x", bits[i]);
	}
	explicit_bzero(bits, sizeof(bits));
	drop_expired(keys, now);
	make_room(keys, model);
	struct web_key *key = xcalloc(1, sizeof(*key));
	*key = *model;
	digest_text(key->digest, text);
	touch(key, now);
	TAILQ_INSERT_HEAD(&keys->list, key, link);
	return true;
}

/* In a time that doesn't tell how much of it was right. */
static struct web_key *find(struct web_keys *keys, enum web_key_kind kind, const char *text,
	const struct in6_addr *address, uint64_t now) {
	struct web_key *key, *found = NULL;
	uint8_t digest[WEB_DIGEST_SIZE];
	if (strlen(text) != WEB_KEY_SIZE - 1) {
		return NULL;
	}
	digest_text(digest, text);
	TAILQ_FOREACH (key, &keys->list, link) {
		if (key->kind == kind && gnutls_memcmp(key->digest, digest, sizeof(digest)) == 0) {
			found = key;
		}
	}
	bool valid = found && found->until > now &&
		memcmp(&found->address, address, sizeof(*address)) == 0;
	return valid ? found : NULL;
}

const struct web_key *web_keys_find(
	struct web_keys *keys, const char *text, const struct in6_addr *address, uint64_t now) {
	struct web_key *key = find(keys, WEB_KEY, text, address, now);
	if (key) {
		touch(key, now);
		TAILQ_REMOVE(&keys->list, key, link);
		TAILQ_INSERT_HEAD(&keys->list, key, link);
	}
	return key;
}

bool web_keys_take(struct web_keys *keys, const char *text, const struct in6_addr *address,
	uint64_t now, struct web_key *token) {
	struct web_key *found = find(keys, WEB_TOKEN, text, address, now);
	if (!found) {
		return false;
	}
	*token = *found;
	drop(keys, found);
	return true;
}

void web_keys_drop(struct web_keys *keys, const char *text) {
	struct web_key *key, *next;
	uint8_t digest[WEB_DIGEST_SIZE];
	digest_text(digest, text);
	for (key = TAILQ_FIRST(&keys->list); key; key = next) {
		next = TAILQ_NEXT(key, link);
		if (key->kind == WEB_KEY && memcmp(key->digest, digest, sizeof(digest)) == 0) {
			drop(keys, key);
		}
	}
}

void web_keys_drop_user(struct web_keys *keys, const char *user) {
	struct web_key *key, *next;
	for (key = TAILQ_FIRST(&keys->list); key; key = next) {
		next = TAILQ_NEXT(key, link);
		if (strcmp(key->user, user) == 0) {
			drop(keys, key);
		}
	}
}

void web_keys_prove(char proof[WEB_PROOF_SIZE], const char *hash) {
	uint8_t digest[WEB_DIGEST_SIZE];
	digest_text(digest, hash);
	for (size_t i = 0; i < sizeof(digest); i++) {
		snprintf(proof + 2 * i, 3, "%02x", digest[i]);
	}
}
