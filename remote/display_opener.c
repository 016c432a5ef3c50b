#include "remote/display_opener.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "remote/guest_layout.h"
#include "util/log.h"
#include "util/mem.h"

#define CONTROL_SOCKET "control"
#define CONTROL_PATH "/org/mullion/Control1"
#define CONTROL_INTERFACE "org.mullion.Control1"
#define CALL_TIMEOUT ((uint64_t)5000000) /* us */
#define RETRY_DELAY ((uint64_t)50000) /* us: a socket that was just made may not listen yet */
#define RETRIES_MAX 20 /* per change in the runtime folder */

struct display_opener {
	sd_event *event;
	char *runtime, *socket;
	sd_event_source *folder; /* inotify */
	sd_event_source *retry;
	int retries;
	TAILQ_HEAD(, display_request) requests;
};

struct display_request {
	struct display_opener *opener;
	void (*done)(void *data, int fd, const char *layout, const char *error);
	void *data;
	char *target, *protocol, *server, *user, *address;
	char *id; /* the wisher's */
	uint32_t rights;
	sd_bus *bus; /* NULL while waiting for a mullion */
	char *layout;
	sd_event_source *limit; /* of the wait for a mullion */
	TAILQ_ENTRY(display_request) link;
};

static void free_request(struct display_request *request) {
	TAILQ_REMOVE(&request->opener->requests, request, link);
	sd_event_source_disable_unref(request->limit);
	sd_bus_close_unref(request->bus);
	free(request->layout);
	free(request->target);
	free(request->protocol);
	free(request->server);
	free(request->user);
	free(request->address);
	free(request);
}

void display_request_cancel(struct display_request *request) {
	if (request) {
		free_request(request);
	}
}

static void finish_request(struct display_request *request, int fd, const char *error) {
	void (*done)(void *, int, const char *, const char *) = request->done;
	void *data = request->data;
	char *layout = request->layout;
	request->layout = NULL;
	free_request(request);
	done(data, fd, layout, error);
	free(layout);
}

static bool is_waiting(const struct display_request *request) {
	return !request->bus;
}

/* The message keeps its own descriptor. */
static bool read_display(
	struct display_request *request, sd_bus_message *reply, const char **id, int *fd) {
	bool read = request->protocol ? sd_bus_message_read(reply, "sh", id, fd) >= 0
				      : sd_bus_message_read(reply, "h", fd) >= 0;
	*fd = read ? fcntl(*fd, F_DUPFD_CLOEXEC, 0) : -1;
	return *fd >= 0;
}

static void set_retry(struct display_opener *opener, uint64_t delay) {
	sd_event_source_set_time_relative(opener->retry, delay);
	sd_event_source_set_enabled(opener->retry, SD_EVENT_ONESHOT);
}

/* A mullion that is being killed may take the question and not answer: the next one is asked. */
static bool is_to_be_asked_again(struct display_request *request, const sd_bus_error *error) {
	if (!sd_bus_error_has_name(error, SD_BUS_ERROR_NO_REPLY) &&
		!sd_bus_error_has_name(error, SD_BUS_ERROR_DISCONNECTED)) {
		return false;
	}
	request->bus = sd_bus_close_unref(request->bus);
	sd_event_source_set_enabled(request->limit, SD_EVENT_ONESHOT); /* what is left of it */
	request->opener->retries = RETRIES_MAX;
	set_retry(request->opener, RETRY_DELAY);
	return true;
}

static int handle_display_opened(sd_bus_message *reply, void *data, sd_bus_error *unused) {
	struct display_request *request = data;
	const sd_bus_error *error = sd_bus_message_get_error(reply);
	const char *id = NULL;
	int fd = -1;
	if (is_to_be_asked_again(request, error)) {
		return 0;
	}
	if (!error && read_display(request, reply, &id, &fd) && id) {
		snprintf(request->id, DISPLAY_SESSION_ID_SIZE, "%s", id);
	}
	char *text = error ? xstrdup(error->message ? error->message : error->name) : NULL;
	finish_request(request, fd, fd >= 0 ? NULL : text ? text : "mullion sent no display");
	free(text);
	return 0;
}

