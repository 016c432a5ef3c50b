/* The commands about the remote servers' users. They work on the file; mullion need not run. */
#ifndef MULLIONCTL_USERS_H
#define MULLIONCTL_USERS_H

#include <stdbool.h>
#include <stddef.h>

#include "command.h"
#include "util/accounts.h"

struct user_options {
	const char *file; /* NULL: the default one */
	const char *targets[ACCOUNT_TARGETS_MAX + 1];
	size_t target_count;
	bool view_only, control, keep_password, json;
};

enum ctl_exit users_add(struct invocation *in, const struct user_options *options);
/* Ends the user's sessions, too, if mullion runs. */
enum ctl_exit users_remove(
	struct ctl *ctl, struct invocation *in, const struct user_options *options);
enum ctl_exit users_list(struct invocation *in, const struct user_options *options);

#endif
