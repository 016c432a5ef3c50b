/* Dmabufs without a GPU: ordinary memory through /dev/udmabuf, or a DRM device's dumb buffers
 * (vgem's, say). */
#ifndef TESTS_SYNTHETIC_DMABUF_H
#define TESTS_SYNTHETIC_DMABUF_H

#include <stdbool.h>
#include <stdint.h>

struct frame;

bool dmabuf_available(void);

/* A frame of kind FRAME_DMABUF, XRGB8888, that says its memory can't be read by the CPU, so that a
 * publisher hands on the dmabuf; *pixels is its memory, for the frame's life. NULL on failure. */
struct frame *dmabuf_create(uint32_t width, uint32_t height, uint8_t **pixels);

#endif
