#include "tests/synthetic/dmabuf.h"

#include <drm_fourcc.h>
#include <fcntl.h>
#include <linux/udmabuf.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vm-display/frame.h"

#define PAGE 4096u

bool dmabuf_available(void) {
	return access("/dev/udmabuf", R_OK | W_OK) == 0;
}

static int make_udmabuf(uint64_t size) {
	int device = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);
	int memory = memfd_create("synthetic-dmabuf", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int fd = -1;
	if (device >= 0 && memory >= 0 && ftruncate(memory, (off_t)size) == 0 &&
		fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK) == 0) {
		struct udmabuf_create create = {
			.memfd = (uint32_t)memory,
			.flags = UDMABUF_FLAGS_CLOEXEC,
			.size = size,
		};
		fd = ioctl(device, UDMABUF_CREATE, &create);
	}
	if (fd < 0) {
		perror("/dev/udmabuf");
	}
	if (device >= 0) {
		close(device);
	}
	if (memory >= 0) {
		close(memory);
	}
	return fd;
}

struct frame *dmabuf_create(uint32_t width, uint32_t height, uint8_t **pixels) {
	uint32_t stride = width * 4;
	uint64_t size = ((uint64_t)stride * height + PAGE - 1) / PAGE * PAGE;
	int fd = make_udmabuf(size);
	if (fd < 0) {
		return NULL;
	}
	struct frame_dmabuf_attributes attributes = {
		.width = width,
		.height = height,
		.fourcc = DRM_FORMAT_XRGB8888,
		.buffer_width = width,
		.buffer_height = height,
		.modifier = DRM_FORMAT_MOD_LINEAR,
		.plane_count = 1,
		.planes = {{.fd = fd, .stride = stride}},
	};
	const char *error;
	struct frame *frame = frame_create_dmabuf(&attributes, &error);
	if (!frame) {
		fprintf(stderr, "synthetic-guest: %s\n", error);
		return NULL;
	}
	/* The frame's own mapping can't be written to. */
	*pixels = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (*pixels == MAP_FAILED) {
		frame_unref(frame);
		return NULL;
	}
	frame->data = NULL;
	return frame;
}
