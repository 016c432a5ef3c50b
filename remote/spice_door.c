#include "remote/spice_door.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/queue.h>
#include <unistd.h>

#include "remote/spice_options.h"
#include "remote/vnc_gate.h"
#include "util/log.h"
#include "util/mem.h"

#define SECOND ((uint64_t)1000000) /* us */
#define TLS_HANDSHAKE 22 /* the first byte of a TLS connection */

struct spice_visitor {
	struct spice_door *door;
	uint32_t id;
	int fd;
	bool tls, handed, logged_in, is_first;
	struct in6_addr address; /* all zeros for unix sockets */
	char name[INET6_ADDRSTRLEN];
	sd_event_source *source; /* until it is handed over */
	sd_event_source *limit; /* of being held back, then of the log-in */
	int unread; /* bytes, when we last looked */
	unsigned int stalled; /* s */
	TAILQ_ENTRY(spice_visitor) link; /* in order of arrival */
};

struct door_socket {
	struct vnc_door door;
	bool tls;
	sd_event_source *source;
};

struct spice_door {
	sd_event *event;
	const struct spice_door_impl *impl;
	void *data;
	struct door_socket sockets[SPICE_LISTENS_MAX];
	int socket_count;
	struct vnc_gate gate;
	uint32_t last_id;
	TAILQ_HEAD(, spice_visitor) visitors;
	sd_event_source *watch; /* over those who don't read; only while the session is stuck */
};

static void destroy_visitor(struct spice_visitor *visitor) {
	TAILQ_REMOVE(&visitor->door->visitors, visitor, link);
	sd_event_source_disable_unref(visitor->source);
	sd_event_source_disable_unref(visitor->limit);
	close(visitor->fd);
	free(visitor);
}

/* The session's copy of the socket ends with ours. */
static void drop(struct spice_visitor *visitor, const char *why) {
	log_info("client %s: dropped: %s", visitor->name, why);
	shutdown(visitor->fd, SHUT_RDWR);
	destroy_visitor(visitor);
}

static void note_failure(struct spice_visitor *visitor) {
	uint64_t now = 0;
	sd_event_now(visitor->door->event, CLOCK_MONOTONIC, &now);
	if (vnc_gate_failed(&visitor->door->gate, &visitor->address, now)) {
		log_info("client %s: banned for %d minutes", visitor->name, VNC_GATE_BAN_MINUTES);
	}
}

static void hand_over(struct spice_visitor *visitor) {
	visitor->source = sd_event_source_disable_unref(visitor->source);
	visitor->handed = true;
	struct spice_door *door = visitor->door;
	if (!door->impl->client(door->data, visitor->id, visitor->fd, visitor->tls)) {
		drop(visitor, "the server isn't ready");
	}
}

/* Web pages may reach this machine's own ports, and the library would speak WebSocket with them:
 * only what begins as SPICE or TLS goes on. Edge-triggered, since the bytes stay in the socket. */
static int handle_visitor(sd_event_source *source, int fd, uint32_t events, void *data) {
	static const char magic[4] = {'R', 'E', 'D', 'Q'};
	struct spice_visitor *visitor = data;
	char bytes[4];
	ssize_t count = recv(fd, bytes, sizeof(bytes), MSG_PEEK | MSG_DONTWAIT);
	if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
		return 0;
	}
	if (count <= 0) {
		drop(visitor, "it left before it said a word");
	} else if (visitor->tls ? bytes[0] != TLS_HANDSHAKE : memcmp(bytes, magic, count) != 0) {
		note_failure(visitor);
		drop(visitor, visitor->tls ? "it doesn't speak TLS" : "it doesn't speak SPICE");
	} else if (visitor->tls || count == sizeof(magic)) {
		hand_over(visitor);
	} else if (events & (EPOLLRDHUP | EPOLLHUP)) {
		drop(visitor, "it left in its first word");
	}
	return 0;
}

static int handle_login_limit(sd_event_source *source, uint64_t time, void *data) {
	struct spice_visitor *visitor = data;
	note_failure(visitor);
	drop(visitor, "it took too long to log in");
	return 0;
}

/* Its bytes, which may wait for us already, are looked at from now on. */
static int start_visitor(struct spice_visitor *visitor) {
	sd_event *event = visitor->door->event;
	sd_event_source_disable_unref(visitor->limit);
	visitor->limit = NULL;
	int error = sd_event_add_io(event, &visitor->source, visitor->fd,
		EPOLLIN | EPOLLRDHUP | EPOLLET, handle_visitor, visitor);
	return error < 0 ? error
			 : sd_event_add_time_relative(event, &visitor->limit, CLOCK_MONOTONIC,
				   SPICE_LOGIN_SECONDS * SECOND, 0, handle_login_limit, visitor);
}