static int append_text(sd_bus_message *message, const char *key, const char *value) {
	return value && value[0] ? sd_bus_message_append(message, "{sv}", key, "s", value) : 0;
}

static int append_info(sd_bus_message *message, const struct display_request *request) {
	int r = sd_bus_message_open_container(message, 'a', "{sv}");
	if (r < 0 || (r = append_text(message, "server", request->server)) < 0 ||
		(r = append_text(message, "protocol", request->protocol)) < 0 ||
		(r = append_text(message, "user", request->user)) < 0 ||
		(r = append_text(message, "address", request->address)) < 0 ||
		(r = append_text(message, "target", request->target)) < 0 ||
		(r = append_text(message, "renew", request->id)) < 0 ||
		(r = sd_bus_message_append(message, "{sv}", "rights", "u", request->rights)) < 0) {
		return r;
	}
	return sd_bus_message_close_container(message);
}

static int call_open_session(struct display_request *request) {
	sd_bus_message *message = NULL;
	int r = sd_bus_message_new_method_call(
		request->bus, &message, NULL, CONTROL_PATH, CONTROL_INTERFACE, "OpenSession");
	if (r >= 0 && (r = append_info(message, request)) >= 0) {
		r = sd_bus_call_async(
			request->bus, NULL, message, handle_display_opened, request, 0);
	}
	sd_bus_message_unref(message);
	return r;
}

static int call_open_display(struct display_request *request) {
	return sd_bus_call_method_async(request->bus, NULL, NULL, CONTROL_PATH, CONTROL_INTERFACE,
		"OpenDisplay", handle_display_opened, request, "su", request->target,
		request->rights);
}

static void open_display(struct display_request *request) {
	int r = request->protocol ? call_open_session(request) : call_open_display(request);
	if (r < 0) {
		finish_request(request, -1, "mullion can't be asked");
	}
}

static int handle_guests_listed(sd_bus_message *reply, void *data, sd_bus_error *unused) {
	struct display_request *request = data;
	const sd_bus_error *error = sd_bus_message_get_error(reply);
	if (is_to_be_asked_again(request, error)) {
		return 0;
	}
	if (!error) {
		const char *guest = request->target + strlen("guest:");
		request->layout = guest_layout_find(reply, guest);
	}
	open_display(request);
	return 0;
}

static void start_calls(struct display_request *request) {
	if (strncmp(request->target, "guest:", 6) != 0) {
		open_display(request);
	} else if (sd_bus_call_method_async(request->bus, NULL, NULL, CONTROL_PATH,
			   CONTROL_INTERFACE, "ListGuests", handle_guests_listed, request,
			   NULL) < 0) {
		finish_request(request, -1, "mullion can't be asked");
	}
}

