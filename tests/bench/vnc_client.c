#include "tests/bench/vnc_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/process.h"

static bool take(int fd, void *to, size_t size) {
	return recv(fd, to, size, MSG_WAITALL) == (ssize_t)size;
}

static bool skip(int fd, size_t size) {
	char chunk[65536];
	for (; size > 0; size -= size < sizeof(chunk) ? size : sizeof(chunk)) {
		if (!take(fd, chunk, size < sizeof(chunk) ? size : sizeof(chunk))) {
			return false;
		}
	}
	return true;
}

static bool give(int fd, const void *from, size_t size) {
	return send(fd, from, size, MSG_NOSIGNAL) == (ssize_t)size;
}

static uint16_t read16(const uint8_t *bytes) {
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static struct sockaddr_in address_of(int port) {
	return (struct sockaddr_in){.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int open_connection(int port) {
	struct sockaddr_in address = address_of(port);
	for (int i = 0; i < 200; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
			struct timeval patience = {.tv_sec = 30};
			setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
			return fd;
		}
		close(fd);
		bench_sleep(50000000);
	}
	return -1;
}

/* RFB 3.8 with the security type None; *width and *height are the screen's. */
static bool shake_hands(int fd, uint16_t *width, uint16_t *height) {
	uint8_t bytes[64], types;
	if (!take(fd, bytes, 12) || !give(fd, "RFB 003.008\n", 12) || !take(fd, &types, 1) ||
		!skip(fd, types) || !give(fd, "\1", 1) || !take(fd, bytes, 4) ||
		!give(fd, "\1", 1) || !take(fd, bytes, 24)) {
		return false;
	}
	*width = read16(bytes);
	*height = read16(bytes + 2);
	return skip(fd, (size_t)bytes[22] << 8 | bytes[23]);
}

static bool request(const struct vnc_client *client, bool incremental) {
	uint16_t width = client->width, height = client->height;
	uint8_t bytes[10] = {3, incremental, 0, 0, 0, 0, (uint8_t)(width >> 8), (uint8_t)width,
		(uint8_t)(height >> 8), (uint8_t)height};
	return give(client->fd, bytes, sizeof(bytes));
}

/* One update in raw pixels of four bytes; returns its area in px, or -1. */
static long read_update(int fd) {
	uint8_t header[4], rect[12];
	if (!take(fd, header, sizeof(header)) || header[0] != 0) {
		return -1;
	}
	long area = 0;
	for (int i = read16(header + 2); i > 0; i--) {
		if (!take(fd, rect, sizeof(rect)) || memcmp(rect + 8, "\0\0\0\0", 4) != 0) {
			return -1;
		}
		long part = (long)read16(rect + 4) * read16(rect + 6);
		if (!skip(fd, (size_t)part * 4)) {
			return -1;
		}
		area += part;
	}
	return area;
}

static bool see_everything(struct vnc_client *client) {
	static const uint8_t raw_only[] = {2, 0, 0, 1, 0, 0, 0, 0};
	if (!shake_hands(client->fd, &client->width, &client->height) ||
		!give(client->fd, raw_only, sizeof(raw_only)) || !request(client, false)) {
		return false;
	}
	for (long area = 0, part; area < (long)client->width * client->height; area += part) {
		part = read_update(client->fd);
		if (part < 0 || !request(client, true)) {
			return false;
		}
	}
	return true;
}

bool vnc_client_connect(struct vnc_client *client, int port) {
	client->fd = open_connection(port);
	if (client->fd >= 0 && !see_everything(client)) {
		vnc_client_close(client);
	}
	return client->fd >= 0;
}

void vnc_client_close(struct vnc_client *client) {
	if (client->fd >= 0) {
		close(client->fd);
	}
	client->fd = -1;
}

bool vnc_client_settle(struct vnc_client *client, int quiet) {
	struct pollfd item = {.fd = client->fd, .events = POLLIN};
	while (poll(&item, 1, quiet) > 0) {
		if (read_update(client->fd) < 0 || !request(client, true)) {
			return false;
		}
	}
	return true;
}

bool vnc_client_was_told(const struct vnc_client *client) {
	char byte;
	return recv(client->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
}

int vnc_client_free_port(void) {
	struct sockaddr_in address = address_of(0);
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
		getsockname(fd, (struct sockaddr *)&address, &size) < 0) {
		bench_fail("no free port");
	}
	close(fd);
	return ntohs(address.sin_port);
}
