#include "tests/synthetic/qmp_server.h"

#include <errno.h>
#include <fcntl.h>
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "util/mem.h"

#define QMP_LINE_MAX 65536
#define QMP_FDS_MAX 8
#define QMP_FD_NAME_MAX 32

#define GREETING                                                                                   \
	"{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 2, \"minor\": 0, \"major\": 10}, "         \
	"\"package\": \"synthetic\"}, \"capabilities\": [\"oob\"]}}\r\n"

struct qmp_server {
	const struct qmp_server_impl *impl;
	void *data;
	sd_event *event;
	int listen_fd; /* -1: the one connection was given to us */
	int fd; /* -1: nobody is connected */
	sd_event_source *accept_source, *source;
	char line[QMP_LINE_MAX];
	size_t length;
	bool is_paused, is_negotiated;
	int received_fd; /* -1: none waits for its getfd */
	struct named_fd {
		char name[QMP_FD_NAME_MAX]; /* "": free */
		int fd;
	} fds[QMP_FDS_MAX];
};

static void send_text(struct qmp_server *server, const char *text) {
	if (server->fd >= 0 && send(server->fd, text, strlen(text), MSG_NOSIGNAL) < 0) {
		fprintf(stderr, "synthetic-guest: QMP: %s\n", strerror(errno));
	}
}

static void send_event(struct qmp_server *server, const char *name, const char *payload) {
	struct timespec ts;
	clock_gettime(CLOCK_REALTIME, &ts);
	char *text = xasprintf("{\"timestamp\": {\"seconds\": %lld, \"microseconds\": %ld}, "
			       "\"event\": \"%s\"%s%s}\r\n",
		(long long)ts.tv_sec, ts.tv_nsec / 1000, name, payload ? ", \"data\": " : "",
		payload ? payload : "");
	send_text(server, text);
	free(text);
}

static void answer(
	struct qmp_server *server, struct json_object *id, const char *member, const char *value) {
	char *text = id ? xasprintf("{\"%s\": %s, \"id\": %s}\r\n", member, value,
				  json_object_to_json_string_ext(id, JSON_C_TO_STRING_PLAIN))
			: xasprintf("{\"%s\": %s}\r\n", member, value);
	send_text(server, text);
	free(text);
}

static void answer_error(
	struct qmp_server *server, struct json_object *id, const char *kind, const char *what) {
	char *value = xasprintf("{\"class\": \"%s\", \"desc\": \"%s\"}", kind, what);
	answer(server, id, "error", value);
	free(value);
}

static const char *get_text(struct json_object *object, const char *key) {
	struct json_object *member;
	return json_object_object_get_ex(object, key, &member) ? json_object_get_string(member)
							       : NULL;
}

static struct named_fd *find_fd(struct qmp_server *server, const char *name) {
	for (int i = 0; i < QMP_FDS_MAX; i++) {
		if (strcmp(server->fds[i].name, name) == 0) {
			return &server->fds[i];
		}
	}
	return NULL;
}

static const char *run_getfd(struct qmp_server *server, const char *name) {
	struct named_fd *slot = name && *name ? find_fd(server, name) : NULL;
	if (slot) {
		close(slot->fd); /* As QEMU does: the new one takes the name. */
	} else {
		slot = find_fd(server, "");
	}
	if (!name || !*name || strlen(name) >= QMP_FD_NAME_MAX || !slot) {
		return "bad fdname";
	}
	if (server->received_fd < 0) {
		return "No file descriptor supplied via SCM_RIGHTS";
	}
	snprintf(slot->name, sizeof(slot->name), "%s", name);
	slot->fd = server->received_fd;
	server->received_fd = -1;
	return NULL;
}

