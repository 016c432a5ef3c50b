#include "compositor/soft_renderer.h"

#include <assert.h>
#include <drm_fourcc.h>
#include <math.h>
#include <stdlib.h>
#include <wlr/render/interface.h>
#include <wlr/render/pass.h>
#include <wlr/render/pixman.h>
#include <wlr/types/wlr_buffer.h>

#include "compositor/effects/painter.h"
#include "compositor/effects/texture.h"
#include "util/mem.h"

struct soft_renderer {
	struct wlr_renderer base;
	struct wlr_renderer *pixman;
	struct painter *painter;
	struct wl_list textures; /* struct soft_texture.link */
};

struct soft_texture {
	struct wlr_texture base;
	struct wlr_texture *pixman; /* holds a lock of the buffer */
	struct wlr_buffer *buffer;
	struct wl_list link; /* soft_renderer.textures */
};

struct soft_pass {
	struct wlr_render_pass base;
	struct wlr_render_pass *pixman;
	struct soft_renderer *renderer;
	struct wlr_buffer *buffer;
};

static const struct wlr_renderer_impl renderer_impl;
static const struct wlr_texture_impl texture_impl;
static const struct wlr_render_pass_impl pass_impl;

static struct soft_renderer *renderer_from_base(struct wlr_renderer *base) {
	assert(base->impl == &renderer_impl);
	struct soft_renderer *renderer = wl_container_of(base, renderer, base);
	return renderer;
}

static struct soft_texture *texture_from_base(struct wlr_texture *base) {
	assert(base->impl == &texture_impl);
	struct soft_texture *texture = wl_container_of(base, texture, base);
	return texture;
}

static struct soft_pass *pass_from_base(struct wlr_render_pass *base) {
	assert(base->impl == &pass_impl);
	struct soft_pass *pass = wl_container_of(base, pass, base);
	return pass;
}

static bool read_pixels(
	struct wlr_texture *base, const struct wlr_texture_read_pixels_options *options) {
	return wlr_texture_read_pixels(texture_from_base(base)->pixman, options);
}

static uint32_t preferred_read_format(struct wlr_texture *base) {
	return wlr_texture_preferred_read_format(texture_from_base(base)->pixman);
}

static void texture_destroyed(struct wlr_texture *base) {
	struct soft_texture *texture = texture_from_base(base);
	wl_list_remove(&texture->link);
	wlr_texture_destroy(texture->pixman);
	free(texture);
}

static const struct wlr_texture_impl texture_impl = {
	.read_pixels = read_pixels,
	.preferred_read_format = preferred_read_format,
	.destroy = texture_destroyed,
};

/* What of a buffer goes where, in whole px; pixman's renderer rounds in the same way. */
struct blend {
	struct wlr_box from, to;
	float alpha;
};

static bool is_for_us(const struct soft_texture *texture,
	const struct wlr_render_texture_options *options, struct blend *blend) {
	struct wlr_fbox source;
	wlr_render_texture_options_get_src_box(options, &source);
	wlr_render_texture_options_get_dst_box(options, &blend->to);
	blend->from = (struct wlr_box){(int)round(source.x), (int)round(source.y),
		(int)round(source.width), (int)round(source.height)};
	blend->alpha = wlr_render_texture_options_get_alpha(options);
	const struct wlr_box *from = &blend->from, *to = &blend->to;
	bool inside = from->x >= 0 && from->y >= 0 && from->width > 0 && from->height > 0 &&
		from->width <= (int)texture->base.width - from->x &&
		from->height <= (int)texture->base.height - from->y;
	bool scaled = from->width != to->width || from->height != to->height;
	return inside && blend->alpha < 1 && to->width > 0 && to->height > 0 &&
		options->transform == WL_OUTPUT_TRANSFORM_NORMAL &&
		options->blend_mode == WLR_RENDER_BLEND_MODE_PREMULTIPLIED &&
		(!scaled || options->filter_mode == WLR_SCALE_FILTER_BILINEAR);
}

/* The picture that is being composed; false if it has another format than ours. */
static bool get_picture(struct soft_pass *pass, struct painter_picture *picture) {
	pixman_image_t *image =
		wlr_pixman_renderer_get_buffer_image(pass->renderer->pixman, pass->buffer);
	pixman_format_code_t format = image ? pixman_image_get_format(image) : 0;
	if (format != PIXMAN_x8r8g8b8 && format != PIXMAN_a8r8g8b8) {
		return false;
	}
	picture->pixels = pixman_image_get_data(image);
	picture->width = pixman_image_get_width(image);
	picture->height = pixman_image_get_height(image);
	picture->stride = pixman_image_get_stride(image) / 4;
	return picture->pixels;
}

static bool paint(struct soft_pass *pass, struct texture *texture, const struct blend *blend,
	const pixman_region32_t *clip) {
	struct painter_picture picture;
	if (!texture || !get_picture(pass, &picture)) {
		return false;
	}
	struct quad quad =
		quad_at(texture, blend->to.x, blend->to.y, blend->to.width, blend->to.height);
	quad.opacity = blend->alpha;
	quad.trilinear = false; /* an opaque view's pixels are made by pixman, which has no such */
	pixman_region32_t damage;
	pixman_region32_init_rect(&damage, 0, 0, picture.width, picture.height);
	if (clip) {
		pixman_region32_intersect(&damage, &damage, (pixman_region32_t *)clip);
	}
	painter_paint(pass->renderer->painter, &picture, &quad, 1, &damage);
	pixman_region32_fini(&damage);
	return true;
}

