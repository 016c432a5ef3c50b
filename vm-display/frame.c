#include "vm-display/frame.h"

#include <assert.h>
#include <drm_fourcc.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "util/mem.h"
#include "vm-display/format.h"
#include "vm-display/guard.h"

struct frame *frame_ref(struct frame *frame) {
	if (frame) {
		frame->refs++;
	}
	return frame;
}

static void frame_destroy(struct frame *frame) {
	guard_remove(frame->guard);
	if (frame->map) {
		munmap(frame->map, frame->map_size);
	}
	for (int i = 0; i < frame->plane_count; i++) {
		if (frame->planes[i].fd >= 0) {
			close(frame->planes[i].fd);
		}
	}
	free(frame);
}

void frame_unref(struct frame *frame) {
	if (!frame) {
		return;
	}
	assert(frame->refs > 0);
	if (--frame->refs == 0) {
		frame_destroy(frame);
	}
}

static struct frame *frame_new(enum frame_kind kind, uint32_t width, uint32_t height) {
	struct frame *frame = xcalloc(1, sizeof(*frame));
	frame->refs = 1;
	frame->kind = kind;
	frame->width = width;
	frame->height = height;
	frame->guard = -1;
	frame->plane_count = 1;
	frame->planes[0].fd = -1;
	return frame;
}

static bool side_is_valid(uint32_t side) {
	return side > 0 && side <= FRAME_SIDE_MAX;
}

/* The memory is ours, so nobody can shrink it: no guard is needed. */
static bool map_owned(struct frame *frame) {
	int fd = frame->planes[0].fd;
	if (ftruncate(fd, frame->map_size) < 0 ||
		fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
		return false;
	}
	void *map = mmap(NULL, frame->map_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED) {
		return false;
	}
	frame->map = map;
	frame->data = map;
	return true;
}

