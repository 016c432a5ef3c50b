#include "compositor/layout.h"

#include <stdint.h>
#include <string.h>

static const char *const mode_names[] = {
	[LAYOUT_GRID] = "grid",
	[LAYOUT_SINGLE] = "single",
	[LAYOUT_FREE] = "free",
};

const char *layout_mode_name(enum layout_mode mode) {
	return mode_names[mode];
}

bool layout_mode_parse(const char *name, enum layout_mode *mode) {
	for (int i = LAYOUT_GRID; i <= LAYOUT_FREE; i++) {
		if (strcmp(name, mode_names[i]) == 0) {
			*mode = i;
			return true;
		}
	}
	return false;
}

static int max(int a, int b) {
	return a > b ? a : b;
}

static int min(int a, int b) {
	return a < b ? a : b;
}

/* The width of a 16:10 picture in a cell, which is what is compared between numbers of columns. */
static int picture_width(const struct wlr_box *area, int columns, int rows, int gap) {
	int width = (area->width - gap * (columns + 1)) / columns;
	int height = (area->height - gap * (rows + 1)) / rows;
	return min(width, height * 16 / 10);
}

static int best_columns(const struct wlr_box *area, int count, int gap) {
	int best = 1, best_width = -1;
	for (int columns = 1; columns <= count; columns++) {
		int rows = (count + columns - 1) / columns;
		int width = picture_width(area, columns, rows, gap);
		if (width > best_width) {
			best = columns;
			best_width = width;
		}
	}
	return best;
}

void layout_grid(const struct wlr_box *area, int count, int gap, struct wlr_box *boxes) {
	if (count < 1) {
		return;
	}
	int columns = best_columns(area, count, gap);
	int rows = (count + columns - 1) / columns;
	int width = max(1, (area->width - gap * (columns + 1)) / columns);
	int height = max(1, (area->height - gap * (rows + 1)) / rows);
	for (int i = 0; i < count; i++) {
		int row = i / columns, column = i % columns;
		int in_row = row == rows - 1 ? count - row * columns : columns;
		int row_width = in_row * width + (in_row - 1) * gap;
		boxes[i] = (struct wlr_box){
			.x = area->x + (area->width - row_width) / 2 + column * (width + gap),
			.y = area->y + gap + row * (height + gap),
			.width = width,
			.height = height,
		};
	}
}

struct wlr_box layout_cascade(const struct wlr_box *area, int width, int height, int index) {
	width = min(width, area->width);
	height = min(height, area->height);
	int step = 32;
	int steps = max(1, min(area->width - width, area->height - height) / step + 1);
	int offset = index % steps * step;
	return (struct wlr_box){
		.x = area->x + min(offset, area->width - width),
		.y = area->y + min(offset, area->height - height),
		.width = width,
		.height = height,
	};
}

struct wlr_box layout_keep_reachable(const struct wlr_box *area, const struct wlr_box *box) {
	const int handle = 48; /* px of the title bar that stay on the screen */
	struct wlr_box kept = *box;
	kept.x = max(kept.x, area->x + handle - kept.width);
	kept.x = min(kept.x, area->x + area->width - handle);
	kept.y = max(kept.y, area->y);
	kept.y = min(kept.y, area->y + area->height - handle / 2);
	return kept;
}

struct wlr_box layout_fit(const struct wlr_box *content, int width, int height) {
	if (width < 1 || height < 1) {
		return *content;
	}
	struct wlr_box fit = *content;
	if ((int64_t)content->width * height <= (int64_t)content->height * width) {
		fit.height = max(1, (int64_t)content->width * height / width);
	} else {
		fit.width = max(1, (int64_t)content->height * width / height);
	}
	/* A scale within a px of a whole number is that number: text stays sharp. */
	int scale = (fit.width + 1) / width;
	if (scale >= 1 && fit.width - width * scale <= 1 && width * scale <= content->width &&
		height * scale <= content->height) {
		fit.width = width * scale;
		fit.height = height * scale;
	}
	fit.x = content->x + (content->width - fit.width) / 2;
	fit.y = content->y + (content->height - fit.height) / 2;
	return fit;
}