/* False, with nothing drawn, if this is for pixman. */
static bool blend_texture(struct soft_pass *pass, const struct soft_texture *texture,
	const struct wlr_render_texture_options *options) {
	struct blend blend;
	void *data;
	uint32_t format;
	size_t stride;
	if (!is_for_us(texture, options, &blend) ||
		!wlr_buffer_begin_data_ptr_access(texture->buffer, WLR_BUFFER_DATA_PTR_ACCESS_READ,
			&data, &format, &stride)) {
		return false;
	}
	bool done = false;
	if (format == DRM_FORMAT_XRGB8888 || format == DRM_FORMAT_ARGB8888) {
		const uint8_t *first =
			(const uint8_t *)data + stride * blend.from.y + 4 * (size_t)blend.from.x;
		struct texture *part = texture_create((const uint32_t *)first, blend.from.width,
			blend.from.height, stride, format == DRM_FORMAT_XRGB8888);
		done = paint(pass, part, &blend, options->clip);
		texture_destroy(part);
	}
	wlr_buffer_end_data_ptr_access(texture->buffer);
	return done;
}

static void add_texture(
	struct wlr_render_pass *base, const struct wlr_render_texture_options *options) {
	struct soft_pass *pass = pass_from_base(base);
	const struct soft_texture *texture = texture_from_base(options->texture);
	if (!blend_texture(pass, texture, options)) {
		struct wlr_render_texture_options same = *options;
		same.texture = texture->pixman;
		wlr_render_pass_add_texture(pass->pixman, &same);
	}
}

static void add_rect(struct wlr_render_pass *base, const struct wlr_render_rect_options *options) {
	wlr_render_pass_add_rect(pass_from_base(base)->pixman, options);
}

static bool submit(struct wlr_render_pass *base) {
	struct soft_pass *pass = pass_from_base(base);
	bool ok = wlr_render_pass_submit(pass->pixman);
	free(pass);
	return ok;
}

static const struct wlr_render_pass_impl pass_impl = {
	.submit = submit,
	.add_texture = add_texture,
	.add_rect = add_rect,
};

static struct wlr_render_pass *begin_buffer_pass(struct wlr_renderer *base,
	struct wlr_buffer *buffer, const struct wlr_buffer_pass_options *options) {
	struct soft_renderer *renderer = renderer_from_base(base);
	struct wlr_render_pass *pixman =
		wlr_renderer_begin_buffer_pass(renderer->pixman, buffer, options);
	if (!pixman) {
		return NULL;
	}
	struct soft_pass *pass = xcalloc(1, sizeof(*pass));
	wlr_render_pass_init(&pass->base, &pass_impl);
	pass->pixman = pixman;
	pass->renderer = renderer;
	pass->buffer = buffer; /* pixman's pass has a lock of it */
	return &pass->base;
}

static struct wlr_texture *texture_from_buffer(
	struct wlr_renderer *base, struct wlr_buffer *buffer) {
	struct soft_renderer *renderer = renderer_from_base(base);
	struct wlr_texture *pixman = wlr_texture_from_buffer(renderer->pixman, buffer);
	if (!pixman) {
		return NULL;
	}
	struct soft_texture *texture = xcalloc(1, sizeof(*texture));
	wlr_texture_init(&texture->base, base, &texture_impl, pixman->width, pixman->height);
	texture->pixman = pixman;
	texture->buffer = buffer;
	wl_list_insert(&renderer->textures, &texture->link);
	return &texture->base;
}

static const struct wlr_drm_format_set *get_texture_formats(
	struct wlr_renderer *base, uint32_t caps) {
	return wlr_renderer_get_texture_formats(renderer_from_base(base)->pixman, caps);
}

static const struct wlr_drm_format_set *get_render_formats(struct wlr_renderer *base) {
	struct wlr_renderer *pixman = renderer_from_base(base)->pixman;
	return pixman->impl->get_render_formats(pixman);
}

static void renderer_destroyed(struct wlr_renderer *base) {
	struct soft_renderer *renderer = renderer_from_base(base);
	struct soft_texture *texture, *next;
	wl_list_for_each_safe (texture, next, &renderer->textures, link) {
		wlr_texture_destroy(&texture->base);
	}
	painter_destroy(renderer->painter);
	wlr_renderer_destroy(renderer->pixman);
	free(renderer);
}

static const struct wlr_renderer_impl renderer_impl = {
	.get_texture_formats = get_texture_formats,
	.get_render_formats = get_render_formats,
	.destroy = renderer_destroyed,
	.texture_from_buffer = texture_from_buffer,
	.begin_buffer_pass = begin_buffer_pass,
};

struct wlr_renderer *soft_renderer_create(struct wlr_renderer *pixman) {
	assert(wlr_renderer_is_pixman(pixman));
	struct soft_renderer *renderer = xcalloc(1, sizeof(*renderer));
	wlr_renderer_init(&renderer->base, &renderer_impl, pixman->render_buffer_caps);
	renderer->pixman = pixman;
	renderer->painter = painter_soft_create();
	wl_list_init(&renderer->textures);
	return &renderer->base;
}

bool soft_renderer_reads_in_place(const struct wlr_renderer *renderer) {
	return renderer->impl == &renderer_impl ||
		wlr_renderer_is_pixman((struct wlr_renderer *)renderer);
}
