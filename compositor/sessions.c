#include "compositor/sessions.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <wayland-util.h>

#include "compositor/commands.h"
#include "compositor/publish.h"
#include "compositor/server.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/utf8.h"
#include "vm-display/publisher.h"

#define KICKED_MAX 64

struct session {
	struct sessions *sessions;
	char id[CONTROL_SESSION_ID_SIZE];
	char *server, *protocol, *user, *address, *target;
	uint32_t rights;
	time_t since;
	struct published_client *client; /* NULL: lost, may be renewed until `limit` */
	sd_event_source *limit;
	struct wl_list link; /* sessions.list */
};

struct sessions {
	struct server *server;
	struct wl_list list; /* session.link, the oldest first */
	char kicked[KICKED_MAX][CONTROL_SESSION_ID_SIZE]; /* a ring of the last ones */
	unsigned int kicked_next;
};

static struct session *find(const struct sessions *sessions, const char *id) {
	struct session *session;
	wl_list_for_each (session, &sessions->list, link) {
		if (strcmp(session->id, id) == 0) {
			return session;
		}
	}
	return NULL;
}

static bool was_kicked(const struct sessions *sessions, const char *id) {
	for (int i = 0; i < KICKED_MAX; i++) {
		if (strcmp(sessions->kicked[i], id) == 0) {
			return true;
		}
	}
	return false;
}

static const char *or_dash(const char *text) {
	return text[0] ? text : "-";
}

static void emit(const struct session *session, const char *kind) {
	char *detail =
		xasprintf("%s %s %s %s %s", or_dash(session->server), or_dash(session->protocol),
			or_dash(session->user), or_dash(session->address), session->target);
	commands_emit(session->sessions->server->commands, kind, session->id, detail);
	free(detail);
}

static void free_texts(struct session *session) {
	free(session->server);
	free(session->protocol);
	free(session->user);
	free(session->address);
	free(session->target);
}

static void session_destroy(struct session *session) {
	if (session->client) {
		published_client_hang_up(session->client);
	}
	sd_event_source_disable_unref(session->limit);
	wl_list_remove(&session->link);
	free_texts(session);
	free(session);
}

static void end(struct session *session) {
	emit(session, "session-ended");
	session_destroy(session);
}

static int handle_limit(sd_event_source *source, uint64_t usec, void *data) {
	end(data);
	return 0;
}

static void handle_connection_ended(void *data, bool by_peer) {
	struct session *session = data;
	session->client = NULL;
	if (by_peer) {
		end(session); /* its client has gone, or its process died */
		return;
	}
	sd_event_source_set_time_relative(session->limit, SESSIONS_RENEWAL);
	sd_event_source_set_enabled(session->limit, SD_EVENT_ONESHOT);
}

static void describe(struct session *session, const struct control_session *info) {
	free_texts(session);
	session->server = utf8_sanitize(info->server, CONTROL_SESSION_TEXT_MAX);
	session->protocol = utf8_sanitize(info->protocol, CONTROL_SESSION_TEXT_MAX);
	session->user = utf8_sanitize(info->user, CONTROL_SESSION_TEXT_MAX);
	session->address = utf8_sanitize(info->address, CONTROL_SESSION_TEXT_MAX);
	session->target = utf8_sanitize(info->target, CONTROL_SESSION_TEXT_MAX);
	session->rights = info->rights;
}

static bool make_id(const struct sessions *sessions, char id[CONTROL_SESSION_ID_SIZE]) {
	uint32_t number;
	do {
		if (getrandom(&number, sizeof(number), 0) != sizeof(number)) {
			return false;
		}
		snprintf(id, CONTROL_SESSION_ID_SIZE, "%08" PRIx32, number);
	} while (find(sessions, id) || was_kicked(sessions, id));
	return true;
}

