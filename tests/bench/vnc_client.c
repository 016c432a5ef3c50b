#include "tests/bench/vnc_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/process.h"

#define LAST_RECT 0xffffff20u

static bool refill(struct vnc_client *client) {
	ssize_t n = recv(client->fd, client->chunk, sizeof(client->chunk), 0);
	client->begin = 0;
	client->end = n > 0 ? (size_t)n : 0;
	client->bytes += client->end;
	return n > 0;
}

/* `to` may be NULL. */
static bool take(struct vnc_client *client, void *to, size_t size) {
	while (size > 0) {
		if (client->begin == client->end && !refill(client)) {
			return false;
		}
		size_t part = client->end - client->begin;
		part = part < size ? part : size;
		if (to) {
			memcpy(to, client->chunk + client->begin, part);
			to = (uint8_t *)to + part;
		}
		client->begin += part;
		size -= part;
	}
	return true;
}

static bool skip(struct vnc_client *client, size_t size) {
	return take(client, NULL, size);
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

/* RFB 3.8 with the security type None. */
static bool shake_hands(struct vnc_client *client) {
	uint8_t bytes[64], types;
	int fd = client->fd;
	if (!take(client, bytes, 12) || !give(fd, "RFB 003.008\n", 12) ||
		!take(client, &types, 1) || !skip(client, types) || !give(fd, "\1", 1) ||
		!take(client, bytes, 4) || !give(fd, "\1", 1) || !take(client, bytes, 24)) {
		return false;
	}
	client->width = read16(bytes);
	client->height = read16(bytes + 2);
	return skip(client, (size_t)bytes[22] << 8 | bytes[23]);
}

static bool request(const struct vnc_client *client, bool incremental) {
	uint16_t width = client->width, height = client->height;
	uint8_t bytes[10] = {3, incremental, 0, 0, 0, 0, (uint8_t)(width >> 8), (uint8_t)width,
		(uint8_t)(height >> 8), (uint8_t)height};
	return give(client->fd, bytes, sizeof(bytes));
}

static bool skip_compact(struct vnc_client *client) {
	size_t length = 0;
	uint8_t byte = 0x80;
	for (int i = 0; i < 3 && byte & 0x80; i++) {
		if (!take(client, &byte, 1)) {
			return false;
		}
		length |= (size_t)(i < 2 ? byte & 0x7f : byte) << (7 * i);
	}
	return skip(client, length);
}

/* What zlib or, if it is little, nothing has packed. */
static bool skip_packed(struct vnc_client *client, size_t size) {
	return size < 12 ? skip(client, size) : skip_compact(client);
}

static bool skip_tight(struct vnc_client *client, size_t width, size_t height) {
	uint8_t control, filter = 0, last = 0;
	if (!take(client, &control, 1)) {
		return false;
	}
	if (control >> 4 == 8) {
		return skip(client, 3);
	}
	if (control >> 4 == 9) {
		return skip_compact(client);
	}
	if (control & 0x40 && !take(client, &filter, 1)) {
		return false;
	}
	if (filter != 1) {
		return skip_packed(client, width * height * 3);
	}
	size_t row = width;
	if (!take(client, &last, 1) || !skip(client, 3 * ((size_t)last + 1))) {
		return false;
	}
	row = last == 1 ? (width + 7) / 8 : width;
	return skip_packed(client, row * height);
}

static bool skip_zrle(struct vnc_client *client) {
	uint8_t length[4];
	return take(client, length, sizeof(length)) &&
		skip(client, (size_t)read16(length) << 16 | read16(length + 2));
}

static bool skip_rectangle(
	struct vnc_client *client, uint32_t encoding, size_t width, size_t height) {
	switch (encoding) {
	case VNC_RAW:
		return skip(client, width * height * 4);
	case VNC_TIGHT:
		return skip_tight(client, width, height);
	case VNC_ZRLE:
		return skip_zrle(client);
	default:
		return false;
	}
}

/* Returns its area in px, or -1. */
static long read_update(struct vnc_client *client) {
	uint8_t header[4], rect[12];
	if (!take(client, header, sizeof(header)) || header[0] != 0) {
		return -1;
	}
	long area = 0;
	for (int i = read16(header + 2); i > 0; i--) {
		if (!take(client, rect, sizeof(rect))) {
			return -1;
		}
		uint32_t encoding = (uint32_t)read16(rect + 8) << 16 | read16(rect + 10);
		if (encoding == LAST_RECT) {
			break;
		}
		if (!skip_rectangle(client, encoding, read16(rect + 4), read16(rect + 6))) {
			return -1;
		}
		area += (long)read16(rect + 4) * read16(rect + 6);
	}
	return area;
}

static bool set_encodings(const struct vnc_client *client, enum vnc_encoding encoding) {
	uint8_t bytes[] = {2, 0, 0, 3, 0, 0, 0, (uint8_t)encoding, 0xff, 0xff, 0xff, 0x20, 0xff,
		0xff, 0xff, 0x01}; /* the last rectangle is marked; compression 1 */
	return give(client->fd, bytes, sizeof(bytes));
}

static bool see_everything(struct vnc_client *client, enum vnc_encoding encoding) {
	if (!shake_hands(client) || !set_encodings(client, encoding) || !request(client, false)) {
		return false;
	}
	for (long area = 0, part; area < (long)client->width * client->height; area += part) {
		part = vnc_client_read(client);
		if (part < 0) {
			return false;
		}
	}
	return true;
}

bool vnc_client_connect(struct vnc_client *client, int port, enum vnc_encoding encoding) {
	client->bytes = client->begin = client->end = 0;
	client->fd = open_connection(port);
	if (client->fd >= 0 && !see_everything(client, encoding)) {
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
		if (vnc_client_read(client) < 0) {
			return false;
		}
	}
	return true;
}

long vnc_client_read(struct vnc_client *client) {
	long area = read_update(client);
	return area >= 0 && request(client, true) ? area : -1;
}

void vnc_client_press(struct vnc_client *client, uint32_t keysym, bool pressed) {
	uint8_t bytes[8] = {4, pressed, 0, 0, (uint8_t)(keysym >> 24), (uint8_t)(keysym >> 16),
		(uint8_t)(keysym >> 8), (uint8_t)keysym};
	give(client->fd, bytes, sizeof(bytes));
}

bool vnc_client_was_told(const struct vnc_client *client) {
	char byte;
	return client->begin < client->end ||
		recv(client->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
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