static const char *run_add_client(struct qmp_server *server, struct json_object *arguments) {
	const char *protocol = get_text(arguments, "protocol");
	const char *name = get_text(arguments, "fdname");
	struct named_fd *slot = name && *name ? find_fd(server, name) : NULL;
	if (!slot) {
		return "File descriptor named is not found";
	}
	int fd = slot->fd;
	slot->name[0] = '\0';
	if (!protocol || strcmp(protocol, "@dbus-display") != 0) {
		close(fd);
		return "protocol is invalid";
	}
	server->impl->display(fd, server->data);
	return NULL;
}

static void run_fd_command(struct qmp_server *server, const char *command,
	struct json_object *arguments, struct json_object *id) {
	const char *error = strcmp(command, "getfd") == 0
		? run_getfd(server, get_text(arguments, "fdname"))
		: run_add_client(server, arguments);
	if (error) {
		answer_error(server, id, "GenericError", error);
	} else {
		answer(server, id, "return", "{}");
	}
}

static void set_paused(struct qmp_server *server, bool paused) {
	if (server->is_paused != paused) {
		server->is_paused = paused;
		server->impl->set_paused(paused, server->data);
		send_event(server, paused ? "STOP" : "RESUME", NULL);
	}
}

/* Commands that change the machine's state; false if it isn't one. */
static bool run_state_command(struct qmp_server *server, const char *command) {
	if (strcmp(command, "stop") == 0 || strcmp(command, "cont") == 0) {
		set_paused(server, command[0] == 's');
	} else if (strcmp(command, "system_reset") == 0) {
		server->impl->reset(server->data);
		send_event(server, "RESET",
			"{\"guest\": false, \"reason\": \"host-qmp-system-reset\"}");
	} else if (strcmp(command, "system_powerdown") == 0) {
		send_event(server, "POWERDOWN", NULL);
		if (server->impl->power_down(server->data)) {
			send_event(server, "SHUTDOWN",
				"{\"guest\": true, \"reason\": \"guest-shutdown\"}");
			server->impl->quit(server->data);
		}
	} else if (strcmp(command, "quit") == 0) {
		send_event(server, "SHUTDOWN", "{\"guest\": false, \"reason\": \"host-qmp-quit\"}");
		server->impl->quit(server->data);
	} else {
		return false;
	}
	return true;
}

/* The answer to a query, or NULL if it isn't one that we know. */
static const char *run_query(const struct qmp_server *server, const char *command) {
	if (strcmp(command, "qmp_capabilities") == 0) {
		return "{}";
	}
	if (strcmp(command, "query-status") == 0) {
		return server->is_paused ? "{\"status\": \"paused\", \"running\": false}"
					 : "{\"status\": \"running\", \"running\": true}";
	}
	if (strcmp(command, "query-version") == 0) {
		return "{\"qemu\": {\"micro\": 2, \"minor\": 0, \"major\": 10}, "
		       "\"package\": \"synthetic\"}";
	}
	if (strcmp(command, "query-kvm") == 0) {
		return "{\"enabled\": false, \"present\": false}";
	}
	if (strcmp(command, "query-name") == 0) {
		return "{\"name\": \"synthetic\"}";
	}
	return NULL;
}

static void run_command(struct qmp_server *server, struct json_object *message) {
	const char *command = get_text(message, "execute");
	struct json_object *id = NULL, *arguments = NULL;
	json_object_object_get_ex(message, "id", &id);
	json_object_object_get_ex(message, "arguments", &arguments);
	if (!command) {
		answer_error(server, id, "GenericError", "QMP input lacks member 'execute'");
		return;
	}
	server->impl->command(command, server->data);
	const char *result = run_query(server, command);
	if (!server->is_negotiated && strcmp(command, "qmp_capabilities") != 0) {
		answer_error(server, id, "CommandNotFound", "Expecting capabilities negotiation");
	} else if (result) {
		server->is_negotiated = true;
		answer(server, id, "return", result);
	} else if (strcmp(command, "getfd") == 0 || strcmp(command, "add_client") == 0) {
		run_fd_command(server, command, arguments, id);
	} else if (run_state_command(server, command)) {
		answer(server, id, "return", "{}");
	} else {
		answer_error(server, id, "CommandNotFound", "The command has not been found");
	}
}

