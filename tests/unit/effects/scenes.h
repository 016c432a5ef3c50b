/* Scenes for painters, and the textures in them. */
#ifndef TESTS_UNIT_EFFECTS_SCENES_H
#define TESTS_UNIT_EFFECTS_SCENES_H

#include <pixman.h>
#include <stdint.h>

#include "compositor/effects/quad.h"
#include "compositor/effects/texture.h"

#define SCENE_WIDTH 240
#define SCENE_HEIGHT 160
#define SCENE_QUADS_MAX 16

enum scene_texture {
	TEXTURE_GRADIENT,
	TEXTURE_CHECKER,
	TEXTURE_NOISE,
	TEXTURE_GLASS, /* with alpha */
	TEXTURE_TINY, /* 1x1 */
	TEXTURE_SCREEN, /* 320x200, lines like text's */
	TEXTURE_KINDS,
};

struct scene {
	const char *name;
	struct quad quads[SCENE_QUADS_MAX];
	int count;
};

/* The texture's pixels are freed by scene_texture_destroy. */
struct texture *scene_texture_create(enum scene_texture kind);
void scene_texture_destroy(struct texture *texture);
uint32_t scene_random(uint32_t *seed);
/* What is below the quads. */
void scene_background(uint32_t *pixels, const pixman_region32_t *region);

int scene_count(void);
void scene_get(int number, struct texture *const textures[static TEXTURE_KINDS], struct scene *out);

#endif
