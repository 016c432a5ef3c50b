#include "compositor/remote_config.h"

#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

#define SMALL "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

static bool is_name(const char *name) {
	size_t len = strspn(name, SMALL "ABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS "_-");
	return len > 0 && len <= REMOTE_NAME_MAX && !name[len] && name[0] != '-';
}

struct remote_config *remote_config_get(
	struct wl_list *list, const char *name, int line, const char **wrong) {
	struct remote_config *remote;
	wl_list_for_each (remote, list, link) {
		if (strcmp(remote->name, name) == 0) {
			return remote;
		}
	}
	if (!is_name(name)) {
		*wrong = "a server's name is of 1 to 32 letters, digits, dashes and underscores";
		return NULL;
	}
	if (wl_list_length(list) >= REMOTE_CONFIGS_MAX) {
		*wrong = "there are more than 32 remote servers";
		return NULL;
	}
	remote = xcalloc(1, sizeof(*remote));
	remote->name = xstrdup(name);
	remote->autostart = true;
	remote->line = line;
	wl_list_insert(list->prev, &remote->link);
	return remote;
}

static void replace(char **field, const char *value) {
	free(*field);
	*field = xstrdup(value);
}

static bool is_one_of(const char *value, const char *a, const char *b, const char *c) {
	return strcmp(value, a) == 0 || strcmp(value, b) == 0 || strcmp(value, c) == 0;
}

static bool is_yes(const char *value) {
	return is_one_of(value, "yes", "on", "true");
}

static bool is_no(const char *value) {
	return is_one_of(value, "no", "off", "false");
}

/* `key = yes` is an option without an argument, `key = no` none at all. */
static const char *add_option(struct remote_config *remote, const char *key, const char *value) {
	size_t len = strspn(key, SMALL DIGITS "-");
	if (key[len] || key[0] == '-' || strcmp(key, "server-name") == 0) {
		return "a server has no such option";
	}
	if (is_no(value)) {
		return NULL;
	}
	if (remote->option_count >= REMOTE_OPTIONS_MAX) {
		return "the server has more than 64 options";
	}
	remote->options =
		xreallocarray(remote->options, remote->option_count + 1, sizeof(*remote->options));
	remote->options[remote->option_count++] =
		is_yes(value) ? xasprintf("--%s", key) : xasprintf("--%s=%s", key, value);
	return NULL;
}

const char *remote_config_set(struct remote_config *remote, const char *key, const char *value) {
	if (strcmp(key, "protocol") == 0) {
		if (!value[0] || strspn(value, SMALL) != strlen(value)) {
			return "expected vnc, spice or sound";
		}
		replace(&remote->protocol, value);
	} else if (strcmp(key, "program") == 0) {
		if (value[0] != '/') {
			return "expected an absolute path";
		}
		replace(&remote->program, value);
	} else if (strcmp(key, "autostart") == 0) {
		if (!is_yes(value) && !is_no(value)) {
			return "expected yes or no";
		}
		remote->autostart = is_yes(value);
	} else {
		return add_option(remote, key, value);
	}
	return NULL;
}

const char *remote_config_check(const struct remote_config *remote) {
	if (!remote->protocol) {
		return "the server has no `protocol`";
	}
	bool known = is_one_of(remote->protocol, "vnc", "spice", "sound");
	return known || remote->program ? NULL
					: "the protocols are vnc, spice and sound; another one "
					  "needs a `program`";
}

void remote_config_destroy(struct remote_config *remote) {
	wl_list_remove(&remote->link);
	for (size_t i = 0; i < remote->option_count; i++) {
		free(remote->options[i]);
	}
	free(remote->options);
	free(remote->name);
	free(remote->protocol);
	free(remote->program);
	free(remote);
}
