/* The synthetic guest's QMP: as much of QEMU's as mullion uses, one connection at a time. */
#ifndef TESTS_SYNTHETIC_QMP_SERVER_H
#define TESTS_SYNTHETIC_QMP_SERVER_H

#include <stdbool.h>
#include <systemd/sd-event.h>

struct qmp_server;

struct qmp_server_impl {
	/* add_client @dbus-display: fd is the callee's. */
	void (*display)(int fd, void *data);
	void (*set_paused)(bool paused, void *data);
	void (*reset)(void *data);
	bool (*power_down)(void *data); /* false: ignored */
	void (*command)(const char *name, void *data); /* each one, to be recorded */
	void (*quit)(void *data);
};

/* `fd` is listening or connected, and taken. NULL after a message. */
struct qmp_server *qmp_server_create(
	sd_event *event, int fd, const struct qmp_server_impl *impl, void *data);
void qmp_server_destroy(struct qmp_server *server);

#endif
