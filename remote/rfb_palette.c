#include "remote/rfb_palette.h"

#include <stdbool.h>
#include <string.h>

#define SLOTS 512 /* a power of two, four times as many as there are colours */
#define NO_INDEX 0xff

struct search {
	struct rfb_palette *palette;
	uint32_t last;
	uint8_t last_index;
	size_t run; /* px, of the present one */
	bool hashed;
	uint8_t slots[SLOTS]; /* indices; valid if `hashed` */
};

#define LINEAR_MAX 8 /* that many colours are compared one by one */

static unsigned int slot_of(uint32_t colour) {
	return (colour * 0x9e3779b1u) >> 23;
}

static void insert(struct search *search, unsigned int index) {
	unsigned int slot = slot_of(search->palette->colours[index]);
	while (search->slots[slot] != NO_INDEX) {
		slot = (slot + 1) % SLOTS;
	}
	search->slots[slot] = index;
}

static unsigned int find_linear(const struct search *search, uint32_t colour) {
	const struct rfb_palette *palette = search->palette;
	for (unsigned int i = 0; i < palette->count; i++) {
		if (palette->colours[i] == colour) {
			return i;
		}
	}
	return NO_INDEX;
}

static unsigned int find_hashed(const struct search *search, uint32_t colour) {
	unsigned int slot = slot_of(colour);
	while (search->slots[slot] != NO_INDEX &&
		search->palette->colours[search->slots[slot]] != colour) {
		slot = (slot + 1) % SLOTS;
	}
	return search->slots[slot];
}

/* False if there is no place for another colour. */
static bool add(struct search *search, uint32_t colour) {
	struct rfb_palette *palette = search->palette;
	if (palette->count == RFB_PALETTE_MAX) {
		return false;
	}
	palette->colours[palette->count++] = colour;
	if (palette->count == LINEAR_MAX + 1) {
		memset(search->slots, NO_INDEX, sizeof(search->slots));
		for (unsigned int i = 0; i < palette->count; i++) {
			insert(search, i);
		}
		search->hashed = true;
	} else if (search->hashed) {
		insert(search, palette->count - 1);
	}
	return true;
}

static bool start_run(struct search *search, uint32_t colour) {
	unsigned int index =
		search->hashed ? find_hashed(search, colour) : find_linear(search, colour);
	if (index == NO_INDEX) {
		index = search->palette->count;
		if (!add(search, colour)) {
			return false;
		}
	}
	search->palette->runs++;
	search->palette->singles += search->run == 1;
	search->run = 0;
	search->last = colour;
	search->last_index = index;
	return true;
}

static bool search_row(
	struct search *search, const uint32_t *values, uint8_t *indices, unsigned int width) {
	for (unsigned int x = 0; x < width; x++) {
		if (values[x] != search->last && !start_run(search, values[x])) {
			return false;
		}
		search->run++;
		indices[x] = search->last_index;
	}
	return true;
}

/* Without the colours, of which there are too many. */
static void count_runs(struct rfb_palette *palette, const struct rfb_tile *tile) {
	unsigned int runs = 1, singles = 0;
	for (unsigned int y = 0; y < tile->height; y++) {
		const uint32_t *row = tile->values + y * tile->stride;
		for (unsigned int x = 1; x < tile->width; x++) {
			runs += row[x] != row[x - 1];
		}
		for (unsigned int x = 1; x + 1 < tile->width; x++) {
			singles += row[x] != row[x - 1] && row[x] != row[x + 1];
		}
		runs += y > 0 && row[0] != (row - tile->stride)[tile->width - 1];
	}
	palette->count = 0;
	palette->runs = runs;
	palette->singles = singles;
}

/* The most common case by far, and one that compilers vectorise. */
static bool is_solid(const struct rfb_tile *tile) {
	uint32_t first = tile->values[0], different = 0;
	for (unsigned int y = 0; y < tile->height && !different; y++) {
		const uint32_t *row = tile->values + y * tile->stride;
		for (unsigned int x = 0; x < tile->width; x++) {
			different |= row[x] ^ first;
		}
	}
	return !different;
}

void rfb_palette_find(struct rfb_palette *palette, const struct rfb_tile *tile) {
	if (is_solid(tile)) {
		palette->count = palette->runs = 1;
		palette->singles = 0;
		palette->colours[0] = tile->values[0];
		memset(palette->indices, 0, (size_t)tile->width * tile->height);
		return;
	}
	struct search search = {.palette = palette, .last = ~tile->values[0]};
	palette->count = palette->runs = palette->singles = 0;
	for (unsigned int y = 0; y < tile->height; y++) {
		if (!search_row(&search, tile->values + y * tile->stride,
			    palette->indices + (size_t)y * tile->width, tile->width)) {
			count_runs(palette, tile);
			return;
		}
	}
	palette->singles += search.run == 1;
}
