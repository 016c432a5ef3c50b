#include <errno.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"
#include "picture.h"
#include "util/mem.h"

#define COMPRESSION 4 /* zlib's; a screen takes half the time of the default, 5 % more space */

/* RGB, without the unused byte. */
static void pack_row(const uint32_t *pixels, int width, uint8_t *row) {
	for (int x = 0; x < width; x++) {
		row[x * 3] = (uint8_t)(pixels[x] >> 16);
		row[x * 3 + 1] = (uint8_t)(pixels[x] >> 8);
		row[x * 3 + 2] = (uint8_t)pixels[x];
	}
}

/* libpng's errors jump to its own setjmp, so nothing is owned in here. */
static bool write_rows(
	png_structp png, png_infop info, pixman_image_t *picture, uint8_t *row, FILE *file) {
	if (setjmp(png_jmpbuf(png))) {
		return false;
	}
	int width = pixman_image_get_width(picture), height = pixman_image_get_height(picture);
	png_init_io(png, file);
	png_set_compression_level(png, COMPRESSION);
	/* To try all five for each row costs more than it saves on screens. */
	png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_UP);
	png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, 8, PNG_COLOR_TYPE_RGB,
		PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	png_write_info(png, info);
	const uint32_t *pixels = pixman_image_get_data(picture);
	for (int y = 0; y < height; y++) {
		pack_row(pixels + y * (pixman_image_get_stride(picture) / 4), width, row);
		png_write_row(png, row);
	}
	png_write_end(png, info);
	return true;
}

static void ignore_message(png_structp png, png_const_charp text) {
}

static void handle_error(png_structp png, png_const_charp text) {
	png_longjmp(png, 1);
}

static bool write_png(pixman_image_t *picture, FILE *file) {
	png_structp png =
		png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, handle_error, ignore_message);
	png_infop info = png ? png_create_info_struct(png) : NULL;
	uint8_t *row = xcalloc((size_t)pixman_image_get_width(picture), 3);
	bool ok = info && write_rows(png, info, picture, row, file);
	free(row);
	png_destroy_write_struct(&png, &info);
	return fflush(file) == 0 && ok;
}

bool picture_write_png(pixman_image_t *picture, const char *path) {
	if (strcmp(path, "-") == 0) {
		return write_png(picture, stdout) ||
			(ctl_fail(CTL_FAILED, "can't write to standard output"), false);
	}
	/* Whoever looks at the path sees a whole picture or none. */
	char *temporary = xasprintf("%s.part", path);
	FILE *file = fopen(temporary, "wbe");
	bool ok = file && write_png(picture, file);
	int error = errno;
	if (file && fclose(file) != 0 && ok) {
		error = errno;
		ok = false;
	}
	if (ok && rename(temporary, path) < 0) {
		error = errno;
		ok = false;
	}
	if (!ok) {
		ctl_fail(CTL_FAILED, "can't write %s: %s", path, strerror(error));
		if (file) {
			unlink(temporary);
		}
	}
	free(temporary);
	return ok;
}
