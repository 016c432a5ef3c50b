/* What the library is told to draw: pieces of the picture, and the cursor. Each command owns a copy
 * of its pixels, since the library reads them later, on its own thread. */
#ifndef REMOTE_SPICE_DRAW_H
#define REMOTE_SPICE_DRAW_H

#include <pixman.h>
#include <spice.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct cursor_image;
struct picture;

struct spice_draw { /* in the library's hands until it calls release_resource */
	QXLCommandExt command;
	size_t size; /* bytes of pixels */
	TAILQ_ENTRY(spice_draw) link;
};
TAILQ_HEAD(spice_draw_list, spice_draw);

/* A piece of the picture, px; within it. NULL if memory is out. */
struct spice_draw *spice_draw_picture(const struct picture *picture, const pixman_box32_t *box);
/* The cursor with its hot spot at (x, y); NULL if memory is out. */
struct spice_draw *spice_draw_cursor(const struct cursor_image *image, int x, int y);
struct spice_draw *spice_draw_cursor_at(int x, int y);
struct spice_draw *spice_draw_no_cursor(void);

/* Whose release_info this is. */
struct spice_draw *spice_draw_from_release(const QXLReleaseInfo *info);
void spice_draw_destroy(struct spice_draw *draw); /* NULL is legal; on any thread */

#endif
