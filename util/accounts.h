/* The users of the remote servers: $XDG_CONFIG_HOME/mullion/users.ini, a section for each
 * (docs/mullion-config.5.scd). Only the listener of a server reads it, and mullionctl, which writes
 * it; never a session, nor mullion itself. */
#ifndef UTIL_ACCOUNTS_H
#define UTIL_ACCOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define ACCOUNTS_FILE_MAX (256 * 1024) // bytes
#define ACCOUNTS_MAX 256
#define ACCOUNT_NAME_MAX 32 // bytes, of A-Z a-z 0-9 . _ -
#define ACCOUNT_PASSWORD_MAX 255 // bytes
#define ACCOUNT_TARGETS_MAX 64
#define ACCOUNT_TARGET_MAX 150 // bytes
#define ACCOUNT_PAM "pam" // in a hash's place: the system knows the password

struct account {
	char *name;
	char *hash; /* of crypt(), or ACCOUNT_PAM; NULL: no password lets this user in */
	char **targets; /* ends with NULL; at least one */
	bool view_only; /* else control, with resize and clipboard */
	char *vnc_password_file; /* for X509Vnc; absolute; NULL: none */
};

struct accounts;

/* The default path, the caller's; NULL if there is neither XDG_CONFIG_HOME nor HOME. */
char *accounts_path(void);

/* Writes all mistakes, a line each, "FILE:LINE: what is wrong", and returns NULL. A file that isn't
 * ours, or that others may read or write, is refused. */
struct accounts *accounts_load(const char *path, FILE *errors);
void accounts_destroy(struct accounts *accounts); /* NULL is legal */

size_t accounts_count(const struct accounts *accounts);
const struct account *accounts_get(const struct accounts *accounts, size_t i);
const struct account *accounts_find(const struct accounts *accounts, const char *name);

/* The user if the password is right, else NULL, as for one whose password the system knows. Takes
 * as long for a user who doesn't exist: some 10 to 100 ms of this thread, so callers limit how
 * often strangers may ask. */
const struct account *accounts_check(
	const struct accounts *accounts, const char *name, const char *password);

/* `target` as OpenDisplay has it: "desktop", "output:NAME" or "guest:NAME"; a guest's ":HEAD" may
 * follow. Who sees the desktop sees each output. */
bool account_may_see(const struct account *account, const char *target);

/* What a user's section is changed to. */
struct account_change {
	const char *password; /* NULL: as it was */
	const char *const *targets; /* ends with NULL; NULL: as they were, else "desktop" */
	int view_only; /* 0, 1; -1: as it was, else 0 */
};

/* Why this can't be a user's name, target or password; NULL if it can. */
const char *account_name_mistake(const char *name);
const char *account_target_mistake(const char *target);
const char *account_password_mistake(const char *password);

/* Adds or changes a user; the file and its folder are made where they are missing. Readers see the
 * old file or the new one; comments outside of the section stay. False with a line in `errors`. */
bool accounts_put(
	const char *path, const char *name, const struct account_change *change, FILE *errors);
/* False, too, if there is no such user. */
bool accounts_remove(const char *path, const char *name, FILE *errors);

#endif
