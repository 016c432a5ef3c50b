#include <fcntl.h>
#include <pixman.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/synthetic/bad_private.h"

#define GOOD_SIDE 64u /* px */
#define GOOD_STRIDE (GOOD_SIDE * 4) /* bytes */
#define GOOD_SIZE (GOOD_STRIDE * GOOD_SIDE) /* bytes */

static int memory(size_t size) {
	int fd = memfd_create("bad", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, (off_t)size) < 0) {
		abort();
	}
	return fd;
}

static void send_and_unref(sd_bus *bus, sd_bus_message *message) {
	sd_bus_message_set_expect_reply(message, false);
	sd_bus_send(bus, message, NULL);
	sd_bus_message_unref(message);
}

static int waiting; /* for answers */

bool bad_is_waiting(void) {
	return waiting > 0;
}

static int handle_answer(sd_bus_message *message, void *data, sd_bus_error *error) {
	waiting--;
	return 1;
}

/* The next round comes when the listener has seen this. */
static void call_and_unref(sd_bus *bus, sd_bus_message *message) {
	waiting++;
	if (sd_bus_call_async(bus, NULL, message, handle_answer, NULL, UINT64_MAX) < 0) {
		abort();
	}
	sd_bus_message_unref(message);
}

static sd_bus_message *new_call(sd_bus *bus, const char *interface, const char *member) {
	sd_bus_message *message = NULL;
	if (sd_bus_message_new_method_call(
		    bus, &message, NULL, "/org/qemu/Display1/Listener", interface, member) < 0) {
		abort();
	}
	return message;
}

struct map { /* a ScanoutMap */
	int fd;
	uint32_t offset, width, height, stride, format;
};

static struct map good_map(void) {
	return (struct map){
		memory(GOOD_SIZE), 0, GOOD_SIDE, GOOD_SIDE, GOOD_STRIDE, PIXMAN_x8r8g8b8};
}

static sd_bus_message *new_map(sd_bus *bus, struct map map) {
	sd_bus_message *message = new_call(bus, BAD_MAP, "ScanoutMap");
	sd_bus_message_append(message, "huuuuu", map.fd, map.offset, map.width, map.height,
		map.stride, map.format);
	close(map.fd);
	return message;
}

static void send_map(sd_bus *bus, struct map map) {
	send_and_unref(bus, new_map(bus, map));
}

/* Returns another fd of the memory. */
static int call_good_map(sd_bus *bus) {
	struct map map = good_map();
	int fd = fcntl(map.fd, F_DUPFD_CLOEXEC, 3);
	call_and_unref(bus, new_map(bus, map));
	return fd;
}

static void send_update_map(sd_bus *bus, int x, int y, int width, int height) {
	sd_bus_message *message = new_call(bus, BAD_MAP, "UpdateMap");
	sd_bus_message_append(message, "iiii", x, y, width, height);
	send_and_unref(bus, message);
}

static void send_scanout(sd_bus *bus, uint32_t width, uint32_t height, uint32_t stride,
	uint32_t format, size_t size) {
	sd_bus_message *message = new_call(bus, BAD_LISTENER, "Scanout");
	void *bytes;
	sd_bus_message_append(message, "uuuu", width, height, stride, format);
	sd_bus_message_append_array_space(message, 'y', size, &bytes);
	memset(bytes, 0x55, size);
	send_and_unref(bus, message);
}

static void send_update(sd_bus *bus, int x, int y, int width, int height, size_t size) {
	sd_bus_message *message = new_call(bus, BAD_LISTENER, "Update");
	void *bytes;
	sd_bus_message_append(message, "iiiiuu", x, y, width, height, (uint32_t)width * 4,
		(uint32_t)PIXMAN_x8r8g8b8);
	sd_bus_message_append_array_space(message, 'y', size, &bytes);
	memset(bytes, 0xaa, size);
	send_and_unref(bus, message);
}

static void send_cursor(sd_bus *bus, int width, int height, int hot_x, int hot_y, size_t size) {
	sd_bus_message *message = new_call(bus, BAD_LISTENER, "CursorDefine");
	void *bytes;
	sd_bus_message_append(message, "iiii", width, height, hot_x, hot_y);
	sd_bus_message_append_array_space(message, 'y', size, &bytes);
	memset(bytes, 0xff, size);
	send_and_unref(bus, message);
}

