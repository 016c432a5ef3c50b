/* A client of QMP, QEMU's control protocol, over a connected unix socket. Never blocks.
 *
 * QEMU isn't trusted: a message over QMP_MESSAGE_MAX, JSON nested deeper than QMP_DEPTH_MAX, bad
 * JSON or an answer to nothing ends the connection. Commands go out one after the other, each when
 * its predecessor was answered, so that an fd is always taken by its own command. */
#ifndef VMM_QMP_H
#define VMM_QMP_H

#include <json-c/json.h>
#include <stdbool.h>
#include <systemd/sd-event.h>

#define QMP_MESSAGE_MAX (256 * 1024) /* bytes */
#define QMP_DEPTH_MAX 32
#define QMP_QUEUE_MAX 64 /* commands */

struct qmp;

struct qmp_impl { /* the callee must not destroy the client, but in `lost` */
	/* The greeting was answered; commands may be sent from now on. */
	void (*ready)(void *data);
	/* `payload` is the event's data, or NULL; valid during the call. */
	void (*event)(void *data, const char *name, struct json_object *payload);
	/* The connection is gone, once; all unanswered commands were told before. `violation`: we
	 * ended it because of what QEMU sent. */
	void (*lost)(void *data, const char *reason, bool violation);
};

/* `result` is valid during the call; else `error` says what went wrong. Called exactly once for
 * each command, with an error from qmp_destroy at the latest. */
typedef void (*qmp_reply)(void *data, struct json_object *result, const char *error);

/* Takes `fd` on every path; `guest` is its name for the log. NULL after a log line. */
struct qmp *qmp_create(
	sd_event *event, int fd, const char *guest, const struct qmp_impl *impl, void *data);
void qmp_destroy(struct qmp *qmp); /* NULL is legal */

bool qmp_is_ready(const struct qmp *qmp); /* NULL: false */

/* Takes `arguments` (or NULL) and `fd` (or -1) on every path. `reply` may be NULL: an error is
 * logged then. False, without a reply, if the queue is full or the client isn't ready. */
bool qmp_execute(struct qmp *qmp, const char *command, struct json_object *arguments, int fd,
	qmp_reply reply, void *data);

/* Handles what the peer sent before it ended; it must have ended. */
void qmp_drain(struct qmp *qmp);

#endif
