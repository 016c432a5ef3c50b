/* A frame: the memory that a console or an output shows from, and its geometry.
 *
 * Frames are immutable but for the pixels behind them, and counted: whoever keeps a pointer holds
 * a reference. Source: QEMU's dbus-display1.xml (Listener, Listener.Unix.Map, ScanoutDMABUF2). */
#ifndef VM_DISPLAY_FRAME_H
#define VM_DISPLAY_FRAME_H

#include <pixman.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_SIDE_MAX 16384 /* px */
#define FRAME_PLANES_MAX 4
#define FRAME_STRIDE_MAX (FRAME_SIDE_MAX * 16) /* bytes */

enum frame_kind {
	FRAME_MAP, /* the peer's shared memory, mapped read-only; it may shrink at any time
		      (guard.h) */
	FRAME_BYTES, /* our own sealed memfd, filled from Scanout/Update messages */
	FRAME_DMABUF, /* a dmabuf; `data` is NULL where the kernel doesn't let us map it */
};

struct frame_plane {
	int fd; /* the frame's */
	uint32_t offset, stride; /* bytes */
};

struct frame {
	unsigned int refs;
	enum frame_kind kind;
	uint32_t width, height; /* px; (0, 0) is the top left pixel */
	pixman_format_code_t format; /* 0 for a dmabuf that pixman has no word for */
	uint32_t fourcc; /* DRM_FORMAT_* */
	const uint8_t
		*data; /* the first pixel of the top row; NULL if it can't be read by the CPU */
	uint32_t stride; /* bytes between rows of `data` */
	int plane_count; /* 1 unless FRAME_DMABUF; plane 0's fd is the memory's */
	struct frame_plane planes[FRAME_PLANES_MAX];
	/* FRAME_DMABUF only */
	uint64_t modifier; /* DRM_FORMAT_MOD_* */
	bool y_inverted; /* row 0 of the buffer is the bottom one */
	uint32_t x, y; /* px: where the picture lies in the buffer */
	uint32_t buffer_width, buffer_height; /* px */
	/* private to frame.c */
	void *map;
	size_t map_size;
	int guard; /* of the map, or -1 */
};

struct frame *frame_ref(struct frame *frame); /* NULL is legal */
void frame_unref(struct frame *frame); /* NULL is legal */

/* An owned, zeroed frame (FRAME_BYTES) of our own memory, sealed against shrinking and growing;
 * NULL if a side is 0 or over FRAME_SIDE_MAX, or memory is out. `data` may be written by the
 * creator. */
struct frame *frame_create_owned(uint32_t width, uint32_t height, pixman_format_code_t format);

/* Maps the peer's memory. Takes `fd` on every path. NULL, with the reason in *error (a static
 * string), if a number is out of its limit, the file is too short for it, or isn't in memory (a
 * page fault on another file system could wait for the peer, for ever). */
struct frame *frame_create_map(int fd, uint32_t offset, uint32_t width, uint32_t height,
	uint32_t stride, pixman_format_code_t format, const char **error);

struct frame_dmabuf_attributes {
	uint32_t width, height, fourcc, x, y, buffer_width, buffer_height;
	uint64_t modifier;
	bool y_inverted;
	int plane_count;
	struct frame_plane planes[FRAME_PLANES_MAX];
};
/* Takes the planes' fds on every path. NULL as above. */
struct frame *frame_create_dmabuf(
	const struct frame_dmabuf_attributes *attributes, const char **error);

/* Bracket the CPU's reading of `data`: for a dmabuf they synchronise caches, else do nothing. */
void frame_begin_read(const struct frame *frame);
void frame_end_read(const struct frame *frame);

/* A new fd of the memory, open for reading only (through /proc/self/fd), to hand to a listener; -1
 * on failure. Not for FRAME_DMABUF, whose plane fds are duplicated as they are. */
int frame_open_read_only(const struct frame *frame);

/* pixman code <-> DRM fourcc for the formats that both sides of Display1 use; 0 if there is none.
 */
uint32_t frame_fourcc_from_pixman(pixman_format_code_t format);
pixman_format_code_t frame_pixman_from_fourcc(uint32_t fourcc);

#endif
