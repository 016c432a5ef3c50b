#include "agent.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PORT_NAME "com.redhat.spice.0"
#define PORTS "/sys/class/virtio-ports"
#define DATA_MAX 4096

/* Of the SPICE agent's protocol. */
enum { TEXT = 4, CAPABILITIES = 6, GRAB = 7, REQUEST = 8 };
#define MY_CAPABILITIES (1u << 5 | 1u << 6 | 1u << 17) /* on demand, selections, serials */

struct message {
	uint32_t port, chunk; /* bytes after these two */
	uint32_t protocol, type;
	uint64_t opaque;
	uint32_t size;
	uint8_t data[DATA_MAX];
} __attribute__((packed));
#define HEAD (sizeof(struct message) - DATA_MAX)

static int open_port(void) {
	char path[300], name[64];
	DIR *folder = opendir(PORTS);
	struct dirent *entry;
	int fd = -1;
	while (folder && fd < 0 && (entry = readdir(folder))) {
		snprintf(path, sizeof(path), PORTS "/%s/name", entry->d_name);
		FILE *file = fopen(path, "r");
		if (file && fgets(name, sizeof(name), file) &&
			strncmp(name, PORT_NAME, strlen(PORT_NAME)) == 0) {
			snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
			fd = open(path, O_RDWR);
		}
		if (file) {
			fclose(file);
		}
	}
	if (folder) {
		closedir(folder);
	}
	return fd;
}

static int say(int fd, uint32_t type, const void *data, uint32_t size) {
	struct message message = {
		.port = 1, .chunk = HEAD - 8 + size, .protocol = 1, .type = type, .size = size};
	memcpy(message.data, data, size);
	return write(fd, &message, HEAD + size) == (ssize_t)(HEAD + size) ? 0 : -1;
}

/* Negative: the other end was closed; perhaps it is open again. */
static int read_all(int fd, void *into, size_t size) {
	for (size_t at = 0; at < size;) {
		ssize_t n = read(fd, (char *)into + at, size - at);
		if (n <= 0) {
			return -1;
		}
		at += n;
	}
	return 0;
}

static int grab(int fd) {
	static uint32_t serial;
	uint32_t words[3] = {0, serial++, 1}; /* the clipboard, of which text */
	return say(fd, GRAB, words, sizeof(words));
}

static int offer_text(int fd, const char *offered) {
	uint8_t data[DATA_MAX] = {0};
	uint32_t text = 1;
	memcpy(data + 4, &text, 4);
	memcpy(data + 8, offered, strlen(offered));
	return say(fd, TEXT, data, 8 + strlen(offered));
}

static int handle(int fd, const struct message *message, const char *offered) {
	uint32_t text[2] = {0, 1};
	switch (message->type) {
	case CAPABILITIES:
		printf("AGENT\n");
		return grab(fd);
	case REQUEST:
		return offer_text(fd, offered);
	case GRAB:
		return say(fd, REQUEST, text, sizeof(text));
	case TEXT:
		printf("PASTED %.*s\n", (int)message->size - 8, message->data + 8);
		return 0;
	default:
		return 0;
	}
}

int agent_serve(const char *offered) {
	static struct message message;
	uint32_t hello[2] = {1, MY_CAPABILITIES}; /* and it shall tell its own */
	int fd = open_port();
	if (fd < 0) {
		return -1;
	}
	for (;; usleep(100000)) {
		say(fd, CAPABILITIES, hello, sizeof(hello));
		while (read_all(fd, &message, HEAD) == 0 && message.size <= DATA_MAX &&
			read_all(fd, message.data, message.size) == 0 &&
			handle(fd, &message, offered) == 0) {
		}
	}
}
