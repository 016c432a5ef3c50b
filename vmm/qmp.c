#include "vmm/qmp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/log.h"
#include "util/mem.h"

#define READ_SIZE (16 * 1024) // bytes a dispatch
#define DRAIN_MAX 64 // reads

struct qmp_command {
	uint64_t id;
	char *name;
	char *text; /* with its newline */
	size_t len, sent;
	int fd; /* -1: none, or sent */
	qmp_reply reply;
	void *data;
	TAILQ_ENTRY(qmp_command) link;
};

struct qmp {
	const struct qmp_impl *impl;
	void *data;
	char *guest; /* for the log */
	int fd;
	sd_event_source *source;
	json_tokener *tokener;
	char *input; /* an incomplete line */
	size_t input_len, input_size;
	TAILQ_HEAD(, qmp_command) queue; /* the first one was or is being sent */
	unsigned int queue_len;
	uint64_t last_id;
	bool greeted, ready;
	const char *violation; /* set where a message is found to be wrong */
};

static void finish_command(struct qmp *qmp, struct qmp_command *command, struct json_object *result,
	const char *error) {
	TAILQ_REMOVE(&qmp->queue, command, link);
	qmp->queue_len--;
	if (command->reply) {
		command->reply(command->data, result, error);
	} else if (error && qmp->fd >= 0) {
		log_error("guest %s: %s: %s", qmp->guest, command->name, error);
	}
	if (command->fd >= 0) {
		close(command->fd);
	}
	free(command->name);
	free(command->text);
	free(command);
}

/* Ends the connection. The user may destroy the client in `lost`: don't touch it afterwards. */
static void lose(struct qmp *qmp, const char *reason, bool violation) {
	if (qmp->fd < 0) {
		return;
	}
	qmp->source = sd_event_source_disable_unref(qmp->source);
	close(qmp->fd);
	qmp->fd = -1;
	qmp->ready = false;
	struct qmp_command *command;
	while ((command = TAILQ_FIRST(&qmp->queue))) {
		finish_command(qmp, command, NULL, reason);
	}
	qmp->impl->lost(qmp->data, reason, violation);
}

/* What sendmsg says; the fd goes with the first byte. */
static ssize_t send_some(int socket, struct qmp_command *command) {
	struct iovec part = {command->text + command->sent, command->len - command->sent};
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	if (command->fd >= 0) {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &command->fd, sizeof(int));
	}
	return sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Sends as much of the first command as the socket takes. False if the connection failed. */
static bool flush(struct qmp *qmp) {
	struct qmp_command *command = TAILQ_FIRST(&qmp->queue);
	while (command && command->sent < command->len) {
		ssize_t n = send_some(qmp->fd, command);
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0 && errno != EAGAIN) {
			return false;
		}
		if (n < 0) {
			break;
		}
		if (command->fd >= 0) {
			close(command->fd);
			command->fd = -1;
		}
		command->sent += n;
	}
	bool waits = command && command->sent < command->len;
	sd_event_source_set_io_events(qmp->source, waits ? EPOLLIN | EPOLLOUT : EPOLLIN);
	return true;
}

static bool enqueue(struct qmp *qmp, const char *name, struct json_object *arguments, int fd,
	qmp_reply reply, void *data) {
	struct json_object *message = json_object_new_object();
	struct qmp_command *command = xcalloc(1, sizeof(*command));
	command->id = ++qmp->last_id;
	json_object_object_add(message, "execute", json_object_new_string(name));
	if (arguments) {
		json_object_object_add(message, "arguments", arguments);
	}
	json_object_object_add(message, "id", json_object_new_int64(command->id));
	command->name = xstrdup(name);
	command->text =
		xasprintf("%s\n", json_object_to_json_string_ext(message, JSON_C_TO_STRING_PLAIN));
	json_object_put(message);
	command->len = strlen(command->text);
	command->fd = fd;
	command->reply = reply;
	command->data = data;
	TAILQ_INSERT_TAIL(&qmp->queue, command, link);
	qmp->queue_len++;
	/* A failure to send shows up as the end of the stream too; the loop tells of it. */
	if (TAILQ_FIRST(&qmp->queue) == command) {
		flush(qmp);
	}
	return true;
}

