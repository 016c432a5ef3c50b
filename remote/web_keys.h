/* What lets a browser in: keys, which a log-in gives to a page, and tokens, each of which opens one
 * screen once. The listener's; both are 128 random bits and bound to the client's address. Only
 * their hashes are kept, and those of users' keys in a file, so that pages survive the listener. */
#ifndef REMOTE_WEB_KEYS_H
#define REMOTE_WEB_KEYS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "remote/vnc_target.h"

#define WEB_KEY_SIZE 33 /* 32 hexadecimal digits */
#define WEB_DIGEST_SIZE 32
#define WEB_PROOF_SIZE (2 * WEB_DIGEST_SIZE + 1)
#define WEB_KEYS_MAX 256 /* of either kind; the one that was used least lately goes */
#define WEB_KEYS_PER_ADDRESS_MAX 32 /* likewise */
#define WEB_KEY_SECONDS (12 * 3600) /* since it was used last */
#define WEB_TOKEN_SECONDS 30

enum web_key_kind { WEB_KEY, WEB_TOKEN };

struct web_key {
	enum web_key_kind kind;
	uint8_t digest[WEB_DIGEST_SIZE]; /* SHA-256 of the text */
	struct in6_addr address;
	char user[64]; /* empty: there are no users */
	char proof[WEB_PROOF_SIZE]; /* web_keys_prove's; empty without users */
	bool view_only;
	struct vnc_target target; /* of a token */
	/* private */
	uint64_t until; /* us, monotonic */
	TAILQ_ENTRY(web_key) link;
};

struct web_keys {
	TAILQ_HEAD(web_key_list, web_key) list; /* the one that was used last is first */
};

void web_keys_init(struct web_keys *keys);
void web_keys_finish(struct web_keys *keys);

/* As `model` but for its digest; `text` is what the page gets. False if there is no randomness to
 * be had. */
bool web_keys_add(
	struct web_keys *keys, const struct web_key *model, uint64_t now, char text[WEB_KEY_SIZE]);
/* The key, which lives on from now, or NULL. It holds until the next call that takes `keys`. */
const struct web_key *web_keys_find(
	struct web_keys *keys, const char *text, const struct in6_addr *address, uint64_t now);
/* The token, which is none any more, copied into `token`. */
bool web_keys_take(struct web_keys *keys, const char *text, const struct in6_addr *address,
	uint64_t now, struct web_key *token);
/* A key, or all of a user's. */
void web_keys_drop(struct web_keys *keys, const char *text);
void web_keys_drop_user(struct web_keys *keys, const char *user);

/* What changes when the user's password does; `hash` is the account's. */
void web_keys_prove(char proof[WEB_PROOF_SIZE], const char *hash);

/* The users' keys, not the tokens. Loading takes those of a file that isn't ours for none; saving
 * says in the log when it fails. */
void web_keys_load(struct web_keys *keys, const char *path);
void web_keys_save(const struct web_keys *keys, const char *path);

#endif