/* One map, with one number wrong. */
#define BAD_MAP_ROUND(name, member, value)                                                         \
	static bool name(sd_bus *bus, unsigned int round) {                                        \
		struct map map = good_map();                                                       \
		map.member = (value);                                                              \
		send_map(bus, map);                                                                \
		return false;                                                                      \
	}

BAD_MAP_ROUND(map_width_zero, width, 0)
BAD_MAP_ROUND(map_height_huge, height, 16385)
BAD_MAP_ROUND(map_stride_small, stride, GOOD_STRIDE - 4)
BAD_MAP_ROUND(map_stride_huge, stride, 0xfffffffc)
BAD_MAP_ROUND(map_stride_odd, stride, GOOD_STRIDE + 1)
BAD_MAP_ROUND(map_offset, offset, 4)
BAD_MAP_ROUND(map_offset_huge, offset, 0xfffffffc)
BAD_MAP_ROUND(map_short, height, GOOD_SIDE + 1)
BAD_MAP_ROUND(map_format, format, 0x12345678)

static bool send_map_of(sd_bus *bus, int fd) {
	struct map map = good_map();
	close(map.fd);
	map.fd = fd;
	send_map(bus, map);
	return false;
}

static bool map_pipe(sd_bus *bus, unsigned int round) {
	int fds[2];
	if (pipe(fds) < 0) {
		abort();
	}
	close(fds[1]);
	return send_map_of(bus, fds[0]);
}

static bool map_null(sd_bus *bus, unsigned int round) {
	return send_map_of(bus, open("/dev/null", O_RDWR | O_CLOEXEC));
}

static bool map_zero(sd_bus *bus, unsigned int round) {
	return send_map_of(bus, open("/dev/zero", O_RDWR | O_CLOEXEC));
}

