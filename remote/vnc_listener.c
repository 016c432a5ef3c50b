#include "remote/vnc_listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "remote/vnc_gate.h"
#include "remote/vnc_options.h"
#include "remote/vnc_visitor.h"
#include "util/log.h"
#include "util/mem.h"

#define BACKLOG 64

struct vnc_listener {
	int fd;
	sd_event_source *source;
	struct vnc_host host;
	struct vnc_gate gate;
	TAILQ_HEAD(, vnc_visitor) visitors; /* the oldest first */
};

struct count {
	unsigned int strangers, admitted; /* of one address, or of all */
	struct vnc_visitor *oldest; /* stranger */
};

/* `address` NULL: of all. */
static struct count count_visitors(
	const struct vnc_listener *listener, const struct in6_addr *address) {
	struct count count = {0};
	struct vnc_visitor *visitor;
	TAILQ_FOREACH (visitor, &listener->visitors, link) {
		if (address && memcmp(&visitor->address, address, sizeof(*address)) != 0) {
			continue;
		}
		if (visitor->admitted) {
			count.admitted++;
			continue;
		}
		count.strangers++;
		count.oldest = count.oldest ? count.oldest : visitor;
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

static void drop_oldest(struct vnc_listener *listener, const struct count *count) {
	log_info("client %s: dropped before it logged in: others want in", count->oldest->name);
	handle_visitor_gone(count->oldest);
}

/* Whoever is in the handshake makes room: those that mean it are through in milliseconds. */
static void make_room(struct vnc_listener *listener, const struct in6_addr *address) {
	struct count same = count_visitors(listener, address);
	if (same.strangers >= VNC_STRANGERS_PER_ADDRESS_MAX) {
		drop_oldest(listener, &same);
	}
	struct count all = count_visitors(listener, NULL);
	if (all.strangers >= VNC_STRANGERS_MAX) {
		drop_oldest(listener, &all);
	}
}

static void welcome(struct vnc_listener *listener, int client, const struct in6_addr *address) {
	static const int one = 1;
	setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(client, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	make_room(listener, address);
	struct vnc_visitor *visitor = vnc_visitor_create(&listener->host, client, address);
	if (visitor) {
		TAILQ_INSERT_TAIL(&listener->visitors, visitor, link);
	}
}

static int handle_connection(sd_event_source *source, int fd, uint32_t events, void *data) {
	struct vnc_listener *listener = data;
	struct sockaddr_storage from;
	socklen_t size = sizeof(from);
	struct in6_addr address;
	int client = accept4(fd, (struct sockaddr *)&from, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (client < 0) {
		if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
			log_error("can't accept a connection: %s", strerror(errno));
		}
		return 0;
	}
	if (!vnc_address_from_socket(&address, &from)) {
		close(client);
		return 0;
	}
	welcome(listener, client, &address);
	return 0;
}

static void set_port(struct sockaddr_storage *address, int port) {
	if (address->ss_family == AF_INET6) {
		((struct sockaddr_in6 *)address)->sin6_port = htons(port);
	} else {
		((struct sockaddr_in *)address)->sin_port = htons(port);
	}
}

static int listen_on(const struct vnc_options *options, int port) {
	static const int one = 1;
	struct sockaddr_storage address = options->address;
	set_port(&address, port);
	int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		return -1;
	}
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&address, options->address_size) < 0 ||
		listen(fd, BACKLOG) < 0) {
		int error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

static int listen_somewhere(const struct vnc_options *options) {
	if (options->port >= 0) {
		return listen_on(options, options->port);
	}
	int fd = -1;
	for (int port = VNC_PORT_FIRST; port <= VNC_PORT_LAST && fd < 0; port++) {
		fd = listen_on(options, port);
	}
	return fd;
}

static void say_where(int fd) {
	struct sockaddr_storage address;
	socklen_t size = sizeof(address);
	char text[INET6_ADDRSTRLEN] = "?";
	getsockname(fd, (struct sockaddr *)&address, &size);
	const struct sockaddr_in *v4 = (struct sockaddr_in *)&address;
	const struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address;
	if (address.ss_family == AF_INET6) {
		inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof(text));
		printf("mullion-vnc: listening on [%s]:%u\n", text, ntohs(v6->sin6_port));
	} else {
		inet_ntop(AF_INET, &v4->sin_addr, text, sizeof(text));
		printf("mullion-vnc: listening on %s:%u\n", text, ntohs(v4->sin_port));
	}
	fflush(stdout);
}

struct vnc_listener *vnc_listener_create(sd_event *event, const struct vnc_options *options,
	const char *password_file, struct display_opener *opener) {
	struct vnc_listener *listener = xcalloc(1, sizeof(*listener));
	TAILQ_INIT(&listener->visitors);
	listener->host = (struct vnc_host){.event = event,
		.options = options,
		.password_file = password_file,
		.opener = opener,
		.gate = &listener->gate,
		.admit = handle_visitor_admit,
		.gone = handle_visitor_gone,
		.data = listener};
	listener->fd = listen_somewhere(options);
	if (listener->fd < 0 ||
		sd_event_add_io(event, &listener->source, listener->fd, EPOLLIN, handle_connection,
			listener) < 0) {
		log_error("can't listen for VNC clients: %s", strerror(errno));
		vnc_listener_destroy(listener);
		return NULL;
	}
	say_where(listener->fd);
	return listener;
}

void vnc_listener_destroy(struct vnc_listener *listener) {
	if (!listener) {
		return;
	}
	while (!TAILQ_EMPTY(&listener->visitors)) {
		handle_visitor_gone(TAILQ_FIRST(&listener->visitors));
	}
	sd_event_source_disable_unref(listener->source);
	if (listener->fd >= 0) {
		close(listener->fd);
	}
	free(listener);
}
