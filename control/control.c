#include "control/control.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control/control_private.h"
#include "util/bus_server.h"
#include "util/log.h"
#include "util/mem.h"

static void client_destroy(struct control_client *client) {
	TAILQ_REMOVE(&client->control->clients, client, link);
	client->door->client_count--;
	sd_bus_close(client->bus);
	sd_bus_unref(client->bus);
	free(client);
}

/* Ends the connection from any place: the bus finds it closed and says so in the event loop. */
static void client_drop(struct control_client *client) {
	if (client->dropped) {
		return;
	}
	client->dropped = true;
	log_info("control: dropped client %s, which doesn't read", client->unique_name);
	shutdown(sd_bus_get_fd(client->bus), SHUT_RDWR);
}

static bool client_is_behind(struct control_client *client, uint64_t max) {
	uint64_t queued = 0;
	return sd_bus_get_n_queued_write(client->bus, &queued) < 0 || queued > max;
}

static int handle_disconnected(sd_bus_message *message, void *data, sd_bus_error *error) {
	client_destroy(data);
	return 1;
}

/* Sees every message first: who doesn't read the answers may not ask more. */
static int handle_message(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct control_client *client = data;
	if (!sd_bus_message_is_method_call(message, NULL, NULL)) {
		return 0; /* sd-bus's own, of the connection's state */
	}
	client->speaks = true;
	if (client->door->limited && !control_is_for_servers(message)) {
		return sd_bus_reply_method_errorf(message, SD_BUS_ERROR_ACCESS_DENIED,
			"A remote server isn't allowed to do that");
	}
	if (!client_is_behind(client, CONTROL_REPLIES_MAX)) {
		return 0;
	}
	client_drop(client);
	return 1;
}

static int client_start(struct control_client *client, int fd) {
	int r = sd_bus_set_fd(client->bus, fd, fd);
	if (r < 0) {
		close(fd);
		return r;
	}
	if ((r = sd_bus_set_server(client->bus, 1, client->control->id)) < 0 ||
		(r = sd_bus_set_sender(client->bus, CONTROL_UNIQUE_NAME)) < 0 ||
		/* Not when the loop ends, but when all is gone: `mullionctl quit` waits for that.
		 */
		(r = sd_bus_set_close_on_exit(client->bus, 0)) < 0 ||
		(r = sd_bus_negotiate_fds(client->bus, 1)) < 0 ||
		(r = sd_bus_add_filter(client->bus, NULL, handle_message, client)) < 0 ||
		(r = control_add_methods(client)) < 0 ||
		(r = control_add_bus_methods(client)) < 0 ||
		(r = sd_bus_match_signal(client->bus, NULL, NULL, "/org/freedesktop/DBus/Local",
			 "org.freedesktop.DBus.Local", "Disconnected", handle_disconnected,
			 client)) < 0) {
		return r;
	}
	return bus_server_start(client->bus, client->control->event);
}

/* Takes `fd`. */
static void client_create(struct control_door *door, int fd) {
	struct control *control = door->control;
	struct control_client *client = xcalloc(1, sizeof(*client));
	client->control = control;
	client->door = door;
	snprintf(client->unique_name, sizeof(client->unique_name), ":1.%" PRIu64,
		++control->last_client);
	TAILQ_INSERT_TAIL(&control->clients, client, link);
	door->client_count++;
	int r = sd_bus_new(&client->bus);
	if (r < 0) {
		close(fd);
	} else {
		r = client_start(client, fd);
	}
	if (r < 0) {
		log_info("control: can't serve a client: %s", strerror(-r));
		client_destroy(client);
	}
}

static bool peer_is_ours(int fd, uid_t user) {
	struct ucred cred;
	socklen_t len = sizeof(cred);
	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0 &&
		(cred.uid == user || cred.uid == 0);
}

static int handle_connection(sd_event_source *source, int listen_fd, uint32_t events, void *data) {
	struct control_door *door = data;
	int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0) {
		return 0; /* gone again, or no fd left: the next one may do */
	}
	if (!peer_is_ours(fd, door->user) || door->client_count >= CONTROL_CLIENTS_MAX) {
		log_info("control: refused a client");
		close(fd);
		return 0;
	}
	client_create(door, fd);
	return 0;
}