static void run_line(struct qmp_server *server, const char *line) {
	struct json_object *message = json_tokener_parse(line);
	if (message) {
		run_command(server, message);
	} else if (line[strspn(line, " \t\r")]) {
		answer_error(server, NULL, "GenericError", "JSON parse error");
	}
	json_object_put(message);
}

static void disconnect(struct qmp_server *server) {
	server->source = sd_event_source_disable_unref(server->source);
	if (server->fd >= 0) {
		close(server->fd);
	}
	if (server->received_fd >= 0) {
		close(server->received_fd);
	}
	server->fd = server->received_fd = -1;
	if (server->accept_source) {
		sd_event_source_set_enabled(server->accept_source, SD_EVENT_ON);
	}
}

static ssize_t receive(struct qmp_server *server) {
	struct iovec iov = {server->line + server->length, QMP_LINE_MAX - 1 - server->length};
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr msg = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control)};
	ssize_t n = recvmsg(server->fd, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	struct cmsghdr *cmsg = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL;
	if (cmsg && cmsg->cmsg_type == SCM_RIGHTS) {
		if (server->received_fd >= 0) {
			close(server->received_fd);
		}
		memcpy(&server->received_fd, CMSG_DATA(cmsg), sizeof(int));
	}
	return n;
}

static int handle_input(sd_event_source *source, int fd, uint32_t revents, void *data) {
	struct qmp_server *server = data;
	ssize_t n = receive(server);
	if (n <= 0) {
		if (n == 0 || errno != EAGAIN) {
			disconnect(server);
		}
		return 0;
	}
	server->length += (size_t)n;
	server->line[server->length] = '\0';
	char *newline;
	while ((newline = strchr(server->line, '\n'))) {
		*newline = '\0';
		run_line(server, server->line);
		server->length -= (size_t)(newline + 1 - server->line);
		memmove(server->line, newline + 1, server->length + 1);
	}
	if (server->length == QMP_LINE_MAX - 1) {
		disconnect(server);
	}
	return 0;
}

static void connected(struct qmp_server *server, int fd) {
	server->fd = fd;
	server->length = 0;
	server->is_negotiated = false;
	sd_event_add_io(server->event, &server->source, fd, EPOLLIN, handle_input, server);
	send_text(server, GREETING);
}

static int handle_accept(sd_event_source *source, int fd, uint32_t revents, void *data) {
	struct qmp_server *server = data;
	int connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	if (connection >= 0) {
		sd_event_source_set_enabled(server->accept_source, SD_EVENT_OFF);
		connected(server, connection);
	}
	return 0;
}

static bool is_listening(int fd) {
	int value = 0;
	socklen_t size = sizeof(value);
	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0 && value;
}

struct qmp_server *qmp_server_create(
	sd_event *event, int fd, const struct qmp_server_impl *impl, void *data) {
	struct qmp_server *server = xcalloc(1, sizeof(*server));
	server->impl = impl;
	server->data = data;
	server->event = event;
	server->fd = server->received_fd = server->listen_fd = -1;
	if (!is_listening(fd)) {
		connected(server, fd);
		return server;
	}
	server->listen_fd = fd;
	if (sd_event_add_io(event, &server->accept_source, fd, EPOLLIN, handle_accept, server) <
		0) {
		fprintf(stderr, "synthetic-guest: can't wait on the QMP socket\n");
		qmp_server_destroy(server);
		return NULL;
	}
	return server;
}

void qmp_server_destroy(struct qmp_server *server) {
	if (!server) {
		return;
	}
	server->accept_source = sd_event_source_disable_unref(server->accept_source);
	disconnect(server);
	if (server->listen_fd >= 0) {
		close(server->listen_fd);
	}
	for (int i = 0; i < QMP_FDS_MAX; i++) {
		if (server->fds[i].name[0]) {
			close(server->fds[i].fd);
		}
	}
	free(server);
}
