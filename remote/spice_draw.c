#include "remote/spice_draw.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "remote/picture.h"
#include "vm-display/screen.h"

/* The library may keep an image under its number: no two may have the same. Used on the loop's
 * thread only. */
static uint32_t last_number;

struct picture_draw {
	struct spice_draw base;
	QXLDrawable drawable;
	QXLImage image;
	uint8_t pixels[] __attribute__((aligned(16)));
};

struct cursor_draw {
	struct spice_draw base;
	QXLCursorCmd command;
	QXLCursor cursor; /* ends with the chunk, to which the pixels belong */
	uint8_t pixels[];
};
static_assert(offsetof(struct cursor_draw, pixels) ==
		offsetof(struct cursor_draw, cursor) + sizeof(QXLCursor),
	"the pixels are the chunk's");

static void init_base(struct spice_draw *draw, uint32_t type, void *command, size_t size,
	QXLReleaseInfo *release) {
	draw->command.cmd.type = type;
	draw->command.cmd.data = (QXLPHYSICAL)(uintptr_t)command;
	draw->size = size;
	release->id = (uintptr_t)draw;
}

struct spice_draw *spice_draw_from_release(const QXLReleaseInfo *info) {
	return (struct spice_draw *)(uintptr_t)info->id;
}

void spice_draw_destroy(struct spice_draw *draw) {
	free(draw);
}

static void set_image(struct picture_draw *draw, uint32_t width, uint32_t height) {
	QXLImage *image = &draw->image;
	QXL_SET_IMAGE_ID(image, QXL_IMAGE_GROUP_DEVICE, ++last_number);
	image->descriptor.type = SPICE_IMAGE_TYPE_BITMAP;
	image->descriptor.width = width;
	image->descriptor.height = height;
	image->bitmap.format = SPICE_BITMAP_FMT_32BIT;
	image->bitmap.flags = QXL_BITMAP_DIRECT | QXL_BITMAP_TOP_DOWN;
	image->bitmap.x = width;
	image->bitmap.y = height;
	image->bitmap.stride = width * 4;
	image->bitmap.data = (QXLPHYSICAL)(uintptr_t)draw->pixels;
}

static void set_drawable(struct picture_draw *draw, const pixman_box32_t *box) {
	QXLDrawable *drawable = &draw->drawable;
	drawable->effect = QXL_EFFECT_OPAQUE;
	drawable->type = QXL_DRAW_COPY;
	drawable->bbox =
		(QXLRect){.top = box->y1, .left = box->x1, .bottom = box->y2, .right = box->x2};
	drawable->clip.type = SPICE_CLIP_TYPE_NONE;
	for (int i = 0; i < 3; i++) {
		drawable->surfaces_dest[i] = -1;
	}
	drawable->u.copy.src_bitmap = (QXLPHYSICAL)(uintptr_t)&draw->image;
	drawable->u.copy.src_area.right = box->x2 - box->x1;
	drawable->u.copy.src_area.bottom = box->y2 - box->y1;
	drawable->u.copy.rop_descriptor = SPICE_ROPD_OP_PUT;
}

struct spice_draw *spice_draw_picture(const struct picture *picture, const pixman_box32_t *box) {
	uint32_t width = box->x2 - box->x1, height = box->y2 - box->y1;
	size_t row = (size_t)width * 4;
	struct picture_draw *draw =
		aligned_alloc(16, (sizeof(*draw) + row * height + 15) & ~(size_t)15);
	if (!draw) {
		return NULL;
	}
	memset(draw, 0, sizeof(*draw));
	init_base(&draw->base, QXL_CMD_DRAW, &draw->drawable, row * height,
		&draw->drawable.release_info);
	set_image(draw, width, height);
	set_drawable(draw, box);
	for (uint32_t y = 0; y < height; y++) {
		memcpy(draw->pixels + y * row,
			picture->pixels + (size_t)(box->y1 + y) * picture->stride +
				(size_t)box->x1 * 4,
			row);
	}
	return &draw->base;
}

static int clamp(int position) {
	return position < INT16_MIN ? INT16_MIN : position > INT16_MAX ? INT16_MAX : position;
}

static struct cursor_draw *create_cursor(uint8_t type, size_t size) {
	struct cursor_draw *draw = calloc(1, sizeof(*draw) + size);
	if (draw) {
		init_base(&draw->base, QXL_CMD_CURSOR, &draw->command, 0,
			&draw->command.release_info);
		draw->command.type = type;
	}
	return draw;
}

struct spice_draw *spice_draw_cursor(const struct cursor_image *image, int x, int y) {
	size_t size = (size_t)image->width * image->height * 4;
	struct cursor_draw *draw = create_cursor(QXL_CURSOR_SET, size);
	if (!draw) {
		return NULL;
	}
	draw->command.u.set.position.x = clamp(x);
	draw->command.u.set.position.y = clamp(y);
	draw->command.u.set.visible = 1;
	draw->command.u.set.shape = (QXLPHYSICAL)(uintptr_t)&draw->cursor;
	draw->cursor.header = (QXLCursorHeader){.unique = ++last_number,
		.type = SPICE_CURSOR_TYPE_ALPHA,
		.width = image->width,
		.height = image->height,
		.hot_spot_x = image->hot_x,
		.hot_spot_y = image->hot_y};
	draw->cursor.data_size = size;
	draw->cursor.chunk.data_size = size;
	memcpy(draw->pixels, image->pixels, size);
	return &draw->base;
}

struct spice_draw *spice_draw_cursor_at(int x, int y) {
	struct cursor_draw *draw = create_cursor(QXL_CURSOR_MOVE, 0);
	if (!draw) {
		return NULL;
	}
	draw->command.u.position.x = clamp(x);
	draw->command.u.position.y = clamp(y);
	return &draw->base;
}

struct spice_draw *spice_draw_no_cursor(void) {
	struct cursor_draw *draw = create_cursor(QXL_CURSOR_HIDE, 0);
	return draw ? &draw->base : NULL;
}
