/* What the files of the control bus's server share. */
#ifndef CONTROL_CONTROL_PRIVATE_H
#define CONTROL_CONTROL_PRIVATE_H

#include <sys/queue.h>

#include "control/control.h"

#define CONTROL_PATH "/org/mullion/Control1"
#define CONTROL_INTERFACE "org.mullion.Control1"
#define CONTROL_NAME "org.mullion.Control1" /* the name that the server "owns" */
#define CONTROL_UNIQUE_NAME ":1.0"
#define CONTROL_ERROR_FAILED "org.mullion.Error.Failed"

/* Messages waiting for a client to read them; beyond, the client is dropped. */
#define CONTROL_SIGNALS_MAX 512
#define CONTROL_REPLIES_MAX 32
#define CONTROL_ACCEPTS_MAX 200 /* a second */

struct control_door { /* a socket that clients come through */
	struct control *control;
	char *path; /* NULL: there is none */
	uid_t user; /* whose processes may come, beside root's */
	bool limited; /* to what remote servers need */
	unsigned int client_count;
	int fd;
	sd_event_source *source;
};

struct control_client {
	struct control *control;
	struct control_door *door; /* that it came through */
	sd_bus *bus;
	char unique_name[32]; /* ":1.7" */
	bool speaks; /* it has sent a message: one that begins with Hello takes no other before */
	bool dropped; /* its socket is shut down, which the bus has yet to find */
	TAILQ_ENTRY(control_client) link;
};
TAILQ_HEAD(control_client_list, control_client);

struct control {
	sd_event *event;
	const struct control_impl *impl;
	void *data;
	struct control_door main_door, server_door;
	int lock_fd;
	sd_id128_t id; /* of this bus */
	struct control_client_list clients;
	uint64_t last_client; /* number in the last unique name */
};

/* Adds the vtables to a new client's connection; a negative errno on failure. */
int control_add_methods(struct control_client *client); /* org.mullion.Control1 */
int control_add_bus_methods(struct control_client *client); /* org.freedesktop.DBus */

/* For the methods: what they stand for, and what it is given. `client` is the vtable's data. */
const struct control_impl *control_impl_of(void *client);
void *control_data_of(void *client);

/* Answers; each returns what its handler has to return. */
int control_invalid(sd_bus_error *error, const char *what);
int control_not_supported(sd_bus_error *error);
int control_failed(sd_bus_error *error, char *text); /* takes `text` */
int control_reply_done(sd_bus_message *message, bool done, char *text, sd_bus_error *error);
int control_reply_list(sd_bus_message *message, bool (*list)(void *data, sd_bus_message *reply),
	void *client, sd_bus_error *error);
/* A method whose only argument is a string. */
int control_call_with_name(sd_bus_message *message,
	bool (*method)(void *data, const char *name, char **error), void *client,
	sd_bus_error *error);

/* control_remote.c */
bool control_is_for_servers(sd_bus_message *message);
int control_handle_open_session(sd_bus_message *message, void *data, sd_bus_error *error);
int control_handle_list_sessions(sd_bus_message *message, void *data, sd_bus_error *error);
int control_handle_kick_session(sd_bus_message *message, void *data, sd_bus_error *error);
int control_handle_list_remotes(sd_bus_message *message, void *data, sd_bus_error *error);
int control_handle_start_remote(sd_bus_message *message, void *data, sd_bus_error *error);
int control_handle_stop_remote(sd_bus_message *message, void *data, sd_bus_error *error);

#endif
