#include "compositor/bridge.h"

#include <wlr/interfaces/wlr_buffer.h>
#include <wlr/render/wlr_texture.h>
#include <wlr/types/wlr_buffer.h>

#include "compositor/frame_buffer.h"
#include "compositor/soft_renderer.h"
#include "util/log.h"
#include "vm-display/frame.h"

/* Exported by wlroots 0.18 without a public declaration. A scene buffer drops its own texture and
 * uploads the whole buffer each time it is told of damage; the texture of a client buffer it leaves
 * alone, and we update that by damage. */
struct wlr_client_buffer *wlr_client_buffer_create(
	struct wlr_buffer *buffer, struct wlr_renderer *renderer);

void bridge_init(
	struct bridge *bridge, struct wlr_scene_tree *parent, struct wlr_renderer *renderer) {
	*bridge = (struct bridge){.renderer = renderer};
	bridge->scene_buffer = wlr_scene_buffer_create(parent, NULL);
}

static void release(struct bridge *bridge) {
	if (bridge->texture_buffer) {
		wlr_buffer_unlock(&bridge->texture_buffer->base);
		bridge->texture_buffer = NULL;
	}
	if (bridge->buffer) {
		wlr_buffer_drop(bridge->buffer);
		bridge->buffer = NULL;
	}
	bridge->imported = false;
	frame_unref(bridge->frame);
	bridge->frame = NULL;
}

void bridge_finish(struct bridge *bridge) {
	if (bridge->scene_buffer) {
		wlr_scene_node_destroy(&bridge->scene_buffer->node);
	}
	release(bridge);
	*bridge = (struct bridge){0};
}

/* NULL if the frame has no dmabuf that this renderer can read. */
static struct wlr_buffer *import_dmabuf(struct bridge *bridge) {
	if (bridge->frame->kind != FRAME_DMABUF || soft_renderer_reads_in_place(bridge->renderer)) {
		return NULL;
	}
	struct wlr_buffer *buffer = frame_buffer_create(bridge->frame, true);
	struct wlr_texture *texture = wlr_texture_from_buffer(bridge->renderer, buffer);
	if (!texture) {
		wlr_buffer_drop(buffer);
		return NULL;
	}
	wlr_texture_destroy(texture);
	return buffer;
}

/* The frame's memory, through a texture that damage updates where the renderer wants one. */
static struct wlr_buffer *show_memory(struct bridge *bridge) {
	if (!bridge->frame->data) {
		log_error("a dmabuf of format 0x%08x, modifier 0x%016llx, can't be shown here",
			bridge->frame->fourcc, (unsigned long long)bridge->frame->modifier);
		return NULL;
	}
	bridge->buffer = frame_buffer_create(bridge->frame, false);
	if (soft_renderer_reads_in_place(bridge->renderer)) {
		return bridge->buffer;
	}
	bridge->texture_buffer = wlr_client_buffer_create(bridge->buffer, bridge->renderer);
	return bridge->texture_buffer ? &bridge->texture_buffer->base : NULL;
}

static void place_dmabuf(struct bridge *bridge) {
	const struct frame *frame = bridge->frame;
	struct wlr_fbox source = {0};
	if (bridge->imported) {
		source = (struct wlr_fbox){.x = frame->x,
			.y = frame->y,
			.width = frame->width,
			.height = frame->height};
	}
	wlr_scene_buffer_set_source_box(bridge->scene_buffer, &source);
	wlr_scene_buffer_set_transform(bridge->scene_buffer,
		bridge->imported && frame->y_inverted ? WL_OUTPUT_TRANSFORM_FLIPPED_180
						      : WL_OUTPUT_TRANSFORM_NORMAL);
}

void bridge_set_frame(struct bridge *bridge, struct frame *frame) {
	wlr_scene_buffer_set_buffer(bridge->scene_buffer, NULL);
	release(bridge);
	if (!frame) {
		return;
	}
	bridge->frame = frame_ref(frame);
	bridge->buffer = import_dmabuf(bridge);
	bridge->imported = bridge->buffer;
	place_dmabuf(bridge);
	wlr_scene_buffer_set_buffer(
		bridge->scene_buffer, bridge->imported ? bridge->buffer : show_memory(bridge));
	pixman_region32_t whole;
	pixman_region32_init_rect(&whole, 0, 0, UINT16_MAX, UINT16_MAX);
	wlr_scene_buffer_set_opaque_region(bridge->scene_buffer, &whole);
	pixman_region32_fini(&whole);
}

bool bridge_shows(const struct bridge *bridge) {
	return bridge->scene_buffer->buffer;
}

void bridge_set_renderer(struct bridge *bridge, struct wlr_renderer *renderer) {
	struct frame *frame = frame_ref(bridge->frame);
	bridge->renderer = renderer;
	bridge_set_frame(bridge, frame);
	frame_unref(frame);
}

/* Damage in px of the frame, moved to where the picture lies in a dmabuf. */
static void show_in_place(struct bridge *bridge, const pixman_region32_t *damage) {
	pixman_region32_t moved;
	pixman_region32_init(&moved);
	pixman_region32_copy(&moved, damage);
	if (bridge->imported) {
		pixman_region32_translate(&moved, bridge->frame->x, bridge->frame->y);
	}
	wlr_scene_buffer_set_buffer_with_damage(bridge->scene_buffer, bridge->buffer, &moved);
	pixman_region32_fini(&moved);
}

void bridge_damage(struct bridge *bridge, const pixman_region32_t *damage) {
	if (!bridge_shows(bridge) || !pixman_region32_not_empty((pixman_region32_t *)damage)) {
		return;
	}
	if (!bridge->texture_buffer) {
		show_in_place(bridge, damage);
		return;
	}
	if (bridge->texture_buffer->texture &&
		wlr_texture_update_from_buffer(
			bridge->texture_buffer->texture, bridge->buffer, damage)) {
		wlr_scene_buffer_set_buffer_with_damage(
			bridge->scene_buffer, &bridge->texture_buffer->base, damage);
		return;
	}
	/* The texture is gone with a lost renderer, or refuses: start over. */
	bridge_set_renderer(bridge, bridge->renderer);
}
