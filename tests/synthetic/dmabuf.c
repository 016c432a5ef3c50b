#include "tests/synthetic/dmabuf.h"

#include <drm.h>
#include <drm_fourcc.h>
#include <drm_mode.h>
#include <fcntl.h>
#include <linux/udmabuf.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vm-display/frame.h"

#define PAGE 4096u
#define DRM_DEVICES_MAX 8

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
	if (device >= 0) {
		close(device);
	}
	if (memory >= 0) {
		close(memory);
	}
	return fd;
}

/* A dumb buffer of a DRM device; *stride becomes its own. */
static int make_dumb_buffer(const char *path, uint32_t width, uint32_t height, uint32_t *stride) {
	int device = open(path, O_RDWR | O_CLOEXEC);
	if (device < 0) {
		return -1;
	}
	struct drm_mode_create_dumb create = {.width = width, .height = height, .bpp = 32};
	struct drm_prime_handle prime = {.flags = DRM_CLOEXEC | DRM_RDWR, .fd = -1};
	int fd = -1;
	if (ioctl(device, DRM_IOCTL_MODE_CREATE_DUMB, &create) == 0) {
		prime.handle = create.handle;
		fd = ioctl(device, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime) == 0 ? prime.fd : -1;
		*stride = create.pitch;
	}
	close(device);
	return fd;
}

static int make_dmabuf(uint32_t width, uint32_t height, uint32_t *stride) {
	*stride = width * 4;
	int fd = make_udmabuf(((uint64_t)*stride * height + PAGE - 1) / PAGE * PAGE);
	for (int i = 0; fd < 0 && i < DRM_DEVICES_MAX; i++) {
		char path[32];
		snprintf(path, sizeof(path), "/dev/dri/card%d", i);
		fd = make_dumb_buffer(path, width, height, stride);
	}
	return fd;
}

bool dmabuf_available(void) {
	uint32_t stride;
	int fd = make_dmabuf(64, 64, &stride);
	if (fd >= 0) {
		close(fd);
	}
	return fd >= 0;
}

struct frame *dmabuf_create(uint32_t width, uint32_t height, uint8_t **pixels) {
	uint32_t stride;
	int fd = make_dmabuf(width, height, &stride);
	if (fd < 0) {
		fprintf(stderr, "synthetic-guest: no dmabufs here\n");
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
	*pixels = mmap(NULL, (size_t)stride * height, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (*pixels == MAP_FAILED) {
		frame_unref(frame);
		return NULL;
	}
	frame->data = NULL;
	return frame;
}
