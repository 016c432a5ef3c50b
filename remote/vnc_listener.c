#include "remote/vnc_listener.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "remote/vnc_door.h"
#include "remote/vnc_gate.h"
#include "remote/vnc_logins.h"
#include "remote/vnc_options.h"
#include "remote/vnc_visitor.h"
#include "remote/web_desk.h"
#include "util/log.h"
#include "util/mem.h"

struct way_in { /* one door, watched */
	struct vnc_listener *listener;
	enum vnc_door_kind kind;
	sd_event_source *source;
};

struct vnc_listener {
	struct way_in ways[VNC_DOORS_MAX];
	struct vnc_host host;
	struct vnc_gate gate;
	TAILQ_HEAD(, vnc_visitor) visitors; /* the oldest first */
};

struct count {
	unsigned int strangers, admitted; /* of one address, or of all */
	unsigned int in_tls; /* of the strangers: a person may be typing */
	struct vnc_visitor *oldest[2]; /* strangers: outside of TLS, in TLS */
};

/* `address` NULL: of all. */
static struct count count_visitors(
	const struct vnc_listener *listener, const struct in6_addr *address) {
	struct count count = {0};
	struct vnc_visitor *visitor;
	TAILQ_FOREACH (visitor, &listener->visitors, link) {
		if (address && !vnc_address_is_same(&visitor->address, address)) {
			continue;
		}
		if (visitor->admitted) {
			count.admitted++;
			continue;
		}
		count.strangers++;
		count.in_tls += visitor->in_tls;
		if (!count.oldest[visitor->in_tls]) {
			count.oldest[visitor->in_tls] = visitor;
		}
	}
	return count;
}

static bool handle_visitor_admit(struct vnc_visitor *visitor, const char **reason) {
	struct vnc_listener *listener = visitor->host->data;
	*reason = "too many sessions";
	return count_visitors(listener, NULL).admitted < VNC_SESSIONS_MAX &&
		count_visitors(listener, &visitor->address).admitted < VNC_SESSIONS_PER_ADDRESS_MAX;
}

static void handle_visitor_gone(struct vnc_visitor *visitor) {
	struct vnc_listener *listener = visitor->host->data;
	TAILQ_REMOVE(&listener->visitors, visitor, link);
	vnc_visitor_destroy(visitor);
}

/* Those in TLS stay before those who aren't yet, as long as they leave them half of the places. */
static void drop_one(const struct count *count) {
	bool in_tls = !count->oldest[0] || count->in_tls > count->strangers / 2;
	struct vnc_visitor *visitor = count->oldest[in_tls];
	log_info("client %s: dropped before it logged in: others want in", visitor->name);
	handle_visitor_gone(visitor);
}

/* Whoever is in the handshake makes room: those that mean it are through in milliseconds. */
static void make_room(struct vnc_listener *listener, const struct in6_addr *address) {
	struct count same = count_visitors(listener, address);
	if (same.strangers >= VNC_STRANGERS_PER_ADDRESS_MAX) {
		drop_one(&same);
	}
	struct count all = count_visitors(listener, NULL);
	if (all.strangers >= VNC_STRANGERS_MAX) {
		drop_one(&all);
	}
}

