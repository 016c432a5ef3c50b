#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"
#include "vm-display/screen.h"

struct cursor_image *cursor_image_create(
	int width, int height, int hot_x, int hot_y, const uint32_t *pixels) {
	if (width < 1 || width > CURSOR_SIDE_MAX || height < 1 || height > CURSOR_SIDE_MAX ||
		hot_x < 0 || hot_x >= width || hot_y < 0 || hot_y >= height) {
		return NULL;
	}
	size_t bytes = (size_t)width * height * sizeof(uint32_t);
	struct cursor_image *cursor = xcalloc(1, sizeof(*cursor) + bytes);
	cursor->refs = 1;
	cursor->width = width;
	cursor->height = height;
	cursor->hot_x = hot_x;
	cursor->hot_y = hot_y;
	memcpy(cursor->pixels, pixels, bytes);
	return cursor;
}

struct cursor_image *cursor_image_ref(struct cursor_image *cursor) {
	if (cursor) {
		cursor->refs++;
	}
	return cursor;
}

void cursor_image_unref(struct cursor_image *cursor) {
	if (!cursor) {
		return;
	}
	assert(cursor->refs > 0);
	if (--cursor->refs == 0) {
		free(cursor);
	}
}
