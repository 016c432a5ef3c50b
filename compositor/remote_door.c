#include "compositor/remote_door.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compositor/commands.h"
#include "compositor/server.h"
#include "control/control.h"
#include "util/mem.h"

struct remote_door {
	struct server *server;
	char *base; /* root's, others may go through */
	char *folder; /* BASE/mullion: the user's alone */
};

static bool make_folder(const char *path, mode_t mode, uid_t uid, gid_t gid) {
	struct stat st;
	return (mkdir(path, mode) == 0 || errno == EEXIST) && lstat(path, &st) == 0 &&
		S_ISDIR(st.st_mode) && lchown(path, uid, gid) == 0 && chmod(path, mode) == 0;
}

static bool make_folders(const struct remote_door *door, const struct passwd *entry) {
	return make_folder(door->base, 0711, 0, 0) &&
		make_folder(door->folder, 0700, entry->pw_uid, entry->pw_gid);
}

/* The user may have put there what it likes; nothing is followed. */
static void remove_folders(const struct remote_door *door) {
	DIR *folder = opendir(door->folder);
	for (struct dirent *entry; folder && (entry = readdir(folder));) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
			unlinkat(dirfd(folder), entry->d_name, 0);
		}
	}
	if (folder) {
		closedir(folder);
	}
	rmdir(door->folder);
	rmdir(door->base);
}

struct remote_door *remote_door_create(struct server *server, const char *user, char **error) {
	struct stat st;
	if (stat(server->runtime, &st) < 0) {
		*error = xasprintf("%s: %s", server->runtime, strerror(errno));
		return NULL;
	}
	struct remote_door *door = xcalloc(1, sizeof(*door));
	door->server = server;
	door->base = xasprintf(
		"/run/mullion-%" PRIx64 "-%" PRIx64, (uint64_t)st.st_dev, (uint64_t)st.st_ino);
	door->folder = xasprintf("%s/mullion", door->base);
	const struct passwd *entry = getpwnam(user);
	if (!entry || entry->pw_uid == 0) {
		*error = xasprintf(entry ? "remote servers don't run as root (user %s)"
					 : "there is no user %s to run remote servers as",
			user);
	} else if (!make_folders(door, entry)) {
		*error = xasprintf(
			"can't make %s for user %s: %s", door->folder, user, strerror(errno));
	} else if (!commands_open_door(server->commands, door->folder, entry->pw_uid)) {
		*error = xasprintf("can't listen in %s", door->folder);
	} else {
		return door;
	}
	remote_door_destroy(door);
	return NULL;
}

void remote_door_destroy(struct remote_door *door) {
	if (!door) {
		return;
	}
	remove_folders(door);
	free(door->base);
	free(door->folder);
	free(door);
}

const char *remote_door_folder(const struct remote_door *door) {
	return door->base;
}