/* Never blocks: a unix socket answers at once, or isn't there. */
static int connect_control(const struct display_opener *opener) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	/* Its length was checked. */
	memcpy(address.sun_path, opener->socket, strlen(opener->socket) + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool connect_bus(struct display_request *request) {
	int fd = connect_control(request->opener);
	if (fd < 0) {
		return false;
	}
	sd_bus *bus = NULL;
	if (sd_bus_new(&bus) < 0 || sd_bus_set_fd(bus, fd, fd) < 0) {
		close(fd);
		sd_bus_unref(bus);
		return false;
	}
	if (sd_bus_negotiate_fds(bus, true) < 0 ||
		sd_bus_set_method_call_timeout(bus, CALL_TIMEOUT) < 0 || sd_bus_start(bus) < 0 ||
		sd_bus_attach_event(bus, request->opener->event, SD_EVENT_PRIORITY_NORMAL) < 0) {
		sd_bus_close_unref(bus);
		return false;
	}
	request->bus = bus;
	return true;
}

/* Tries all that wait; true if none is left. */
static bool try_waiting(struct display_opener *opener) {
	struct display_request *request, *next;
	bool all = true;
	for (request = TAILQ_FIRST(&opener->requests); request; request = next) {
		next = TAILQ_NEXT(request, link);
		if (!is_waiting(request)) {
			continue;
		}
		if (connect_bus(request)) {
			sd_event_source_set_enabled(request->limit, SD_EVENT_OFF);
			start_calls(request);
		} else {
			all = false;
		}
	}
	return all;
}

static int handle_retry(sd_event_source *source, uint64_t time, void *data) {
	struct display_opener *opener = data;
	if (!try_waiting(opener) && opener->retries > 0) {
		opener->retries--;
		set_retry(opener, RETRY_DELAY);
	}
	return 0;
}

static int handle_folder(sd_event_source *source, const struct inotify_event *event, void *data) {
	struct display_opener *opener = data;
	if (!TAILQ_EMPTY(&opener->requests) && event->len > 0 &&
		strcmp(event->name, CONTROL_SOCKET) == 0) {
		opener->retries = RETRIES_MAX;
		set_retry(opener, 0);
	}
	return 0;
}

static int handle_limit(sd_event_source *source, uint64_t time, void *data) {
	finish_request(data, -1, "mullion isn't running");
	return 0;
}

static char *copy(const char *text) {
	return text ? xstrdup(text) : NULL;
}

struct display_request *display_opener_open(struct display_opener *opener,
	const struct display_wish *wish, uint64_t patience,
	void (*done)(void *data, int fd, const char *layout, const char *error), void *data) {
	struct display_request *request = xcalloc(1, sizeof(*request));
	request->opener = opener;
	request->done = done;
	request->data = data;
	request->target = xstrdup(wish->target);
	request->rights = wish->rights;
	request->protocol = copy(wish->protocol);
	request->server = copy(wish->server);
	request->user = copy(wish->user);
	request->address = copy(wish->address);
	request->id = wish->id;
	TAILQ_INSERT_TAIL(&opener->requests, request, link);
	sd_event_add_time_relative(opener->event, &request->limit, CLOCK_MONOTONIC, patience, 0,
		handle_limit, request);
	opener->retries = 0;
	set_retry(opener, 0);
	return request;
}

struct display_opener *display_opener_create(sd_event *event, const char *runtime) {
	struct display_opener *opener = xcalloc(1, sizeof(*opener));
	opener->event = event;
	opener->runtime = xstrdup(runtime);
	opener->socket = xasprintf("%s/%s", runtime, CONTROL_SOCKET);
	TAILQ_INIT(&opener->requests);
	int error = 0;
	if (strlen(opener->socket) >= sizeof(((struct sockaddr_un *)NULL)->sun_path)) {
		error = -ENAMETOOLONG;
	} else {
		error = sd_event_add_inotify(event, &opener->folder, runtime,
			IN_CREATE | IN_MOVED_TO | IN_ATTRIB, handle_folder, opener);
	}
	if (error >= 0) {
		error = sd_event_add_time_relative(
			event, &opener->retry, CLOCK_MONOTONIC, 0, 1, handle_retry, opener);
	}
	if (error < 0) {
		log_error("can't watch %s: %s", runtime, strerror(-error));
		display_opener_destroy(opener);
		return NULL;
	}
	sd_event_source_set_enabled(opener->retry, SD_EVENT_OFF);
	return opener;
}

void display_opener_destroy(struct display_opener *opener) {
	if (!opener) {
		return;
	}
	assert(TAILQ_EMPTY(&opener->requests));
	sd_event_source_disable_unref(opener->folder);
	sd_event_source_disable_unref(opener->retry);
	free(opener->runtime);
	free(opener->socket);
	free(opener);
}
