/* Scanouts of real dmabufs, with one number wrong. They need a machine that has dmabufs. */
#include <drm_fourcc.h>
#include <stdlib.h>

#include "tests/synthetic/bad_private.h"
#include "tests/synthetic/dmabuf.h"
#include "vm-display/frame.h"

#define SIDE 64u /* px */

static void send_message(sd_bus *bus, sd_bus_message *message) {
	sd_bus_message_set_expect_reply(message, false);
	sd_bus_send(bus, message, NULL);
	sd_bus_message_unref(message);
}

static sd_bus_message *new_message(sd_bus *bus, const char *member) {
	sd_bus_message *message = NULL;
	if (sd_bus_message_new_method_call(
		    bus, &message, NULL, "/org/qemu/Display1/Listener", BAD_LISTENER, member) < 0) {
		abort();
	}
	return message;
}

struct scanout {
	uint32_t width, height, stride, fourcc;
	uint64_t modifier;
};

static bool send_scanout(sd_bus *bus, const struct scanout *changed) {
	uint8_t *pixels;
	struct frame *frame = dmabuf_create(SIDE, SIDE, &pixels);
	if (!frame) {
		exit(1);
	}
	sd_bus_message *message = new_message(bus, "ScanoutDMABUF");
	sd_bus_message_append(message, "huuuutb", frame->planes[0].fd,
		changed->width ? changed->width : SIDE, changed->height ? changed->height : SIDE,
		changed->stride ? changed->stride : frame->planes[0].stride,
		changed->fourcc ? changed->fourcc : DRM_FORMAT_XRGB8888, changed->modifier, 0);
	send_message(bus, message);
	frame_unref(frame);
	return false;
}

#define ROUND(name, ...)                                                                           \
	static bool name(sd_bus *bus, unsigned int round) {                                        \
		return send_scanout(bus, &(struct scanout){__VA_ARGS__});                          \
	}

ROUND(side, .width = FRAME_SIDE_MAX + 1)
ROUND(height, .height = FRAME_SIDE_MAX)
ROUND(implicit_height, .height = FRAME_SIDE_MAX, .modifier = DRM_FORMAT_MOD_INVALID)
ROUND(stride, .stride = 0xfffffffc)
ROUND(stride_small, .stride = 4)
ROUND(stride_large, .stride = FRAME_STRIDE_MAX)
ROUND(format, .fourcc = 0x20202020)
ROUND(modifier, .modifier = UINT64_C(0x00123456789abcde))
ROUND(tiled_height, .height = FRAME_SIDE_MAX, .modifier = I915_FORMAT_MOD_X_TILED)

/* Nobody waits for the answers that QEMU would wait for. */
static bool flood(sd_bus *bus, unsigned int round) {
	if (round == 0) {
		return !send_scanout(bus, &(struct scanout){0});
	}
	for (int i = 0; i < 64; i++) {
		sd_bus_message *message = new_message(bus, "UpdateDMABUF");
		sd_bus_message_append(message, "iiii", i, i, 10, 10);
		send_message(bus, message);
	}
	return true;
}

const struct bad_behaviour bad_dmabuf_behaviours[] = {
	{"dmabuf-side", side, BAD_LISTENER_MESSAGES},
	{"dmabuf-height", height, BAD_LISTENER_MESSAGES},
	{"dmabuf-implicit-height", implicit_height, BAD_LISTENER_MESSAGES},
	{"dmabuf-stride", stride, BAD_LISTENER_MESSAGES},
	{"dmabuf-stride-small", stride_small, BAD_LISTENER_MESSAGES},
	{"dmabuf-stride-large", stride_large, BAD_LISTENER_MESSAGES},
	{"dmabuf-format", format, BAD_LISTENER_MESSAGES},
	{"dmabuf-modifier", modifier, BAD_LISTENER_MESSAGES},
	{"dmabuf-tiled-height", tiled_height, BAD_LISTENER_MESSAGES},
	{"dmabuf-flood", flood, BAD_LISTENER_MESSAGES},
	{NULL},
};