bool qmp_execute(struct qmp *qmp, const char *command, struct json_object *arguments, int fd,
	qmp_reply reply, void *data) {
	if (qmp_is_ready(qmp) && qmp->queue_len < QMP_QUEUE_MAX) {
		return enqueue(qmp, command, arguments, fd, reply, data);
	}
	json_object_put(arguments);
	if (fd >= 0) {
		close(fd);
	}
	return false;
}

static void handle_capabilities(void *data, struct json_object *result, const char *error) {
	struct qmp *qmp = data;
	if (qmp->fd < 0) {
		return;
	}
	if (error) {
		qmp->violation = "it refused qmp_capabilities";
		return;
	}
	qmp->ready = true;
	qmp->impl->ready(qmp->data);
}

static void handle_answer(struct qmp *qmp, struct json_object *message) {
	struct qmp_command *command = TAILQ_FIRST(&qmp->queue);
	struct json_object *id, *error = NULL, *result = NULL;
	bool has_id = json_object_object_get_ex(message, "id", &id);
	bool failed = json_object_object_get_ex(message, "error", &error);
	bool known = command && command->sent == command->len &&
		(has_id ? json_object_is_type(id, json_type_int) &&
					json_object_get_int64(id) == (int64_t)command->id
			: failed);
	if (!known) {
		qmp->violation = "an answer to nothing";
		return;
	}
	if (!failed) {
		json_object_object_get_ex(message, "return", &result);
		finish_command(qmp, command, result, NULL);
	} else {
		struct json_object *text = NULL;
		bool told = json_object_is_type(error, json_type_object) &&
			json_object_object_get_ex(error, "desc", &text) &&
			json_object_is_type(text, json_type_string);
		finish_command(qmp, command, NULL,
			told ? json_object_get_string(text) : "QEMU doesn't say why");
	}
	if (qmp->fd >= 0) {
		flush(qmp); /* if QEMU has quit, the next read finds the end */
	}
}

static void handle_event(struct qmp *qmp, struct json_object *name, struct json_object *message) {
	struct json_object *payload = NULL;
	json_object_object_get_ex(message, "data", &payload);
	if (!json_object_is_type(name, json_type_string) ||
		(payload && !json_object_is_type(payload, json_type_object))) {
		qmp->violation = "an event of a wrong shape";
	} else if (qmp->ready && qmp->impl->event) {
		qmp->impl->event(qmp->data, json_object_get_string(name), payload);
	}
}

static void handle_message(struct qmp *qmp, struct json_object *message) {
	struct json_object *member;
	if (!json_object_is_type(message, json_type_object)) {
		qmp->violation = "a message that is no object";
	} else if (!qmp->greeted) {
		qmp->greeted = json_object_object_get_ex(message, "QMP", &member);
		if (qmp->greeted) {
			enqueue(qmp, "qmp_capabilities", NULL, -1, handle_capabilities, qmp);
		} else {
			qmp->violation = "no greeting";
		}
	} else if (json_object_object_get_ex(message, "event", &member)) {
		handle_event(qmp, member, message);
	} else if (json_object_object_get_ex(message, "return", &member) ||
		json_object_object_get_ex(message, "error", &member)) {
		handle_answer(qmp, message);
	} else {
		qmp->violation = "a message of an unknown kind";
	}
}

static void handle_line(struct qmp *qmp, const char *line, size_t len) {
	while (len > 0 && strchr(" \t\r", line[len - 1])) {
		len--;
	}
	if (len == 0) {
		return;
	}
	json_tokener_reset(qmp->tokener);
	struct json_object *message = json_tokener_parse_ex(qmp->tokener, line, len);
	if (!message || json_tokener_get_error(qmp->tokener) != json_tokener_success ||
		json_tokener_get_parse_end(qmp->tokener) != len) {
		qmp->violation = "bad JSON";
	} else {
		handle_message(qmp, message);
	}
	json_object_put(message);
}