struct frame *frame_create_owned(uint32_t width, uint32_t height, pixman_format_code_t format) {
	if (!side_is_valid(width) || !side_is_valid(height) || !format_is_known(format)) {
		return NULL;
	}
	struct frame *frame = frame_new(FRAME_BYTES, width, height);
	frame->format = format;
	frame->fourcc = frame_fourcc_from_pixman(format);
	frame->stride = (format_row_bytes(format, width) + 3) & ~UINT32_C(3);
	frame->planes[0].stride = frame->stride;
	frame->map_size = (size_t)frame->stride * height;
	frame->planes[0].fd = memfd_create("mullion-frame", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (frame->planes[0].fd < 0 || !map_owned(frame)) {
		frame_unref(frame);
		return NULL;
	}
	return frame;
}

/* A file of any other file system could make a page fault wait for its owner, for ever. */
static const char *check_file(int fd, uint64_t bytes) {
	struct stat st;
	struct statfs fs;
	if (fstat(fd, &st) < 0 || fstatfs(fd, &fs) < 0) {
		return "the frame's file can't be examined";
	}
	if (!S_ISREG(st.st_mode) || (fs.f_type != TMPFS_MAGIC && fs.f_type != HUGETLBFS_MAGIC)) {
		return "the frame's file is not shared memory";
	}
	if (st.st_size < 0 || (uint64_t)st.st_size < bytes) {
		return "the frame's file is too short";
	}
	return NULL;
}

static const char *check_geometry(
	uint32_t offset, uint32_t width, uint32_t height, uint32_t stride, uint32_t format) {
	if (!side_is_valid(width) || !side_is_valid(height)) {
		return "the frame's size is out of limits";
	}
	if (!format_is_known(format)) {
		return "the frame's pixel format is unknown";
	}
	/* pixman wants rows that start at whole words. */
	if (stride < format_row_bytes(format, width) || stride > FRAME_STRIDE_MAX ||
		stride % 4 != 0) {
		return "the frame's stride is out of limits";
	}
	if (offset % 4 != 0) {
		return "the frame's offset is out of limits";
	}
	return NULL;
}

/* Maps [offset, offset + size) of plane 0 for reading; false if the kernel refuses. */
static bool map_foreign(struct frame *frame, uint64_t offset, uint64_t size) {
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t start = offset - offset % page;
	size_t map_size = offset - start + size;
	void *map = mmap(NULL, map_size, PROT_READ, MAP_SHARED, frame->planes[0].fd, (off_t)start);
	if (map == MAP_FAILED) {
		return false;
	}
	frame->map = map;
	frame->map_size = map_size;
	frame->guard = guard_add(map, map_size);
	if (frame->guard < 0) {
		return false;
	}
	frame->data = (const uint8_t *)map + (offset - start);
	return true;
}

struct frame *frame_create_map(int fd, uint32_t offset, uint32_t width, uint32_t height,
	uint32_t stride, pixman_format_code_t format, const char **error) {
	uint64_t size = (uint64_t)stride * height;
	*error = check_geometry(offset, width, height, stride, format);
	if (!*error) {
		*error = check_file(fd, offset + size);
	}
	if (*error) {
		if (fd >= 0) {
			close(fd);
		}
		return NULL;
	}
	struct frame *frame = frame_new(FRAME_MAP, width, height);
	frame->format = format;
	frame->fourcc = frame_fourcc_from_pixman(format);
	frame->stride = stride;
	frame->planes[0] = (struct frame_plane){.fd = fd, .offset = offset, .stride = stride};
	if (!map_foreign(frame, offset, size)) {
		*error = "the frame's file can't be mapped";
		frame_unref(frame);
		return NULL;
	}
	return frame;
}

/* A regular file that calls itself a dmabuf would be mapped without the checks of a map. */
static bool is_dmabuf(int fd) {
	struct statfs fs;
	return fstatfs(fd, &fs) == 0 && fs.f_type == DMA_BUF_MAGIC;
}

/* A driver may map a linear buffer, or one of a modifier that nobody says, by these numbers. Other
 * layouts are the driver's to check. */
static const char *check_plane(const struct frame_dmabuf_attributes *a, int number) {
	const struct frame_plane *plane = &a->planes[number];
	if (plane->fd < 0) {
		return "a plane of the dmabuf is missing";
	}
	if (!is_dmabuf(plane->fd)) {
		return "the file is not a dmabuf";
	}
	bool linear = a->modifier == DRM_FORMAT_MOD_LINEAR || a->modifier == DRM_FORMAT_MOD_INVALID;
	pixman_format_code_t format = frame_pixman_from_fourcc(a->fourcc);
	uint32_t row = format ? format_row_bytes(format, a->buffer_width) : 1;
	uint32_t rows = linear && number == 0 ? a->buffer_height : 1;
	if (plane->stride > FRAME_STRIDE_MAX || (rows > 1 && plane->stride < row)) {
		return "the dmabuf's stride is out of limits";
	}
	uint64_t size = (uint64_t)plane->stride * (rows - 1) + (linear && number == 0 ? row : 1);
	off_t end = lseek(plane->fd, 0, SEEK_END);
	if (end < 0 || plane->offset + size > (uint64_t)end) {
		return "the dmabuf is too short";
	}
	return NULL;
}

static const char *check_dmabuf(const struct frame_dmabuf_attributes *a) {
	if (a->plane_count < 1 || a->plane_count > FRAME_PLANES_MAX) {
		return "the dmabuf's number of planes is out of limits";
	}
	if (!side_is_valid(a->width) || !side_is_valid(a->height) ||
		!side_is_valid(a->buffer_width) || !side_is_valid(a->buffer_height)) {
		return "the dmabuf's size is out of limits";
	}
	if (a->x > a->buffer_width - 1 || a->width > a->buffer_width - a->x ||
		a->y > a->buffer_height - 1 || a->height > a->buffer_height - a->y) {
		return "the picture lies outside of its dmabuf";
	}
	for (int i = 0; i < a->plane_count; i++) {
		const char *error = check_plane(a, i);
		if (error) {
			return error;
		}
	}
	return NULL;
}

/* Only a linear buffer of one plane is of use to the CPU; that the kernel doesn't let us map it,
 * or that its numbers don't fit, isn't an error: a GPU may know better. */
static void map_dmabuf(struct frame *frame) {
	pixman_format_code_t format = frame->format;
	uint32_t stride = frame->planes[0].stride;
	if (frame->plane_count != 1 || frame->modifier != 0 || frame->y_inverted || !format ||
		check_geometry(frame->planes[0].offset, frame->buffer_width, frame->buffer_height,
			stride, format)) {
		return;
	}
	off_t end = lseek(frame->planes[0].fd, 0, SEEK_END);
	uint64_t offset = frame->planes[0].offset + (uint64_t)frame->y * stride +
		format_row_bytes(format, frame->x);
	uint64_t size =
		(uint64_t)stride * (frame->height - 1) + format_row_bytes(format, frame->width);
	if (end < 0 || offset % 4 != 0 || offset + size > (uint64_t)end) {
		return;
	}
	if (map_foreign(frame, offset, size)) {
		frame->stride = stride;
	}
}

static void close_planes(const struct frame_dmabuf_attributes *attributes) {
	for (int i = 0; i < attributes->plane_count && i < FRAME_PLANES_MAX; i++) {
		if (attributes->planes[i].fd >= 0) {
			close(attributes->planes[i].fd);
		}
	}
}

struct frame *frame_create_dmabuf(
	const struct frame_dmabuf_attributes *attributes, const char **error) {
	*error = check_dmabuf(attributes);
	if (*error) {
		close_planes(attributes);
		return NULL;
	}
	struct frame *frame = frame_new(FRAME_DMABUF, attributes->width, attributes->height);
	frame->fourcc = attributes->fourcc;
	frame->format = frame_pixman_from_fourcc(attributes->fourcc);
	frame->modifier = attributes->modifier;
	frame->y_inverted = attributes->y_inverted;
	frame->x = attributes->x;
	frame->y = attributes->y;
	frame->buffer_width = attributes->buffer_width;
	frame->buffer_height = attributes->buffer_height;
	frame->plane_count = attributes->plane_count;
	for (int i = 0; i < frame->plane_count; i++) {
		frame->planes[i] = attributes->planes[i];
	}
	map_dmabuf(frame);
	return frame;
}

static void dmabuf_sync(const struct frame *frame, uint64_t flags) {
	if (frame->kind == FRAME_DMABUF && frame->data) {
		struct dma_buf_sync sync = {.flags = flags | DMA_BUF_SYNC_READ};
		ioctl(frame->planes[0].fd, DMA_BUF_IOCTL_SYNC, &sync);
	}
}

void frame_begin_read(const struct frame *frame) {
	dmabuf_sync(frame, DMA_BUF_SYNC_START);
}

void frame_end_read(const struct frame *frame) {
	dmabuf_sync(frame, DMA_BUF_SYNC_END);
}

int frame_open_read_only(const struct frame *frame) {
	if (frame->kind == FRAME_DMABUF) {
		return -1;
	}
	char path[64];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", frame->planes[0].fd);
	return open(path, O_RDONLY | O_CLOEXEC);
}