/* NULL with *error. */
static struct session *session_create(
	struct sessions *sessions, const struct control_session *info, char **error) {
	if (wl_list_length(&sessions->list) >= SESSIONS_MAX) {
		*error = xasprintf("there are %d sessions already", SESSIONS_MAX);
		return NULL;
	}
	struct session *session = xcalloc(1, sizeof(*session));
	session->sessions = sessions;
	session->since = time(NULL);
	wl_list_init(&session->link);
	snprintf(session->id, sizeof(session->id), "%s", info->renew);
	if ((!info->renew[0] && !make_id(sessions, session->id)) ||
		sd_event_add_time_relative(sessions->server->event, &session->limit,
			CLOCK_MONOTONIC, 0, 0, handle_limit, session) < 0 ||
		sd_event_source_set_enabled(session->limit, SD_EVENT_OFF) < 0) {
		*error = xstrdup("out of resources");
		session_destroy(session);
		return NULL;
	}
	wl_list_insert(sessions->list.prev, &session->link);
	return session;
}

int sessions_open(struct sessions *sessions, const struct control_session *info,
	char id[CONTROL_SESSION_ID_SIZE], char **error) {
	if (info->renew[0] && was_kicked(sessions, info->renew)) {
		*error = xasprintf("session %s was ended by the user", info->renew);
		return -1;
	}
	struct publisher *publisher = publish_find(sessions->server->publish, info->target, error);
	struct session *session = info->renew[0] ? find(sessions, info->renew) : NULL;
	bool is_new = !session;
	if (publisher && !session) {
		session = session_create(sessions, info, error);
	}
	if (!publisher || !session) {
		return -1;
	}
	int fd;
	struct published_client *client = publisher_open_watched(
		publisher, info->rights, handle_connection_ended, session, &fd);
	if (!client) {
		*error = xstrdup("the display can't be opened; see mullion's log");
		if (is_new) {
			session_destroy(session);
		}
		return -1;
	}
	if (session->client) {
		published_client_hang_up(session->client);
	}
	session->client = client;
	sd_event_source_set_enabled(session->limit, SD_EVENT_OFF);
	describe(session, info);
	if (is_new) {
		emit(session, "session-opened");
	}
	snprintf(id, CONTROL_SESSION_ID_SIZE, "%s", session->id);
	return fd;
}

bool sessions_kick(struct sessions *sessions, const char *id, char **error) {
	struct session *session = find(sessions, id);
	if (!session) {
		*error = xasprintf("there is no session '%s'", id);
		return false;
	}
	log_info("session %s of %s from %s is kicked", session->id, or_dash(session->user),
		or_dash(session->address));
	snprintf(sessions->kicked[sessions->kicked_next++ % KICKED_MAX], CONTROL_SESSION_ID_SIZE,
		"%s", session->id);
	emit(session, "session-kicked");
	end(session);
	return true;
}

static void put_string(sd_bus_message *reply, const char *key, const char *value) {
	sd_bus_message_append(reply, "{sv}", key, "s", value);
}

void sessions_list(struct sessions *sessions, sd_bus_message *reply) {
	struct session *session;
	wl_list_for_each (session, &sessions->list, link) {
		sd_bus_message_open_container(reply, 'a', "{sv}");
		put_string(reply, "id", session->id);
		put_string(reply, "server", session->server);
		put_string(reply, "protocol", session->protocol);
		put_string(reply, "user", session->user);
		put_string(reply, "address", session->address);
		put_string(reply, "target", session->target);
		sd_bus_message_append(reply, "{sv}", "rights", "u", session->rights);
		sd_bus_message_append(reply, "{sv}", "since", "x", (int64_t)session->since);
		sd_bus_message_append(reply, "{sv}", "connected", "b", session->client != NULL);
		sd_bus_message_close_container(reply);
	}
}

unsigned int sessions_count(const struct sessions *sessions, const char *server) {
	unsigned int count = 0;
	struct session *session;
	wl_list_for_each (session, &sessions->list, link) {
		count += strcmp(session->server, server) == 0;
	}
	return count;
}

struct sessions *sessions_create(struct server *server) {
	struct sessions *sessions = xcalloc(1, sizeof(*sessions));
	sessions->server = server;
	wl_list_init(&sessions->list);
	return sessions;
}

void sessions_destroy(struct sessions *sessions) {
	if (!sessions) {
		return;
	}
	struct session *session, *tmp;
	wl_list_for_each_safe (session, tmp, &sessions->list, link) {
		session_destroy(session);
	}
	free(sessions);
}