/* The lock tells a living mullion from a socket that one left behind, without a race. */
static bool take_lock(struct control *control, const char *folder) {
	char *path = xasprintf("%s/%s.lock", folder, CONTROL_SOCKET_NAME);
	control->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool ok = control->lock_fd >= 0 && flock(control->lock_fd, LOCK_EX | LOCK_NB) == 0;
	if (!ok && errno == EWOULDBLOCK) {
		log_error("another mullion runs in %s", folder);
	} else if (!ok) {
		log_error("can't lock %s: %s", path, strerror(errno));
	}
	free(path);
	return ok;
}

static int listen_on(const char *path, mode_t mode) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		return -1;
	}
	unlink(path);
	mode_t mask = umask(~mode & 0777);
	int bound = bind(fd, (struct sockaddr *)&address, sizeof(address));
	umask(mask);
	if (bound < 0 || listen(fd, SOMAXCONN) < 0) {
		int saved = errno;
		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

static void close_door(struct control_door *door) {
	door->source = sd_event_source_disable_unref(door->source);
	if (door->fd >= 0) {
		unlink(door->path);
		close(door->fd);
	}
	door->fd = -1;
	free(door->path);
	door->path = NULL;
}

static bool open_door(struct control_door *door, const char *folder, mode_t mode) {
	door->path = xasprintf("%s/%s", folder, CONTROL_SOCKET_NAME);
	door->fd = listen_on(door->path, mode);
	int r = door->fd < 0 ? -errno : 0;
	if (r >= 0) {
		r = sd_event_add_io(door->control->event, &door->source, door->fd, EPOLLIN,
			handle_connection, door);
	}
	if (r >= 0) {
		/* Where no fd is left for a client, it stays pending. */
		r = sd_event_source_set_ratelimit(door->source, 1000000, CONTROL_ACCEPTS_MAX);
	}
	if (r < 0) {
		log_error("can't listen on %s: %s", door->path, strerror(-r));
		close_door(door);
	}
	return r >= 0;
}

struct control *control_create(
	sd_event *event, const char *folder, const struct control_impl *impl, void *data) {
	struct control *control = xcalloc(1, sizeof(*control));
	control->event = sd_event_ref(event);
	control->impl = impl;
	control->data = data;
	control->lock_fd = -1;
	control->main_door = (struct control_door){.control = control, .user = getuid(), .fd = -1};
	control->server_door = (struct control_door){.fd = -1};
	TAILQ_INIT(&control->clients);
	if (!take_lock(control, folder) || sd_id128_randomize(&control->id) < 0 ||
		!open_door(&control->main_door, folder, 0600)) {
		control_destroy(control);
		return NULL;
	}
	return control;
}

bool control_open_door(struct control *control, const char *folder, uid_t user) {
	struct control_door *door = &control->server_door;
	if (door->control) {
		log_error("control: there is a door for servers already");
		return false;
	}
	*door = (struct control_door){.control = control, .user = user, .limited = true, .fd = -1};
	/* The folder is the user's alone, and who comes in is looked at. */
	return open_door(door, folder, 0666);
}

void control_destroy(struct control *control) {
	if (!control) {
		return;
	}
	close_door(&control->main_door);
	close_door(&control->server_door);
	if (control->lock_fd >= 0) {
		close(control->lock_fd);
	}
	/* Who waits for our end may start the next mullion at once. */
	struct control_client *client;
	while ((client = TAILQ_FIRST(&control->clients))) {
		client_destroy(client);
	}
	sd_event_unref(control->event);
	free(control);
}

void control_emit(
	struct control *control, const char *kind, const char *object, const char *detail) {
	struct control_client *client;
	TAILQ_FOREACH (client, &control->clients, link) {
		if (client_is_behind(client, CONTROL_SIGNALS_MAX)) {
			client_drop(client);
		}
		if (client->dropped || !client->speaks) {
			continue;
		}
		sd_bus_emit_signal(client->bus, CONTROL_PATH, CONTROL_INTERFACE, "Event", "sss",
			kind, object, detail);
	}
}
