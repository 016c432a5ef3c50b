#include "compositor/remote_command.h"

#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compositor/config.h"
#include "compositor/remote_config.h"
#include "compositor/version.h"
#include "util/mem.h"

/* The folder of our own program; NULL if it can't be told. */
static char *own_folder(void) {
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	if (len <= 0) {
		return NULL;
	}
	path[len] = '\0';
	char *slash = strrchr(path, '/');
	*slash = '\0';
	return xstrdup(path);
}

static char *find_program(const struct remote_config *remote) {
	if (remote->program) {
		return xstrdup(remote->program);
	}
	char *folder = own_folder(), *path = NULL;
	/* The second one is for a tree where nothing was installed yet. */
	for (int i = 0; folder && i < 2; i++) {
		path = xasprintf(
			"%s%s/mullion-%s", folder, i == 0 ? "" : "/../remote", remote->protocol);
		if (access(path, X_OK) == 0) {
			free(folder);
			return path;
		}
		free(path);
	}
	free(folder);
	return xasprintf("%s/mullion-%s", MULLION_BINDIR, remote->protocol);
}

char **remote_command_create(const struct remote_config *remote) {
	char **argv = xcalloc(remote->option_count + 3, sizeof(*argv));
	argv[0] = find_program(remote);
	argv[1] = xasprintf("--server-name=%s", remote->name);
	for (size_t i = 0; i < remote->option_count; i++) {
		argv[2 + i] = xstrdup(remote->options[i]);
	}
	return argv;
}

static void add(char ***list, size_t *count, char *text) {
	*list = xreallocarray(*list, *count + 2, sizeof(**list));
	(*list)[(*count)++] = text;
	(*list)[*count] = NULL;
}

/* What means the same to another user. */
static bool is_for_everybody(const char *variable) {
	static const char *const names[] = {
		"PATH=", "LANG=", "LANGUAGE=", "LC_", "TZ=", "ASAN_OPTIONS=", "UBSAN_OPTIONS="};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strncmp(variable, names[i], strlen(names[i])) == 0) {
			return true;
		}
	}
	return false;
}

char **remote_command_environment(const char *user, const char *runtime) {
	size_t count = 0;
	char **environment = xcalloc(1, sizeof(*environment));
	for (char **variable = environ; *variable; variable++) {
		if (!user || is_for_everybody(*variable)) {
			add(&environment, &count, xstrdup(*variable));
		}
	}
	struct passwd *entry = user ? getpwnam(user) : NULL;
	if (entry) {
		add(&environment, &count, xasprintf("HOME=%s", entry->pw_dir));
		add(&environment, &count, xasprintf("USER=%s", user));
		add(&environment, &count, xasprintf("LOGNAME=%s", user));
		add(&environment, &count, xasprintf("XDG_RUNTIME_DIR=%s", runtime));
	}
	return environment;
}

void remote_command_destroy(char **words) {
	for (char **word = words; word && *word; word++) {
		free(*word);
	}
	free(words);
}

bool remote_command_is_same(char **a, char **b) {
	for (; *a && *b; a++, b++) {
		if (strcmp(*a, *b) != 0) {
			return false;
		}
	}
	return !*a && !*b;
}

const char *remote_command_user(const struct config *config) {
	if (geteuid() != 0) {
		return NULL;
	}
	const char *user = config->remote_user ? config->remote_user : config->guest_user;
	return user ? user : "nobody";
}