static int handle_held_back(sd_event_source *source, uint64_t time, void *data) {
	struct spice_visitor *visitor = data;
	if (start_visitor(visitor) < 0) {
		drop(visitor, "out of resources");
	}
	return 0;
}

static struct spice_visitor *oldest_stranger(
	struct spice_door *door, const struct in6_addr *address, unsigned int *count) {
	struct spice_visitor *visitor, *oldest = NULL;
	*count = 0;
	TAILQ_FOREACH (visitor, &door->visitors, link) {
		if (!visitor->logged_in &&
			(!address || vnc_address_is_same(&visitor->address, address))) {
			oldest = oldest ? oldest : visitor;
			(*count)++;
		}
	}
	return oldest;
}

static void make_room(struct spice_door *door, const struct in6_addr *address) {
	unsigned int count;
	struct spice_visitor *oldest = oldest_stranger(door, address, &count);
	if (count >= SPICE_STRANGERS_PER_ADDRESS_MAX) {
		drop(oldest, "others want in");
	}
	oldest = oldest_stranger(door, NULL, &count);
	if (count >= SPICE_STRANGERS_MAX) {
		drop(oldest, "others want in");
	}
}

static void name_visitor(struct spice_visitor *visitor, const struct sockaddr_storage *from) {
	if (!vnc_address_from_socket(&visitor->address, from)) {
		memcpy(visitor->name, "unix", sizeof("unix"));
		return;
	}
	inet_ntop(AF_INET6, &visitor->address, visitor->name, sizeof(visitor->name));
	if (strncmp(visitor->name, "::ffff:", 7) == 0) {
		memmove(visitor->name, visitor->name + 7, strlen(visitor->name + 7) + 1);
	}
}

static void welcome(
	struct spice_door *door, int fd, bool tls, const struct sockaddr_storage *from) {
	struct spice_visitor *visitor = xcalloc(1, sizeof(*visitor));
	uint64_t now = 0, delay;
	int error;
	visitor->door = door;
	visitor->id = ++door->last_id;
	visitor->fd = fd;
	visitor->tls = tls;
	name_visitor(visitor, from);
	sd_event_now(door->event, CLOCK_MONOTONIC, &now);
	if (vnc_gate_is_shut(&door->gate, &visitor->address, now)) {
		close(fd);
		free(visitor);
		return;
	}
	make_room(door, &visitor->address);
	TAILQ_INSERT_TAIL(&door->visitors, visitor, link);
	delay = vnc_gate_delay(&door->gate, &visitor->address, now);
	error = delay == 0 ? start_visitor(visitor)
			   : sd_event_add_time_relative(door->event, &visitor->limit,
				     CLOCK_MONOTONIC, delay, 0, handle_held_back, visitor);
	if (error < 0) {
		drop(visitor, "out of resources");
	}
}

static int handle_connection(sd_event_source *source, int fd, uint32_t events, void *data) {
	struct spice_door *door = data;
	struct sockaddr_storage from = {0};
	socklen_t size = sizeof(from);
	bool tls = false;
	int client = accept4(fd, (struct sockaddr *)&from, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (client < 0) {
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
			log_error("can't accept a connection: %s", strerror(errno));
		}
		return 0;
	}
	for (int i = 0; i < door->socket_count; i++) {
		tls = tls || (door->sockets[i].door.fd == fd && door->sockets[i].tls);
	}
	welcome(door, client, tls, &from);
	return 0;
}

/* The session */

static struct spice_visitor *find(struct spice_door *door, uint32_t id) {
	struct spice_visitor *visitor;
	TAILQ_FOREACH (visitor, &door->visitors, link) {
		if (visitor->id == id && visitor->handed) {
			return visitor;
		}
	}
	return NULL;
}

void spice_door_logged_in(struct spice_door *door, uint32_t id, bool is_first) {
	struct spice_visitor *visitor = find(door, id), *other;
	unsigned int count = 0;
	if (!visitor || visitor->logged_in) {
		return;
	}
	TAILQ_FOREACH (other, &door->visitors, link) {
		count += other->logged_in;
	}
	if (count >= SPICE_CONNECTIONS_MAX) {
		drop(visitor, "too many clients");
		return;
	}
	log_debug("client %s: logged in", visitor->name);
	visitor->logged_in = true;
	visitor->is_first = is_first;
	visitor->limit = sd_event_source_disable_unref(visitor->limit);
	vnc_gate_passed(&door->gate, &visitor->address);
}

