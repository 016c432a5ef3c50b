/* A [remote NAME] section of the configuration: a server to be run, and its options. */
#ifndef COMPOSITOR_REMOTE_CONFIG_H
#define COMPOSITOR_REMOTE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <wayland-util.h>

#define REMOTE_CONFIGS_MAX 32
#define REMOTE_OPTIONS_MAX 64
#define REMOTE_NAME_MAX 32 /* bytes */

struct remote_config {
	char *name, *protocol; /* protocol: NULL while it isn't known */
	char *program; /* absolute; NULL: by the protocol */
	bool autostart;
	char **options; /* "--key=value" or "--key", option_count of them */
	size_t option_count;
	int line; /* of the section's first key */
	struct wl_list link;
};

/* That of this name in `list`, made if there is none; NULL with *wrong set. */
struct remote_config *remote_config_get(
	struct wl_list *list, const char *name, int line, const char **wrong);
/* What is wrong with a setting, or NULL. A key that isn't ours is an option of the program. */
const char *remote_config_set(struct remote_config *remote, const char *key, const char *value);
/* Likewise, of the whole section. */
const char *remote_config_check(const struct remote_config *remote);
void remote_config_destroy(struct remote_config *remote);

#endif