/* Handles the complete lines, keeps the rest. */
static void handle_input(struct qmp *qmp) {
	size_t used = 0;
	char *newline;
	while (qmp->fd >= 0 && !qmp->violation && used < qmp->input_len &&
		(newline = memchr(qmp->input + used, '\n', qmp->input_len - used))) {
		size_t len = newline - (qmp->input + used);
		handle_line(qmp, qmp->input + used, len);
		used += len + 1;
	}
	memmove(qmp->input, qmp->input + used, qmp->input_len - used);
	qmp->input_len -= used;
	if (!qmp->violation && qmp->input_len >= QMP_MESSAGE_MAX) {
		qmp->violation = "a message over 256 KiB";
	}
}

static bool make_room(struct qmp *qmp) {
	size_t size = qmp->input_len + READ_SIZE;
	if (size <= qmp->input_size) {
		return true;
	}
	char *input = realloc(qmp->input, size);
	if (input) {
		qmp->input = input;
		qmp->input_size = size;
	}
	return input;
}

/* One read and what it brings. False when there is no more for now, or the connection is lost. */
static bool read_some(struct qmp *qmp) {
	if (!make_room(qmp)) {
		lose(qmp, "out of memory", false);
		return false;
	}
	/* An fd that the peer sends along is closed by the kernel: there is no room for it. */
	ssize_t n = recv(qmp->fd, qmp->input + qmp->input_len, READ_SIZE, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		return false;
	}
	if (n <= 0) {
		lose(qmp, n < 0 ? strerror(errno) : "QEMU closed it", false);
		return false;
	}
	qmp->input_len += n;
	handle_input(qmp);
	if (qmp->violation) {
		lose(qmp, qmp->violation, true);
		return false;
	}
	return true;
}

static int handle_io(sd_event_source *source, int fd, uint32_t events, void *data) {
	struct qmp *qmp = data;
	if ((events & EPOLLOUT) && !flush(qmp)) {
		lose(qmp, "can't write to it", false);
	} else if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
		read_some(qmp);
	}
	return 0;
}

void qmp_drain(struct qmp *qmp) {
	for (int i = 0; i < DRAIN_MAX && read_some(qmp); i++) {
	}
}

struct qmp *qmp_create(
	sd_event *event, int fd, const char *guest, const struct qmp_impl *impl, void *data) {
	struct qmp *qmp = xcalloc(1, sizeof(*qmp));
	qmp->impl = impl;
	qmp->data = data;
	qmp->guest = xstrdup(guest);
	qmp->fd = fd;
	TAILQ_INIT(&qmp->queue);
	qmp->tokener = json_tokener_new_ex(QMP_DEPTH_MAX);
	if (!qmp->tokener || fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0 ||
		sd_event_add_io(event, &qmp->source, fd, EPOLLIN, handle_io, qmp) < 0) {
		log_error("guest %s: can't watch the connection to QEMU", guest);
		qmp_destroy(qmp);
		return NULL;
	}
	json_tokener_set_flags(qmp->tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	return qmp;
}

void qmp_destroy(struct qmp *qmp) {
	if (!qmp) {
		return;
	}
	sd_event_source_disable_unref(qmp->source);
	qmp->ready = false;
	if (qmp->fd >= 0) {
		close(qmp->fd);
		qmp->fd = -1;
	}
	struct qmp_command *command;
	while ((command = TAILQ_FIRST(&qmp->queue))) {
		finish_command(qmp, command, NULL, "the connection was closed");
	}
	if (qmp->tokener) {
		json_tokener_free(qmp->tokener);
	}
	free(qmp->guest);
	free(qmp->input);
	free(qmp);
}

bool qmp_is_ready(const struct qmp *qmp) {
	return qmp && qmp->ready;
}
