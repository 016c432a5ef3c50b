/* The picture that quads should give, in double precision, by other means than the painters: each
 * point is found from the equations of the map, coverage by counting points, steps by differences.
 */
#ifndef TESTS_UNIT_EFFECTS_REFERENCE_H
#define TESTS_UNIT_EFFECTS_REFERENCE_H

#include <stdint.h>

#include "compositor/effects/quad.h"

struct reference {
	int width, height; // px
	double *channels; /* four a px, in the order of memory, 0 … 1, premultiplied */
	uint8_t *edge; /* 1 if an edge of a quad is nearer than a px */
};

struct reference *reference_create(const uint32_t *pixels, int width, int height);
void reference_destroy(struct reference *reference);
void reference_paint(struct reference *reference, const struct quad *quad);

struct difference {
	double mean; /* of all channels, 1/255 */
	double worst; /* where there is no edge, 1/255 */
	int worst_x, worst_y;
};

struct difference reference_compare(const struct reference *reference, const uint32_t *pixels);

#endif
