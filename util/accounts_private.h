/* What the files of the accounts share. */
#ifndef UTIL_ACCOUNTS_PRIVATE_H
#define UTIL_ACCOUNTS_PRIVATE_H

#include "util/accounts.h"

struct accounts {
	struct account *list;
	size_t count;
	char *decoy; /* what the password of an unknown user is hashed with; NULL: not made yet */
};

/* The whole file, the caller's, closed by a NUL; NULL with a line in `errors`, but for a missing
 * file where `may_miss` says so: then it's empty. */
char *accounts_read(const char *path, bool may_miss, FILE *errors);
/* Of a text in memory; `path` is what the messages name. */
struct accounts *accounts_parse(const char *path, const char *text, FILE *errors);

#endif
