#include "remote/vnc_door.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "remote/vnc_gate.h"
#include "util/log.h"
#include "util/mem.h"

#define BACKLOG 64

/* Addresses */

static const char *parse_path(struct vnc_door_address *address, const char *path) {
	struct sockaddr_un *un = (struct sockaddr_un *)&address->address;
	if (path[0] != '/' || strlen(path) >= sizeof(un->sun_path)) {
		return "a unix socket's path is absolute, and of 107 bytes at most";
	}
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path, strlen(path) + 1);
	address->size = sizeof(*un);
	return NULL;
}

static bool set_host(struct vnc_door_address *address, const char *host) {
	struct sockaddr_in *v4 = (struct sockaddr_in *)&address->address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address->address;
	host = strcmp(host, "localhost") == 0 ? "127.0.0.1" : host;
	if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		address->size = sizeof(*v4);
		return true;
	}
	v6->sin6_family = AF_INET6;
	address->size = sizeof(*v6);
	return inet_pton(AF_INET6, host, &v6->sin6_addr) == 1;
}

static void set_port(struct sockaddr_storage *address, unsigned int port) {
	if (address->ss_family == AF_INET6) {
		((struct sockaddr_in6 *)address)->sin6_port = htons(port);
	} else {
		((struct sockaddr_in *)address)->sin_port = htons(port);
	}
}

static bool parse_port(const char *text, unsigned long *port) {
	char *rest;
	*port = strtoul(text, &rest, 10);
	return text[0] >= '0' && text[0] <= '9' && *rest == '\0' && *port <= 65535;
}

/* Cuts the text in two; *port is NULL where there is none. An address of version 6 without
 * brackets has no port. */
static bool split(char *text, char **host, char **port) {
	char *colon = strrchr(text, ':');
	*host = text;
	*port = NULL;
	if (text[0] == '[') {
		char *bracket = strchr(text, ']');
		if (!bracket || (bracket[1] != '\0' && bracket[1] != ':')) {
			return false;
		}
		*host = text + 1;
		*port = bracket[1] ? bracket + 2 : NULL;
		*bracket = '\0';
	} else if (colon && strchr(text, ':') == colon) {
		*port = colon + 1;
		*colon = '\0';
	}
	return true;
}

const char *vnc_door_parse(struct vnc_door_address *address, const char *text) {
	*address = (struct vnc_door_address){.kind = VNC_DOOR_RFB};
	if (strncmp(text, "unix:", 5) == 0) {
		return parse_path(address, text + 5);
	}
	char *copy = xstrdup(text), *host, *port;
	unsigned long number = 0;
	const char *wrong = NULL;
	if (!split(copy, &host, &port) || !set_host(address, host)) {
		wrong = "expected ADDRESS:PORT, [ADDRESS]:PORT or unix:PATH";
	} else if (port && !parse_port(port, &number)) {
		wrong = "a port is a number from 0 to 65535";
	}
	address->any_port = !port;
	if (!wrong) {
		set_port(&address->address, number);
	}
	free(copy);
	return wrong;
}

/* Sockets */

static int open_socket(const struct vnc_door_address *address) {
	static const int one = 1;
	int fd = socket(address->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		return -1;
	}
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	mode_t mask = umask(0177);
	bool ok = bind(fd, (const struct sockaddr *)&address->address, address->size) == 0 &&
		listen(fd, BACKLOG) == 0;
	umask(mask);
	if (!ok) {
		int error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

/* A socket on which nobody listens any more is in the way. */
static void remove_stale(const struct vnc_door_address *address) {
	const struct sockaddr_un *un = (const struct sockaddr_un *)&address->address;
	struct stat st;
	if (lstat(un->sun_path, &st) < 0 || !S_ISSOCK(st.st_mode)) {
		return;
	}
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)un, address->size) < 0 &&
		errno == ECONNREFUSED) {
		unlink(un->sun_path);
	}
	if (fd >= 0) {
		close(fd);
	}
}

static int open_somewhere(const struct vnc_door_address *address) {
	if (address->address.ss_family == AF_UNIX) {
		remove_stale(address);
	}
	if (!address->any_port) {
		return open_socket(address);
	}
	struct vnc_door_address tried = *address;
	int fd = -1;
	bool web = address->kind == VNC_DOOR_WEB;
	int first = web ? WEB_PORT_FIRST : VNC_PORT_FIRST,
	    last = web ? WEB_PORT_LAST : VNC_PORT_LAST;
	for (int port = first; port <= last && fd < 0; port++) {
		set_port(&tried.address, port);
		fd = open_socket(&tried);
	}
	return fd;
}

static void describe(struct vnc_door *door) {
	struct sockaddr_storage address = {0};
	socklen_t size = sizeof(address);
	struct in6_addr host;
	char text[INET6_ADDRSTRLEN] = "?";
	getsockname(door->fd, (struct sockaddr *)&address, &size);
	const struct sockaddr_in *v4 = (struct sockaddr_in *)&address;
	const struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address;
	if (address.ss_family == AF_UNIX) {
		door->local = true;
		snprintf(door->name, sizeof(door->name), "unix:%s",
			((struct sockaddr_un *)&address)->sun_path);
		return;
	}
	door->local = vnc_address_from_socket(&host, &address) && vnc_address_is_loopback(&host);
	if (address.ss_family == AF_INET6) {
		inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof(text));
		snprintf(door->name, sizeof(door->name), "[%s]:%u", text, ntohs(v6->sin6_port));
	} else {
		inet_ntop(AF_INET, &v4->sin_addr, text, sizeof(text));
		snprintf(door->name, sizeof(door->name), "%s:%u", text, ntohs(v4->sin_port));
	}
}

bool vnc_door_init(struct vnc_door *door, const struct vnc_door_address *address) {
	*door = (struct vnc_door){.kind = address->kind, .fd = open_somewhere(address)};
	if (door->fd < 0) {
		log_error("can't listen for clients: %s", strerror(errno));
		return false;
	}
	if (address->address.ss_family == AF_UNIX) {
		door->path = xstrdup(((const struct sockaddr_un *)&address->address)->sun_path);
	}
	describe(door);
	return true;
}

bool vnc_door_init_passed(struct vnc_door *door, int fd, enum vnc_door_kind kind) {
	*door = (struct vnc_door){.kind = kind, .fd = fd};
	if (sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) <= 0 ||
		fcntl(fd, F_SETFL, O_NONBLOCK) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
		log_error("descriptor %d isn't a listening socket", fd);
		vnc_door_finish(door);
		return false;
	}
	describe(door);
	return true;
}

void vnc_door_finish(struct vnc_door *door) {
	if (door->fd >= 0) {
		close(door->fd);
	}
	if (door->path) {
		unlink(door->path);
	}
	free(door->path);
	*door = (struct vnc_door){.fd = -1};
}