static bool map_folder(sd_bus *bus, unsigned int round) {
	return send_map_of(bus, open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

static bool map_socket(sd_bus *bus, unsigned int round) {
	return send_map_of(bus, socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

/* Large enough, but not in memory: this program itself. */
static bool map_disk(sd_bus *bus, unsigned int round) {
	return send_map_of(bus, open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
}

static bool map_types(sd_bus *bus, unsigned int round) {
	sd_bus_message *message = new_call(bus, BAD_MAP, "ScanoutMap");
	sd_bus_message_append(message, "suuuuu", "no file", 0, 64, 64, 256, 0);
	send_and_unref(bus, message);
	return false;
}

static bool update_types(sd_bus *bus, unsigned int round) {
	send_map(bus, good_map());
	sd_bus_message *message = new_call(bus, BAD_MAP, "UpdateMap");
	sd_bus_message_append(message, "uuuu", 0, 0, 1, 1);
	send_and_unref(bus, message);
	return false;
}

/* The file shrinks under the reader, who is told again and again to look. */
static bool shrink(sd_bus *bus, unsigned int round) {
	static int fd = -1;
	if (round == 0) {
		fd = call_good_map(bus);
		return true;
	}
	if (ftruncate(fd, round % 2 ? 0 : (off_t)GOOD_SIZE) < 0) {
		abort();
	}
	send_update_map(bus, 0, 0, GOOD_SIDE, GOOD_SIDE);
	return true;
}

static bool shrink_to_none(sd_bus *bus, unsigned int round) {
	static int fd = -1;
	if (round == 0) {
		fd = call_good_map(bus);
	} else if (ftruncate(fd, 0) < 0) {
		abort();
	} else {
		send_update_map(bus, 0, 0, GOOD_SIDE, GOOD_SIDE);
	}
	return round < 10;
}

static bool flood(sd_bus *bus, unsigned int round) {
	if (round == 0) {
		send_map(bus, good_map());
	}
	for (int i = 0; i < 64; i++) {
		send_update_map(bus, i, i, 10, 10);
	}
	return true;
}

/* Rectangles far and wide, as legal as they are meaningless. */
static bool wild(sd_bus *bus, unsigned int round) {
	static const int numbers[] = {INT32_MIN, -1, 0, 1, 63, 64, 16384, INT32_MAX};
	const unsigned int count = sizeof(numbers) / sizeof(numbers[0]);
	if (round == 0) {
		send_map(bus, good_map());
	}
	for (unsigned int i = 0; i < count * count; i++) {
		send_update_map(bus, numbers[i % count], numbers[i / count],
			numbers[(i + round) % count], numbers[(i / count + round) % count]);
	}
	return true;
}

static bool flood_bytes(sd_bus *bus, unsigned int round) {
	if (round == 0) {
		send_scanout(bus, 1920, 1080, 1920 * 4, PIXMAN_x8r8g8b8, 1920 * 4 * 1080);
	} else {
		send_update(bus, 0, 0, 1920, 1080, 1920 * 4 * 1080);
	}
	return true;
}

static bool flood_cursor(sd_bus *bus, unsigned int round) {
	send_cursor(bus, 256, 256, (int)round, -1, 256 * 256 * 4);
	sd_bus_message *message = new_call(bus, BAD_LISTENER, "MouseSet");
	sd_bus_message_append(message, "iii", INT32_MIN + (int)round, INT32_MAX, 1);
	send_and_unref(bus, message);
	return true;
}

static bool modes(sd_bus *bus, unsigned int round) {
	struct map map = good_map();
	map.width = 1 + round % GOOD_SIDE;
	send_map(bus, map);
	return true;
}

static bool scanout_short(sd_bus *bus, unsigned int round) {
	send_scanout(bus, 64, 64, 256, PIXMAN_x8r8g8b8, GOOD_SIZE - 1);
	return false;
}

static bool scanout_huge(sd_bus *bus, unsigned int round) {
	send_scanout(bus, 16385, 1, 65540, PIXMAN_x8r8g8b8, 65540);
	return false;
}

static bool scanout_overflow(sd_bus *bus, unsigned int round) {
	send_scanout(bus, 16384, 16384, 0xffffffff, PIXMAN_x8r8g8b8, 4096);
	return false;
}

static bool scanout_format(sd_bus *bus, unsigned int round) {
	send_scanout(bus, 64, 64, 256, PIXMAN_yuy2, GOOD_SIZE);
	return false;
}

static bool update_short(sd_bus *bus, unsigned int round) {
	send_scanout(bus, 64, 64, 256, PIXMAN_x8r8g8b8, GOOD_SIZE);
	send_update(bus, 0, 0, 64, 64, GOOD_SIZE - 1);
	return false;
}

static bool update_huge(sd_bus *bus, unsigned int round) {
	send_scanout(bus, 64, 64, 256, PIXMAN_x8r8g8b8, GOOD_SIZE);
	send_update(bus, 0, 0, INT32_MAX, INT32_MAX, 16);
	return false;
}

static bool cursor_short(sd_bus *bus, unsigned int round) {
	send_cursor(bus, 64, 64, 0, 0, 64 * 64 * 4 - 1);
	return false;
}

static bool cursor_huge(sd_bus *bus, unsigned int round) {
	send_cursor(bus, 513, 1, 0, 0, 513 * 4);
	return false;
}

static bool dmabuf_memory(sd_bus *bus, unsigned int round) {
	sd_bus_message *message = new_call(bus, BAD_LISTENER, "ScanoutDMABUF");
	int fd = memory(GOOD_SIZE);
	sd_bus_message_append(message, "huuuutb", fd, 64, 64, 256, 0x34325258, UINT64_C(0), 0);
	close(fd);
	send_and_unref(bus, message);
	return false;
}

static void send_dmabuf2(sd_bus *bus, unsigned int fds, unsigned int numbers, uint32_t planes) {
	sd_bus_message *message = new_call(bus, BAD_DMABUF2, "ScanoutDMABUF2");
	uint32_t values[8] = {0};
	int fd = memory(GOOD_SIZE);
	sd_bus_message_open_container(message, 'a', "h");
	for (unsigned int i = 0; i < fds; i++) {
		sd_bus_message_append(message, "h", fd);
	}
	sd_bus_message_close_container(message);
	sd_bus_message_append(message, "uuuu", 0, 0, 64, 64);
	sd_bus_message_append_array(message, 'u', values, numbers * sizeof(uint32_t));
	sd_bus_message_append_array(message, 'u', values, numbers * sizeof(uint32_t));
	sd_bus_message_append(message, "uuuutb", planes, 0x34325258, 64, 64, UINT64_C(0), 0);
	close(fd);
	send_and_unref(bus, message);
}

static bool dmabuf2_planes(sd_bus *bus, unsigned int round) {
	send_dmabuf2(bus, 5, 5, 5);
	return false;
}

static bool dmabuf2_none(sd_bus *bus, unsigned int round) {
	send_dmabuf2(bus, 0, 0, 0);
	return false;
}

static bool dmabuf2_few(sd_bus *bus, unsigned int round) {
	send_dmabuf2(bus, 1, 1, 4);
	return false;
}

static bool dmabuf2_many_fds(sd_bus *bus, unsigned int round) {
	send_dmabuf2(bus, 200, 1, 1);
	return false;
}

static bool dmabuf2_memory(sd_bus *bus, unsigned int round) {
	send_dmabuf2(bus, 1, 1, 1);
	return false;
}

const struct bad_behaviour bad_behaviours[] = {
	{"map-width-zero", map_width_zero, BAD_LISTENER_MESSAGES},
	{"map-height-huge", map_height_huge, BAD_LISTENER_MESSAGES},
	{"map-stride-small", map_stride_small, BAD_LISTENER_MESSAGES},
	{"map-stride-huge", map_stride_huge, BAD_LISTENER_MESSAGES},
	{"map-stride-odd", map_stride_odd, BAD_LISTENER_MESSAGES},
	{"map-offset", map_offset, BAD_LISTENER_MESSAGES},
	{"map-offset-huge", map_offset_huge, BAD_LISTENER_MESSAGES},
	{"map-short", map_short, BAD_LISTENER_MESSAGES},
	{"map-format", map_format, BAD_LISTENER_MESSAGES},
	{"map-pipe", map_pipe, BAD_LISTENER_MESSAGES},
	{"map-null", map_null, BAD_LISTENER_MESSAGES},
	{"map-zero", map_zero, BAD_LISTENER_MESSAGES},
	{"map-folder", map_folder, BAD_LISTENER_MESSAGES},
	{"map-socket", map_socket, BAD_LISTENER_MESSAGES},
	{"map-disk", map_disk, BAD_LISTENER_MESSAGES},
	{"map-types", map_types, BAD_LISTENER_MESSAGES},
	{"update-types", update_types, BAD_LISTENER_MESSAGES},
	{"shrink", shrink, BAD_LISTENER_MESSAGES},
	{"shrink-to-none", shrink_to_none, BAD_LISTENER_MESSAGES},
	{"flood", flood, BAD_LISTENER_MESSAGES},
	{"wild", wild, BAD_LISTENER_MESSAGES},
	{"flood-bytes", flood_bytes, BAD_LISTENER_MESSAGES},
	{"flood-cursor", flood_cursor, BAD_LISTENER_MESSAGES},
	{"flood-pings", NULL, BAD_PINGS},
	{"flood-fds", NULL, BAD_FDS},
	{"modes", modes, BAD_LISTENER_MESSAGES},
	{"scanout-short", scanout_short, BAD_LISTENER_MESSAGES},
	{"scanout-huge", scanout_huge, BAD_LISTENER_MESSAGES},
	{"scanout-overflow", scanout_overflow, BAD_LISTENER_MESSAGES},
	{"scanout-format", scanout_format, BAD_LISTENER_MESSAGES},
	{"update-short", update_short, BAD_LISTENER_MESSAGES},
	{"update-huge", update_huge, BAD_LISTENER_MESSAGES},
	{"cursor-short", cursor_short, BAD_LISTENER_MESSAGES},
	{"cursor-huge", cursor_huge, BAD_LISTENER_MESSAGES},
	{"dmabuf-memory", dmabuf_memory, BAD_LISTENER_MESSAGES},
	{"dmabuf2-planes", dmabuf2_planes, BAD_LISTENER_MESSAGES},
	{"dmabuf2-none", dmabuf2_none, BAD_LISTENER_MESSAGES},
	{"dmabuf2-few", dmabuf2_few, BAD_LISTENER_MESSAGES},
	{"dmabuf2-many-fds", dmabuf2_many_fds, BAD_LISTENER_MESSAGES},
	{"dmabuf2-memory", dmabuf2_memory, BAD_LISTENER_MESSAGES},
	{"no-auth", NULL, BAD_NO_AUTH},
	{"listener-no-auth", NULL, BAD_LISTENER_NO_AUTH},
	{"no-answer", NULL, BAD_NO_ANSWER},
	{"properties", NULL, BAD_PROPERTIES},
	{"many-consoles", NULL, BAD_MANY_CONSOLES},
	{"truncate", NULL, BAD_TRUNCATE},
	{"half", NULL, BAD_HALF},
	{"garbage", NULL, BAD_GARBAGE},
	{NULL},
};
