/* A client's bytes after the handshake, to the whole server: messages, encodings, fences, texts. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "remote/picture.h"
#include "remote/rfb_clipboard.h"
#include "remote/rfb_server.h"
#include "tests/fuzz/vmm/fuzz.h"
#include "util/log.h"
#include "vm-display/frame.h"

#define WIDTH 150 /* px */
#define HEIGHT 70
#define PART 61 /* bytes that come at once */

static void handle_key(void *data, uint32_t key, bool pressed) {
}

static void handle_pointer(void *data, unsigned int buttons, uint32_t x, uint32_t y) {
	if (x >= WIDTH || y >= HEIGHT) {
		abort();
	}
}

static bool handle_resize(void *data, uint32_t width, uint32_t height) {
	return width % 2;
}

static void handle_got_text(void *data, const char *text) {
	if (strlen(text) > RFB_CLIPBOARD_MAX) {
		abort();
	}
}

static const struct rfb_server_impl impl = {
	.keysym = handle_key,
	.qnum = handle_key,
	.pointer = handle_pointer,
	.resize = handle_resize,
	.got_text = handle_got_text,
};

static void read_away(int fd) {
	char bytes[65536];
	while (recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0) {
	}
}

/* False if the client was dropped. */
static bool serve(struct rfb_server *server, int fd) {
	const char *why;
	bool more = true, blocked = true;
	while (more) {
		if (!rfb_server_dispatch(server, &more, &why)) {
			return false;
		}
	}
	while (blocked) {
		read_away(fd);
		if (!rfb_server_update(server, &blocked, &why)) {
			return false;
		}
	}
	return true;
}

static void feed(struct rfb_server *server, int fd, const uint8_t *bytes, size_t size) {
	pixman_region32_t damage;
	pixman_region32_init_rect(&damage, 3, 3, 100, 60);
	bool goes_on = send(fd, "\1", 1, 0) == 1 && serve(server, fd);
	for (size_t i = 0; i < size && goes_on; i += PART) {
		size_t part = size - i < PART ? size - i : PART;
		goes_on = send(fd, bytes + i, part, 0) == (ssize_t)part;
		rfb_server_add_damage(server, &damage);
		rfb_server_set_text(server, i % 2 ? "text" : NULL);
		goes_on = goes_on && serve(server, fd);
	}
	pixman_region32_fini(&damage);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	static struct picture picture;
	int ends[2];
	if (!picture.frame) {
		struct frame *frame = frame_create_owned(WIDTH, HEIGHT, PIXMAN_x8r8g8b8);
		for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++) {
			((uint32_t *)frame->data)[i] = i < 5000 ? 7 : i * 2654435761u;
		}
		log_init("fuzz", LOG_LEVEL_ERROR);
		picture_init(&picture);
		picture_set_frame(&picture, frame);
	}
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0) {
		abort();
	}
	struct rfb_server *server = rfb_server_create(ends[0], &picture, "fuzz", &impl, NULL);
	if (server) {
		feed(server, ends[1], bytes, size);
	}
	rfb_server_destroy(server);
	close(ends[1]);
	return 0;
}
