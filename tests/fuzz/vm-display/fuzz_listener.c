/* Well-formed messages with any arguments. The input is a list of calls: a byte for the method,
 * then its arguments. A number is a byte that picks a common value, or 0xff and four bytes; a file
 * or a string of bytes is its size in two. */
#include <fcntl.h>
#include <pixman.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "tests/fuzz/vm-display/listener_peer.h"
#include "tests/fuzz/vmm/fuzz.h"
#include "util/bus_server.h"

#define LISTENER "org.qemu.Display1.Listener"
#define CALLS_MAX 64

struct input {
	const uint8_t *bytes;
	size_t size;
	int last_fd; /* of the file that was sent last, to be shrunk; -1 */
};

static uint8_t take_byte(struct input *input) {
	if (input->size == 0) {
		return 0;
	}
	input->size--;
	return *input->bytes++;
}

static uint32_t take_number(struct input *input) {
	static const uint32_t common[] = {0, 1, 2, 3, 4, 8, 16, 32, 63, 64, 65, 128, 256, 260, 512,
		1024, 4096, 16383, 16384, 16385, 65536, 0x7fffffff, 0x80000000, 0xfffffffc,
		0xffffffff, PIXMAN_x8r8g8b8, PIXMAN_a8r8g8b8, PIXMAN_r5g6b5, PIXMAN_r8g8b8,
		PIXMAN_yuy2, 0x34325258};
	uint8_t pick = take_byte(input);
	if (pick != 0xff) {
		return common[pick % (sizeof(common) / sizeof(common[0]))];
	}
	uint32_t number = 0;
	for (int i = 0; i < 4; i++) {
		number = number << 8 | take_byte(input);
	}
	return number;
}

static int take_file(struct input *input) {
	size_t size = (size_t)take_byte(input) << 8 | take_byte(input);
	if (size == 0xffff) {
		return open("/dev/null", O_RDWR | O_CLOEXEC);
	}
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, (off_t)size) < 0) {
		abort();
	}
	if (input->last_fd >= 0) {
		close(input->last_fd);
	}
	input->last_fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return fd;
}

static void append_bytes(struct input *input, sd_bus_message *message) {
	size_t size = (size_t)take_byte(input) << 8 | take_byte(input);
	void *bytes;
	if (sd_bus_message_append_array_space(message, 'y', size, &bytes) >= 0) {
		memset(bytes, take_byte(input), size);
	}
}

static void append_array(struct input *input, sd_bus_message *message, char type) {
	static const char types[][2] = {"h", "u"};
	int count = take_byte(input) % 8;
	sd_bus_message_open_container(message, 'a', types[type == 'u']);
	for (int i = 0; i < count; i++) {
		if (type == 'u') {
			sd_bus_message_append(message, "u", take_number(input));
			continue;
		}
		int fd = take_file(input);
		sd_bus_message_append(message, "h", fd);
		close(fd);
	}
	sd_bus_message_close_container(message);
}

static void append_one(struct input *input, sd_bus_message *message, char type) {
	int fd;
	switch (type) {
	case 'h':
		fd = take_file(input);
		sd_bus_message_append(message, "h", fd);
		close(fd);
		break;
	case 't':
		sd_bus_message_append(message, "t", (uint64_t)take_number(input));
		break;
	case 'b':
		sd_bus_message_append(message, "b", take_byte(input) & 1);
		break;
	default: /* i, u */
		sd_bus_message_append_basic(message, type, &(uint32_t){take_number(input)});
		break;
	}
}

static const struct fuzz_method {
	const char *interface, *member, *signature;
} methods[] = {
	{LISTENER ".Unix.Map", "ScanoutMap", "huuuuu"},
	{LISTENER ".Unix.Map", "UpdateMap", "iiii"},
	{LISTENER, "Scanout", "uuuuay"},
	{LISTENER, "Update", "iiiiuuay"},
	{LISTENER, "ScanoutDMABUF", "huuuutb"},
	{LISTENER, "UpdateDMABUF", "iiii"},
	{LISTENER, "Disable", ""},
	{LISTENER, "MouseSet", "iii"},
	{LISTENER, "CursorDefine", "iiiiay"},
	{LISTENER ".Unix.ScanoutDMABUF2", "ScanoutDMABUF2", "ahuuuuauauuuuutb"},
	/* Wrong types. */
	{LISTENER, "Scanout", "iiii"},
	{LISTENER ".Unix.Map", "UpdateMap", "t"},
	{LISTENER, "NoSuchMethod", "u"},
};
#define METHOD_COUNT (sizeof(methods) / sizeof(methods[0]))

static void send_call(struct input *input, sd_bus *bus, const struct fuzz_method *method) {
	sd_bus_message *message = NULL;
	if (sd_bus_message_new_method_call(
		    bus, &message, NULL, LISTENER_PATH, method->interface, method->member) < 0) {
		abort();
	}
	for (const char *type = method->signature; *type; type++) {
		if (*type != 'a') {
			append_one(input, message, *type);
		} else if (*++type == 'y') {
			append_bytes(input, message);
		} else {
			append_array(input, message, *type);
		}
	}
	sd_bus_message_set_expect_reply(message, false);
	sd_bus_send(bus, message, NULL);
	sd_bus_message_unref(message);
}

static void shrink(struct input *input) {
	off_t size = take_number(input);
	if (input->last_fd >= 0 && size < 65536 && ftruncate(input->last_fd, size) < 0) {
		abort();
	}
}

static sd_bus *open_bus(struct listener_peer *peer) {
	sd_bus *bus;
	if (sd_bus_new(&bus) < 0 || sd_bus_set_fd(bus, peer->fd, peer->fd) < 0 ||
		sd_bus_set_server(bus, true,
			SD_ID128_MAKE(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)) < 0 ||
		sd_bus_set_anonymous(bus, true) < 0 || sd_bus_negotiate_fds(bus, true) < 0 ||
		bus_server_start(bus, peer->event) < 0) {
		abort();
	}
	return bus;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct input input = {data, size, -1};
	struct listener_peer peer;
	listener_peer_begin(&peer);
	sd_bus *bus = open_bus(&peer);
	listener_peer_settle(&peer);
	for (int i = 0; i < CALLS_MAX && input.size > 0 && !peer.has_ended; i++) {
		unsigned int pick = take_byte(&input) % (METHOD_COUNT + 1);
		if (pick == METHOD_COUNT) {
			shrink(&input);
		} else {
			send_call(&input, bus, &methods[pick]);
		}
		listener_peer_settle(&peer);
	}
	sd_bus_close_unref(bus);
	listener_peer_settle(&peer);
	listener_peer_end(&peer);
	if (input.last_fd >= 0) {
		close(input.last_fd);
	}
	return 0;
}
