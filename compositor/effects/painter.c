#include "compositor/effects/painter.h"

void painter_destroy(struct painter *painter) {
	if (painter) {
		painter->impl->destroy(painter);
	}
}

bool painter_paint(struct painter *painter, const struct painter_picture *picture,
	const struct quad *quads, int count, const pixman_region32_t *damage) {
	pixman_region32_t inside;
	pixman_region32_init(&inside);
	pixman_region32_intersect_rect(
		&inside, (pixman_region32_t *)damage, 0, 0, picture->width, picture->height);
	bool ok = !pixman_region32_not_empty(&inside) ||
		painter->impl->paint(painter, picture, quads, count, &inside);
	pixman_region32_fini(&inside);
	return ok;
}
