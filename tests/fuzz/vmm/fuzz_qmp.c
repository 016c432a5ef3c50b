#include "fuzz.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/log.h"
#include "vmm/qmp.h"

#define GREETING "{\"QMP\":{}}\n{\"return\":{},\"id\":1}\n"

struct run {
	struct qmp *qmp;
	int sent, answered, lost;
};

static void handle_reply(void *data, struct json_object *result, const char *error) {
	((struct run *)data)->answered++;
}

static void handle_ready(void *data) {
	struct run *run = data;
	for (int i = 0; i < 3; i++) {
		run->sent += qmp_execute(run->qmp, "query", NULL, -1, handle_reply, run);
	}
}

static void handle_event(void *data, const char *name, struct json_object *payload) {
	if (payload) {
		json_object_to_json_string(payload);
	}
}

static void handle_lost(void *data, const char *reason, bool violation) {
	struct run *run = data;
	run->lost++;
	qmp_destroy(run->qmp);
	run->qmp = NULL;
}

static const struct qmp_impl impl = {handle_ready, handle_event, handle_lost};

static void feed(sd_event *event, int fd, const void *bytes, size_t size) {
	const uint8_t *at = bytes;
	while (size > 0) {
		ssize_t n = send(fd, at, size, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n <= 0) {
			return;
		}
		at += n;
		size -= n;
		while (sd_event_run(event, 0) > 0) {
		}
	}
}

/* An input that begins with '!' is fed after a correct greeting. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	struct run run = {0};
	sd_event *event;
	int fds[2];
	log_init("fuzz", LOG_LEVEL_ERROR);
	if (sd_event_new(&event) < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0) {
		abort();
	}
	run.qmp = qmp_create(event, fds[1], "fuzz", &impl, &run);
	if (!run.qmp) {
		abort();
	}
	if (size > 0 && bytes[0] == '!') {
		feed(event, fds[0], GREETING, strlen(GREETING));
		bytes++, size--;
	}
	feed(event, fds[0], bytes, size);
	qmp_destroy(run.qmp);
	if (run.answered != run.sent || run.lost > 1) {
		abort();
	}
	close(fds[0]);
	sd_event_unref(event);
	return 0;
}
