/* The limits of frames. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/vm-display/harness.h"

static int make_memory(size_t size) {
	int fd = memfd_create("test", MFD_CLOEXEC);
	CHECK(fd >= 0 && ftruncate(fd, (off_t)size) == 0);
	return fd;
}

static void test_owned(void) {
	CHECK(!frame_create_owned(0, 1, PIXMAN_x8r8g8b8));
	CHECK(!frame_create_owned(1, 0, PIXMAN_x8r8g8b8));
	CHECK(!frame_create_owned(FRAME_SIDE_MAX + 1, 1, PIXMAN_x8r8g8b8));
	CHECK(!frame_create_owned(1, FRAME_SIDE_MAX + 1, PIXMAN_x8r8g8b8));
	CHECK(!frame_create_owned(1, 1, PIXMAN_yuy2));
	struct frame *frame = frame_create_owned(FRAME_SIDE_MAX, 3, PIXMAN_r5g6b5);
	CHECK(frame && frame->kind == FRAME_BYTES && frame->plane_count == 1);
	CHECK(frame->stride == FRAME_SIDE_MAX * 2 && frame->planes[0].stride == frame->stride);
	for (size_t i = 0; i < frame->map_size; i++) {
		CHECK(frame->data[i] == 0);
	}
	/* Nobody can shrink or grow it, and it opens for reading only. */
	CHECK(ftruncate(frame->planes[0].fd, 0) < 0 && errno == EPERM);
	CHECK(ftruncate(frame->planes[0].fd, (off_t)frame->map_size * 2) < 0 && errno == EPERM);
	int fd = frame_open_read_only(frame);
	CHECK(fd >= 0 && (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY);
	CHECK(write(fd, "x", 1) < 0);
	CHECK(mmap(NULL, 1, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
	close(fd);
	CHECK(frame_ref(frame) == frame);
	frame_unref(frame);
	frame_unref(frame);
	/* An odd row is filled up to whole words. */
	frame = frame_create_owned(5, 2, PIXMAN_r8g8b8);
	CHECK(frame->stride == 16);
	frame_unref(frame);
	frame_unref(NULL);
	CHECK(!frame_ref(NULL));
}

static const struct map_case {
	size_t size; /* bytes of the file */
	uint32_t offset, width, height, stride, format;
	const char *error; /* part of it; NULL: it is right */
} map_cases[] = {
	{4096, 0, 32, 32, 128, PIXMAN_x8r8g8b8, NULL},
	{4096 + 8, 8, 32, 32, 128, PIXMAN_x8r8g8b8, NULL},
	{3 * 4096, 2 * 4096 - 4, 32, 32, 128, PIXMAN_x8r8g8b8, NULL},
	{4096, 0, 31, 32, 128, PIXMAN_x8r8g8b8, NULL},
	{4096, 0, 64, 32, 128, PIXMAN_r5g6b5, NULL},
	{4096, 0, 33, 32, 128, PIXMAN_x8r8g8b8, "stride"},
	{4096, 0, 32, 33, 128, PIXMAN_x8r8g8b8, "too short"},
	{4096, 4, 32, 32, 128, PIXMAN_x8r8g8b8, "too short"},
	{4095, 0, 32, 32, 128, PIXMAN_x8r8g8b8, "too short"},
	{0, 0, 32, 32, 128, PIXMAN_x8r8g8b8, "too short"},
	{8192, 2, 32, 32, 128, PIXMAN_x8r8g8b8, "offset"},
	{8192, 0, 32, 32, 130, PIXMAN_x8r8g8b8, "stride"},
	{4096, 0xfffffffc, 32, 32, 128, PIXMAN_x8r8g8b8, "too short"},
	{4096, 0, 0, 32, 128, PIXMAN_x8r8g8b8, "size"},
	{4096, 0, 32, 0, 128, PIXMAN_x8r8g8b8, "size"},
	{4096, 0, FRAME_SIDE_MAX + 1, 1, 0x20000, PIXMAN_x8r8g8b8, "size"},
	{4096, 0, 1, FRAME_SIDE_MAX + 1, 4, PIXMAN_x8r8g8b8, "size"},
	{4096, 0, 0xffffffff, 0xffffffff, 0xffffffff, PIXMAN_x8r8g8b8, "size"},
	{4096, 0, 32, 32, FRAME_STRIDE_MAX + 4, PIXMAN_x8r8g8b8, "stride"},
	{4096, 0, FRAME_SIDE_MAX, FRAME_SIDE_MAX, FRAME_STRIDE_MAX, PIXMAN_x8r8g8b8, "too short"},
	{4096, 0, 32, 32, 128, 0, "format"},
	{4096, 0, 32, 32, 128, 0xffffffff, "format"},
	{4096, 0, 32, 32, 128, PIXMAN_a1, "format"},
};

static void test_map(void) {
	for (size_t i = 0; i < sizeof(map_cases) / sizeof(map_cases[0]); i++) {
		const struct map_case *c = &map_cases[i];
		const char *error = NULL;
		int fd = make_memory(c->size);
		struct frame *frame = frame_create_map(
			fd, c->offset, c->width, c->height, c->stride, c->format, &error);
		printf("%zu: %s\n", i, error ? error : "right");
		CHECK(!frame == (c->error != NULL));
		if (c->error) {
			CHECK(strstr(error, c->error));
			CHECK(fcntl(fd, F_GETFD) < 0); /* taken on this path too */
			continue;
		}
		CHECK(frame->kind == FRAME_MAP && frame->planes[0].fd == fd);
		CHECK(frame->planes[0].offset == c->offset);
		uint32_t mark = 0xdeadbeef;
		CHECK(pwrite(fd, &mark, 4, c->offset) == 4);
		CHECK(memcmp(frame->data, &mark, 4) == 0);
		CHECK(frame->data[(size_t)c->stride * c->height - 1] == 0);
		frame_unref(frame);
		CHECK(fcntl(fd, F_GETFD) < 0);
	}
}

static void test_wrong_files(void) {
	const char *error;
	int fds[2];
	CHECK(pipe(fds) == 0);
	CHECK(!frame_create_map(fds[0], 0, 1, 1, 4, PIXMAN_x8r8g8b8, &error));
	close(fds[1]);
	CHECK(!frame_create_map(-1, 0, 1, 1, 4, PIXMAN_x8r8g8b8, &error));
	CHECK(!frame_create_map(
		open("/dev/zero", O_RDWR | O_CLOEXEC), 0, 1, 1, 4, PIXMAN_x8r8g8b8, &error));
	/* Memory that can't be mapped for reading. */
	char path[64];
	int fd = make_memory(4096);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	CHECK(!frame_create_map(
		open(path, O_WRONLY | O_CLOEXEC), 0, 1, 1, 4, PIXMAN_x8r8g8b8, &error));
	CHECK(strstr(error, "mapped"));
	close(fd);
}

static struct frame_dmabuf_attributes dmabuf_attributes(void) {
	struct frame_dmabuf_attributes a = {.width = 16,
		.height = 16,
		.buffer_width = 16,
		.buffer_height = 16,
		.plane_count = 1};
	a.planes[0] = (struct frame_plane){.fd = make_memory(4096), .stride = 64};
	return a;
}

/* What can be checked without a dmabuf: everything that is refused. */
static void test_dmabuf(void) {
	const char *error;
	struct frame_dmabuf_attributes a = dmabuf_attributes();
	CHECK(!frame_create_dmabuf(&a, &error) && strstr(error, "not a dmabuf"));
	CHECK(fcntl(a.planes[0].fd, F_GETFD) < 0);
	a = dmabuf_attributes();
	a.x = 1;
	CHECK(!frame_create_dmabuf(&a, &error) && strstr(error, "outside"));
	a = dmabuf_attributes();
	a.y = 0xffffffff;
	CHECK(!frame_create_dmabuf(&a, &error) && strstr(error, "outside"));
	a = dmabuf_attributes();
	a.width = 0;
	CHECK(!frame_create_dmabuf(&a, &error) && strstr(error, "size"));
	a = dmabuf_attributes();
	a.buffer_height = FRAME_SIDE_MAX + 1;
	CHECK(!frame_create_dmabuf(&a, &error) && strstr(error, "size"));
	a = dmabuf_attributes();
	a.plane_count = 2;
	a.planes[1].fd = -1;
	CHECK(!frame_create_dmabuf(&a, &error));
	CHECK(fcntl(a.planes[0].fd, F_GETFD) < 0);
	a = dmabuf_attributes();
	close(a.planes[0].fd);
	a.plane_count = 0;
	CHECK(!frame_create_dmabuf(&a, &error) && strstr(error, "planes"));
}

static void test_formats(void) {
	CHECK(frame_fourcc_from_pixman(PIXMAN_x8r8g8b8) == 0x34325258); /* XR24 */
	CHECK(frame_pixman_from_fourcc(0x34325241) == PIXMAN_a8r8g8b8); /* AR24 */
	CHECK(frame_fourcc_from_pixman(PIXMAN_yuy2) == 0);
	CHECK(frame_pixman_from_fourcc(0) == 0);
}

int main(void) {
	test_owned();
	test_map();
	test_wrong_files();
	test_dmabuf();
	test_formats();
	return 0;
}
