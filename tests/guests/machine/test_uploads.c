/* What the bridge sends to a GLES2 texture: the damaged px and no others. The whole memory of a
 * frame changes while a part is said to be damaged; the texture, read back after the scene was
 * composed from it, tells which px were sent. Needs a screen of its own (DRM). */
#include <drm_fourcc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/backend.h>
#include <wlr/render/allocator.h>
#include <wlr/render/gles2.h>
#include <wlr/render/wlr_texture.h>
#include <wlr/types/wlr_output.h>

#include "compositor/bridge.h"
#include "vm-display/frame.h"

#define WIDTH 200 /* px */
#define HEIGHT 100
#define OLD 0x00102030u
#define NEW 0x00f0e0d0u
#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);    \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

struct stage {
	struct wl_display *display;
	struct wlr_session *session;
	struct wlr_backend *backend;
	struct wlr_renderer *renderer;
	struct wlr_allocator *allocator;
	struct wlr_output *output;
	struct wlr_scene *scene;
	struct wlr_scene_output *scene_output;
	struct frame *frame;
	struct bridge bridge;
	struct wl_listener new_output;
};

static void handle_new_output(struct wl_listener *listener, void *data) {
	struct stage *stage = wl_container_of(listener, stage, new_output);
	stage->output = stage->output ? stage->output : data;
}

static void begin_backend(struct stage *stage) {
	stage->display = wl_display_create();
	stage->backend =
		wlr_backend_autocreate(wl_display_get_event_loop(stage->display), &stage->session);
	CHECK(stage->backend);
	stage->renderer =
		wlr_gles2_renderer_create_with_drm_fd(wlr_backend_get_drm_fd(stage->backend));
	CHECK(stage->renderer);
	stage->allocator = wlr_allocator_autocreate(stage->backend, stage->renderer);
	CHECK(stage->allocator);
	stage->new_output.notify = handle_new_output;
	wl_signal_add(&stage->backend->events.new_output, &stage->new_output);
	CHECK(wlr_backend_start(stage->backend) && stage->output);
}

static void begin_output(struct stage *stage) {
	CHECK(wlr_output_init_render(stage->output, stage->allocator, stage->renderer));
	struct wlr_output_state state;
	wlr_output_state_init(&state);
	wlr_output_state_set_enabled(&state, true);
	wlr_output_state_set_mode(&state, wlr_output_preferred_mode(stage->output));
	CHECK(wlr_output_commit_state(stage->output, &state));
	wlr_output_state_finish(&state);
}

static void begin(struct stage *stage) {
	begin_backend(stage);
	begin_output(stage);
	stage->scene = wlr_scene_create();
	stage->scene_output = wlr_scene_output_create(stage->scene, stage->output);
	stage->frame = frame_create_owned(WIDTH, HEIGHT, PIXMAN_x8r8g8b8);
	bridge_init(&stage->bridge, &stage->scene->tree, stage->renderer);
}

static void end(struct stage *stage) {
	bridge_finish(&stage->bridge);
	frame_unref(stage->frame);
	wlr_scene_node_destroy(&stage->scene->tree.node);
	wl_list_remove(&stage->new_output.link);
	wlr_backend_destroy(stage->backend);
	wlr_allocator_destroy(stage->allocator);
	wlr_renderer_destroy(stage->renderer);
	wl_display_destroy(stage->display);
}

static void fill(struct stage *stage, uint32_t color) {
	uint32_t *pixels = (uint32_t *)stage->frame->data;
	for (int i = 0; i < WIDTH * HEIGHT; i++) {
		pixels[i] = color;
	}
}

/* How many px of a texture are NEW; the others must be OLD. */
static int count_new(struct wlr_texture *texture) {
	static uint32_t pixels[WIDTH * HEIGHT];
	CHECK(texture &&
		wlr_texture_read_pixels(texture,
			&(struct wlr_texture_read_pixels_options){.data = pixels,
				.format = DRM_FORMAT_XRGB8888,
				.stride = WIDTH * 4,
				.src_box = {0, 0, WIDTH, HEIGHT}}));
	int count = 0;
	for (int i = 0; i < WIDTH * HEIGHT; i++) {
		uint32_t color = pixels[i] & 0xffffff;
		CHECK(color == OLD || color == NEW);
		count += color == NEW;
	}
	return count;
}

/* Composes all of the output; returns how many px are NEW where the frame is. */
static int compose(struct stage *stage) {
	wlr_damage_ring_add_whole(&stage->scene_output->damage_ring);
	struct wlr_output_state state;
	wlr_output_state_init(&state);
	CHECK(wlr_scene_output_build_state(stage->scene_output, &state, NULL));
	struct wlr_texture *texture = wlr_texture_from_buffer(stage->renderer, state.buffer);
	int count = count_new(texture);
	wlr_texture_destroy(texture);
	wlr_output_state_finish(&state);
	return count;
}

static void damage(struct stage *stage, int x, int y, int width, int height) {
	pixman_region32_t region;
	pixman_region32_init_rect(&region, x, y, width, height);
	bridge_damage(&stage->bridge, &region);
	pixman_region32_fini(&region);
}

static int count_sent(struct stage *stage) {
	CHECK(stage->bridge.texture_buffer);
	return count_new(stage->bridge.texture_buffer->texture);
}

int main(void) {
	struct stage stage = {0};
	begin(&stage);
	fill(&stage, OLD);
	bridge_set_frame(&stage.bridge, stage.frame);
	CHECK(compose(&stage) == 0 && count_sent(&stage) == 0);
	const struct wlr_texture *texture = stage.bridge.texture_buffer->texture;
	fill(&stage, NEW);
	damage(&stage, 50, 20, WIDTH - 50, HEIGHT / 10);
	int sent = WIDTH * HEIGHT / 10 - 50 * HEIGHT / 10;
	CHECK(count_sent(&stage) == sent);
	damage(&stage, 0, 20, 50, HEIGHT / 10);
	sent = WIDTH * HEIGHT / 10;
	CHECK(count_sent(&stage) == sent && compose(&stage) == sent);
	CHECK(count_sent(&stage) == sent && stage.bridge.texture_buffer->texture == texture);
	printf("a change of %d of %d px sends %d\n", sent, WIDTH * HEIGHT, count_sent(&stage));
	damage(&stage, 0, 0, WIDTH, HEIGHT);
	CHECK(compose(&stage) == WIDTH * HEIGHT);
	end(&stage);
	return 0;
}
