/* CPU time of the painters, as a ratio to a memcpy of a 1920x1080 picture in the same round. */
#include <math.h>
#include <pixman.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compositor/effects/painter.h"
#include "compositor/effects/texture.h"
#include "tests/bench/process.h"
#include "tests/bench/samples.h"
#include "util/mem.h"

#define WIDTH 1920
#define HEIGHT 1080
#define PICTURES 6 /* in turn, so that none is in the cache */
#define ROUNDS 15
#define QUADS_MAX 9

struct bench {
	const char *name;
	double wanted; /* 0: only told */
	struct quad quads[QUADS_MAX];
	int count;
	struct wlr_box damage; /* empty: all */
	struct samples ratio_base, soft, gles2;
};

static uint32_t *pictures[PICTURES], *source;
static int turn;

/* Of all threads, ns: a GL's work is counted where it is done by the processor. */
static double cpu_now(void) {
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * 1e9 + now.tv_nsec;
}

static uint32_t *next_picture(void) {
	return pictures[turn++ % PICTURES];
}

static double time_copy(void) {
	uint32_t *to = next_picture();
	double start = cpu_now();
	memcpy(to, source, (size_t)WIDTH * HEIGHT * 4);
	return cpu_now() - start;
}

static double time_paint(struct painter *painter, const struct bench *bench) {
	struct painter_picture picture = {next_picture(), WIDTH, HEIGHT, WIDTH};
	pixman_region32_t damage;
	const struct wlr_box *box = &bench->damage;
	pixman_region32_init_rect(&damage, box->x, box->y, box->width ? box->width : WIDTH,
		box->height ? box->height : HEIGHT);
	double start = cpu_now();
	if (!painter_paint(painter, &picture, bench->quads, bench->count, &damage)) {
		bench_fail("a painter failed");
	}
	double spent = cpu_now() - start;
	pixman_region32_fini(&damage);
	return spent;
}

static struct quad tilted(struct texture *texture, struct quad quad, double x, double y) {
	struct homography tilt = homography_tilt(WIDTH / 2, HEIGHT / 2, x, y, 0, 3000);
	quad.map = homography_multiply(&tilt, &quad.map);
	return quad;
}

static void make_overview(struct bench *bench, struct texture *texture) {
	for (int i = 0; i < 9; i++) {
		struct quad quad = quad_at(texture, 40 + i % 3 * 620, 25 + i / 3 * 350, 560, 340);
		bench->quads[i] = tilted(texture, quad, 0.1, 0.2);
		bench->quads[i].radius = 8;
	}
	bench->count = 9;
}

static void run(struct bench *benches, int count, struct painter *soft, struct painter *gles2) {
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < count; i++) {
			samples_add(&benches[i].ratio_base, time_copy());
			samples_add(&benches[i].soft, time_paint(soft, &benches[i]));
			if (gles2) {
				samples_add(&benches[i].gles2, time_paint(gles2, &benches[i]));
			}
		}
	}
}

static int report(const struct bench *benches, int count) {
	int missed = 0;
	printf("%-34s %9s %8s %8s %8s\n", "", "memcpy ms", "soft", "gles2", "wanted");
	for (int i = 0; i < count; i++) {
		const struct bench *bench = &benches[i];
		double soft = samples_ratio(&bench->soft, &bench->ratio_base);
		printf("%-34s %9.2f %8.2f %8.2f", bench->name,
			samples_median(&bench->ratio_base) / 1e6, soft,
			samples_ratio(&bench->gles2, &bench->ratio_base));
		if (bench->wanted > 0) {
			printf(" %8.1f%s", bench->wanted, soft > bench->wanted ? " missed" : "");
			missed += soft > bench->wanted;
		}
		printf("\n");
	}
	return missed;
}

int main(void) {
	for (int i = 0; i < PICTURES; i++) {
		pictures[i] = xcalloc((size_t)WIDTH * HEIGHT, 4);
		memset(pictures[i], 0x40 + i, (size_t)WIDTH * HEIGHT * 4);
	}
	source = xcalloc((size_t)WIDTH * HEIGHT, 4);
	for (int i = 0; i < WIDTH * HEIGHT; i++) {
		source[i] = (uint32_t)i * 2654435761u;
	}
	struct texture *full = texture_create(source, WIDTH, HEIGHT, WIDTH * 4, true);
	struct texture *guest = texture_create(source, 1280, 800, 1280 * 4, true);
	struct bench benches[] = {
		{"tilted, bilinear", 8, {quad_at(full, 0, 0, WIDTH, HEIGHT)}, 1},
		{"tilted, trilinear", 0, {quad_at(full, 0, 0, WIDTH, HEIGHT)}, 1},
		{"scaled", 4, {quad_at(guest, 0, 0, WIDTH, HEIGHT)}, 1},
		{"1:1", 1.2, {quad_at(full, 0, 0, WIDTH, HEIGHT)}, 1},
		{"overview of 9", 0},
		{"overview, one of 9 changed", 0},
	};
	int count = sizeof(benches) / sizeof(benches[0]);
	for (int i = 0; i < 4; i++) {
		benches[i].quads[0].opacity = 0.7;
	}
	for (int i = 0; i < 2; i++) {
		struct quad quad = benches[i].quads[0];
		quad.map = homography_place(-200, -100, 1.2, 1.2);
		quad.trilinear = i == 1;
		benches[i].quads[0] = tilted(full, quad, 0.1, 0.25);
	}
	make_overview(&benches[4], guest);
	make_overview(&benches[5], guest);
	const struct wlr_box screen = {0, 0, WIDTH, HEIGHT};
	benches[5].damage = quad_bounds(&benches[5].quads[4], &screen);
	struct painter *soft = painter_soft_create(), *gles2 = painter_gles2_create();
	run(benches, count, soft, gles2);
	int missed = report(benches, count);
	painter_destroy(soft);
	painter_destroy(gles2);
	return missed > 0;
}