static void welcome(struct vnc_listener *listener, enum vnc_door_kind kind, int client,
	const struct in6_addr *address) {
	static const int one = 1;
	setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(client, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	make_room(listener, address);
	struct vnc_visitor *visitor = vnc_visitor_create(&listener->host, kind, client, address);
	if (visitor) {
		TAILQ_INSERT_TAIL(&listener->visitors, visitor, link);
	}
}

static bool is_shut_out(const struct vnc_listener *listener, const struct in6_addr *address) {
	uint64_t now = 0;
	sd_event_now(listener->host.event, CLOCK_MONOTONIC, &now);
	return vnc_gate_is_shut(&listener->gate, address, now);
}

static int handle_connection(sd_event_source *source, int fd, uint32_t events, void *data) {
	const struct way_in *way = data;
	struct vnc_listener *listener = way->listener;
	struct sockaddr_storage from;
	socklen_t size = sizeof(from);
	struct in6_addr address = {0};
	int client = accept4(fd, (struct sockaddr *)&from, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (client < 0) {
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
			log_error("can't accept a connection: %s", strerror(errno));
		}
		return 0;
	}
	bool known = from.ss_family == AF_UNIX || vnc_address_from_socket(&address, &from);
	if (!known || is_shut_out(listener, &address)) {
		close(client);
		return 0;
	}
	welcome(listener, way->kind, client, &address);
	return 0;
}

static void say_where(const struct vnc_listener *listener, const struct vnc_door *door) {
	bool web = door->kind == VNC_DOOR_WEB, unix_socket = strncmp(door->name, "unix:", 5) == 0;
	bool tls = listener->host.identity && !unix_socket;
	printf("mullion-vnc: listening on %s%s%s\n",
		!web || unix_socket ? ""
			: tls       ? "https://"
				    : "http://",
		door->name,
		!web                  ? ""
			: unix_socket ? " for HTTP"
				      : "/");
}

static const struct vnc_door *find_web_door(const struct vnc_door *doors, size_t count) {
	for (size_t i = 0; i < count; i++) {
		if (doors[i].kind == VNC_DOOR_WEB) {
			return &doors[i];
		}
	}
	return NULL;
}

static bool open_desk(struct vnc_listener *listener, const struct vnc_listener_keys *keys,
	const struct vnc_door *door) {
	const struct web_desk_terms terms = {.event = listener->host.event,
		.options = listener->host.options,
		.logins = listener->host.logins,
		.users_file = keys->identity ? keys->users_file : NULL,
		.password_file = keys->password_file,
		.gate = &listener->gate,
		.runtime = keys->runtime,
		.name = door->name};
	listener->host.desk = web_desk_create(&terms);
	return listener->host.desk;
}

static bool watch(struct vnc_listener *listener, const struct vnc_door *doors, size_t count) {
	for (size_t i = 0; i < count; i++) {
		struct way_in *way = &listener->ways[i];
		*way = (struct way_in){.listener = listener, .kind = doors[i].kind};
		int error = sd_event_add_io(listener->host.event, &way->source, doors[i].fd,
			EPOLLIN, handle_connection, way);
		if (error < 0) {
			log_error("can't listen for clients: %s", strerror(-error));
			return false;
		}
	}
	for (size_t i = 0; i < count; i++) {
		say_where(listener, &doors[i]);
	}
	fflush(stdout);
	return true;
}

struct vnc_listener *vnc_listener_create(sd_event *event, const struct vnc_options *options,
	const struct vnc_listener_keys *keys, const struct vnc_door *doors, size_t count,
	struct display_opener *opener) {
	struct vnc_listener *listener = xcalloc(1, sizeof(*listener));
	TAILQ_INIT(&listener->visitors);
	listener->host = (struct vnc_host){.event = event,
		.options = options,
		.identity = keys->identity,
		.logins = keys->identity ? vnc_logins_create(event, keys->users_file) : NULL,
		.password_file = keys->password_file,
		.opener = opener,
		.gate = &listener->gate,
		.admit = handle_visitor_admit,
		.gone = handle_visitor_gone,
		.data = listener};
	const struct vnc_door *web = find_web_door(doors, count);
	bool ready = !keys->identity || listener->host.logins;
	if (!ready || (web && !open_desk(listener, keys, web)) || !watch(listener, doors, count)) {
		vnc_listener_destroy(listener);
		return NULL;
	}
	return listener;
}

void vnc_listener_destroy(struct vnc_listener *listener) {
	if (!listener) {
		return;
	}
	while (!TAILQ_EMPTY(&listener->visitors)) {
		handle_visitor_gone(TAILQ_FIRST(&listener->visitors));
	}
	for (size_t i = 0; i < VNC_DOORS_MAX; i++) {
		sd_event_source_disable_unref(listener->ways[i].source);
	}
	web_desk_destroy(listener->host.desk);
	vnc_logins_destroy(listener->host.logins);
	free(listener);
}