void spice_door_gone(struct spice_door *door, uint32_t id) {
	struct spice_visitor *visitor = find(door, id);
	if (visitor && !visitor->logged_in) {
		log_info("client %s: refused", visitor->name);
		note_failure(visitor);
	}
	if (visitor) {
		destroy_visitor(visitor);
	}
}

const char *spice_door_first_address(const struct spice_door *door) {
	const struct spice_visitor *visitor;
	TAILQ_FOREACH (visitor, &door->visitors, link) {
		if (visitor->handed) {
			return visitor->name;
		}
	}
	return "";
}

static unsigned int count_clients(const struct spice_door *door) {
	const struct spice_visitor *visitor;
	unsigned int count = 0;
	TAILQ_FOREACH (visitor, &door->visitors, link) {
		count += visitor->is_first;
	}
	return count;
}

static void look_after(struct spice_visitor *visitor, unsigned int limit) {
	int unread = 0;
	if (ioctl(visitor->fd, SIOCOUTQ, &unread) < 0 || unread == 0 || unread != visitor->unread) {
		visitor->unread = unread;
		visitor->stalled = 0;
	} else if (++visitor->stalled >= limit) {
		drop(visitor, "it stopped reading");
	}
}

static int handle_watch(sd_event_source *source, uint64_t time, void *data) {
	struct spice_door *door = data;
	struct spice_visitor *visitor, *next;
	unsigned int limit =
		count_clients(door) > 1 ? SPICE_STALL_SECONDS : SPICE_STALL_SECONDS_ALONE;
	for (visitor = TAILQ_FIRST(&door->visitors); visitor; visitor = next) {
		next = TAILQ_NEXT(visitor, link);
		if (visitor->logged_in) {
			look_after(visitor, limit);
		}
	}
	sd_event_source_set_time_relative(source, SECOND);
	sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	return 0;
}

void spice_door_set_stuck(struct spice_door *door, bool stuck) {
	struct spice_visitor *visitor;
	TAILQ_FOREACH (visitor, &door->visitors, link) {
		visitor->unread = 0;
		visitor->stalled = 0;
	}
	sd_event_source_set_time_relative(door->watch, 0);
	sd_event_source_set_enabled(door->watch, stuck ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

void spice_door_clear(struct spice_door *door, const char *why) {
	struct spice_visitor *visitor, *next;
	for (visitor = TAILQ_FIRST(&door->visitors); visitor; visitor = next) {
		next = TAILQ_NEXT(visitor, link);
		if (visitor->handed) {
			drop(visitor, why);
		}
	}
	spice_door_set_stuck(door, false);
}

/* Listening */

bool spice_door_listen(struct spice_door *door, const struct spice_listen *listen) {
	struct door_socket *door_socket = &door->sockets[door->socket_count];
	if (!vnc_door_init(&door_socket->door, &listen->address)) {
		return false;
	}
	door->socket_count++;
	door_socket->tls = listen->tls;
	if (sd_event_add_io(door->event, &door_socket->source, door_socket->door.fd, EPOLLIN,
		    handle_connection, door) < 0) {
		log_error("can't wait for clients");
		return false;
	}
	sd_event_source_set_enabled(door_socket->source, SD_EVENT_OFF);
	return true;
}

void spice_door_open(struct spice_door *door) {
	for (int i = 0; i < door->socket_count; i++) {
		sd_event_source_set_enabled(door->sockets[i].source, SD_EVENT_ON);
		printf("mullion-spice: listening on %s%s\n", door->sockets[i].door.name,
			door->sockets[i].tls ? " with TLS" : "");
	}
	fflush(stdout);
}

struct spice_door *spice_door_create(
	sd_event *event, const struct spice_door_impl *impl, void *data) {
	struct spice_door *door = xcalloc(1, sizeof(*door));
	door->event = event;
	door->impl = impl;
	door->data = data;
	TAILQ_INIT(&door->visitors);
	if (sd_event_add_time_relative(
		    event, &door->watch, CLOCK_MONOTONIC, 0, 0, handle_watch, door) < 0) {
		log_error("can't make a timer");
		free(door);
		return NULL;
	}
	sd_event_source_set_enabled(door->watch, SD_EVENT_OFF);
	return door;
}

void spice_door_destroy(struct spice_door *door) {
	if (!door) {
		return;
	}
	while (!TAILQ_EMPTY(&door->visitors)) {
		destroy_visitor(TAILQ_FIRST(&door->visitors));
	}
	for (int i = 0; i < door->socket_count; i++) {
		sd_event_source_disable_unref(door->sockets[i].source);
		vnc_door_finish(&door->sockets[i].door);
	}
	sd_event_source_disable_unref(door->watch);
	free(door);
}
