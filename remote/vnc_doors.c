#include "remote/vnc_doors.h"

#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "remote/vnc_options.h"
#include "util/log.h"

/* By the name that systemd's unit gives the socket. */
static enum vnc_door_kind kind_of(const char *name) {
	return strcmp(name, "web") == 0 ? VNC_DOOR_WEB : VNC_DOOR_RFB;
}

static bool take_passed(struct vnc_doors *doors) {
	char **names = NULL;
	int count = sd_listen_fds_with_names(1, &names);
	bool ok = count <= VNC_DOORS_MAX;
	if (!ok) {
		log_error("systemd passed more than %d sockets", VNC_DOORS_MAX);
	}
	for (int i = 0; i < count; i++) {
		int fd = SD_LISTEN_FDS_START + i;
		if (!ok) {
			close(fd);
		} else if (vnc_door_init_passed(
				   &doors->list[doors->count], fd, kind_of(names[i]))) {
			doors->count++;
		} else {
			ok = false;
		}
	}
	for (char **name = names; name && *name; name++) {
		free(*name);
	}
	free(names);
	return ok;
}

static bool open_door(struct vnc_doors *doors, const struct vnc_door_address *address) {
	if (doors->count == VNC_DOORS_MAX) {
		log_error("more than %d addresses to listen on", VNC_DOORS_MAX);
		return false;
	}
	bool ok = vnc_door_init(&doors->list[doors->count], address);
	doors->count += ok;
	return ok;
}

static bool open_all(struct vnc_doors *doors, const struct vnc_options *options) {
	struct vnc_door_address address;
	bool ok = take_passed(doors);
	for (size_t i = 0; ok && i < options->listen_count; i++) {
		ok = open_door(doors, &options->listen[i]);
	}
	if (ok && doors->count == 0) {
		ok = !vnc_door_parse(&address, "127.0.0.1") && open_door(doors, &address);
	}
	return ok;
}

bool vnc_doors_init(struct vnc_doors *doors, const struct vnc_options *options) {
	*doors = (struct vnc_doors){0};
	bool ok = open_all(doors, options);
	if (!ok) {
		vnc_doors_finish(doors);
	}
	return ok;
}

void vnc_doors_finish(struct vnc_doors *doors) {
	for (size_t i = 0; i < doors->count; i++) {
		vnc_door_finish(&doors->list[i]);
	}
	doors->count = 0;
}

bool vnc_doors_are_local(const struct vnc_doors *doors) {
	for (size_t i = 0; i < doors->count; i++) {
		if (!doors->list[i].local) {
			return false;
		}
	}
	return true;
}
