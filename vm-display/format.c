#include "vm-display/format.h"

#include <drm_fourcc.h>
#include <stddef.h>

#include "vm-display/frame.h"

/* pixman names channels from the most significant bit of a native word, as DRM does of a
 * little-endian one. */
static const struct format_pair {
	pixman_format_code_t pixman;
	uint32_t fourcc;
} format_pairs[] = {
	{PIXMAN_x8r8g8b8, DRM_FORMAT_XRGB8888},
	{PIXMAN_a8r8g8b8, DRM_FORMAT_ARGB8888},
	{PIXMAN_x8b8g8r8, DRM_FORMAT_XBGR8888},
	{PIXMAN_a8b8g8r8, DRM_FORMAT_ABGR8888},
	{PIXMAN_b8g8r8x8, DRM_FORMAT_BGRX8888},
	{PIXMAN_b8g8r8a8, DRM_FORMAT_BGRA8888},
	{PIXMAN_r8g8b8x8, DRM_FORMAT_RGBX8888},
	{PIXMAN_r8g8b8a8, DRM_FORMAT_RGBA8888},
	{PIXMAN_x2r10g10b10, DRM_FORMAT_XRGB2101010},
	{PIXMAN_a2r10g10b10, DRM_FORMAT_ARGB2101010},
	{PIXMAN_x2b10g10r10, DRM_FORMAT_XBGR2101010},
	{PIXMAN_a2b10g10r10, DRM_FORMAT_ABGR2101010},
	{PIXMAN_r8g8b8, DRM_FORMAT_RGB888},
	{PIXMAN_b8g8r8, DRM_FORMAT_BGR888},
	{PIXMAN_r5g6b5, DRM_FORMAT_RGB565},
	{PIXMAN_b5g6r5, DRM_FORMAT_BGR565},
	{PIXMAN_x1r5g5b5, DRM_FORMAT_XRGB1555},
	{PIXMAN_a1r5g5b5, DRM_FORMAT_ARGB1555},
};

#define FORMAT_COUNT (sizeof(format_pairs) / sizeof(format_pairs[0]))

uint32_t frame_fourcc_from_pixman(pixman_format_code_t format) {
	for (size_t i = 0; i < FORMAT_COUNT; i++) {
		if (format_pairs[i].pixman == format) {
			return format_pairs[i].fourcc;
		}
	}
	return 0;
}

pixman_format_code_t frame_pixman_from_fourcc(uint32_t fourcc) {
	for (size_t i = 0; i < FORMAT_COUNT; i++) {
		if (format_pairs[i].fourcc == fourcc) {
			return format_pairs[i].pixman;
		}
	}
	return 0;
}

bool format_is_known(uint32_t code) {
	for (size_t i = 0; i < FORMAT_COUNT; i++) {
		if ((uint32_t)format_pairs[i].pixman == code) {
			return true;
		}
	}
	return false;
}

uint32_t format_row_bytes(pixman_format_code_t format, uint32_t width) {
	return width * (PIXMAN_FORMAT_BPP(format) / 8);
}
