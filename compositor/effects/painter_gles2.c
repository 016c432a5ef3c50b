#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GLES2/gl2.h>
#include <GLES2/gl2ext.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wayland-util.h>

#include "compositor/effects/painter.h"
#include "compositor/effects/texture.h"
#include "shaders.h"
#include "util/log.h"
#include "util/mem.h"

/* It needs GLES 3 for textureLod, which drivers give to whom asks for 2 anyway.
 *
 * Channels keep their order in memory, so that what GL calls red is our blue: nothing here treats
 * them differently, and alpha is the fourth for both. */

struct painter_gles2 {
	struct painter base;
	EGLDisplay display;
	EGLContext context;
	GLuint program, target, framebuffer;
	int width, height; /* of the target */
	struct {
		GLint s, t, q, edges, size, texels, looks;
	} places;
	struct wl_list uploads; /* struct upload.link */
};

struct upload {
	struct painter_gles2 *painter;
	struct texture *texture;
	GLuint name;
	bool has_small;
	struct wl_list link; /* painter_gles2.uploads */
};

static bool enter(struct painter_gles2 *painter) {
	return eglMakeCurrent(painter->display, EGL_NO_SURFACE, EGL_NO_SURFACE, painter->context);
}

static void leave(struct painter_gles2 *painter) {
	eglMakeCurrent(painter->display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
}

static void upload_destroy(struct texture *texture) {
	struct upload *upload = texture->upload;
	if (enter(upload->painter)) {
		glDeleteTextures(1, &upload->name);
		leave(upload->painter);
	}
	wl_list_remove(&upload->link);
	free(upload);
	texture->upload = NULL;
	texture->upload_destroy = NULL;
}

static struct upload *upload_get(struct painter_gles2 *painter, struct texture *texture) {
	struct upload *upload = texture->upload;
	if (upload) {
		return upload;
	}
	upload = xcalloc(1, sizeof(*upload));
	upload->painter = painter;
	upload->texture = texture;
	glGenTextures(1, &upload->name);
	wl_list_insert(&painter->uploads, &upload->link);
	texture->upload = upload;
	texture->upload_destroy = upload_destroy;
	return upload;
}

static void upload_level(
	const struct texture_level *level, int number, bool whole, const pixman_box32_t *box) {
	glPixelStorei(GL_UNPACK_ROW_LENGTH_EXT, (GLint)level->stride);
	if (whole) {
		glTexImage2D(GL_TEXTURE_2D, number, GL_RGBA, level->width, level->height, 0,
			GL_RGBA, GL_UNSIGNED_BYTE, level->pixels);
		return;
	}
	int x1 = box->x1 >> number, y1 = box->y1 >> number;
	int x2 = (box->x2 >> number) + 1, y2 = (box->y2 >> number) + 1;
	x2 = x2 < level->width ? x2 : level->width;
	y2 = y2 < level->height ? y2 : level->height;
	if (x1 < x2 && y1 < y2) {
		glTexSubImage2D(GL_TEXTURE_2D, number, x1, y1, x2 - x1, y2 - y1, GL_RGBA,
			GL_UNSIGNED_BYTE, level->pixels + level->stride * y1 + x1);
	}
}

static void set_filters(bool trilinear) {
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER,
		trilinear ? GL_LINEAR_MIPMAP_LINEAR : GL_LINEAR);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
}

/* Binds the texture, with what it needs of its pixels there. */
static bool use_texture(struct painter_gles2 *painter, struct texture *texture, bool trilinear) {
	if (trilinear && !texture_prepare(texture)) {
		return false;
	}
	bool first = !texture->upload;
	struct upload *upload = upload_get(painter, texture);
	glBindTexture(GL_TEXTURE_2D, upload->name);
	set_filters(trilinear);
	int count;
	const pixman_box32_t *boxes = pixman_region32_rectangles(&texture->upload_stale, &count);
	bool small = upload->has_small || trilinear;
	if (small && !texture_prepare(texture)) {
		return false;
	}
	for (int i = 0; i < (small ? texture->level_count : 1); i++) {
		bool whole = i == 0 ? first : !upload->has_small;
		for (int j = 0; j < (whole ? 1 : count); j++) {
			upload_level(&texture->levels[i], i, whole, &boxes[j]);
		}
	}
	upload->has_small = small;
	pixman_region32_clear(&texture->upload_stale);
	return true;
}

static bool set_target(struct painter_gles2 *painter, int width, int height) {
	glBindTexture(GL_TEXTURE_2D, painter->target);
	if (painter->width == width && painter->height == height) {
		return true;
	}
	set_filters(false);
	glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA, width, height, 0, GL_RGBA, GL_UNSIGNED_BYTE, NULL);
	glFramebufferTexture2D(
		GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, painter->target, 0);
	painter->width = width;
	painter->height = height;
	return glCheckFramebufferStatus(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE;
}

static void set_line(GLint place, const struct quad_line *line) {
	glUniform3f(place, (GLfloat)line->a, (GLfloat)line->b, (GLfloat)line->c);
}

static void set_uniforms(struct painter_gles2 *painter, const struct quad *quad,
	const struct quad_view *view, bool trilinear) {
	const struct texture *texture = quad->texture;
	GLfloat edges[QUAD_EDGES * 3];
	for (int i = 0; i < QUAD_EDGES; i++) {
		edges[i * 3] = (GLfloat)view->edges[i].a;
		edges[i * 3 + 1] = (GLfloat)view->edges[i].b;
		edges[i * 3 + 2] = (GLfloat)view->edges[i].c;
	}
	set_line(painter->places.s, &view->s);
	set_line(painter->places.t, &view->t);
	set_line(painter->places.q, &view->q);
	glUniform3fv(painter->places.edges, QUAD_EDGES, edges);
	glUniform3f(painter->places.size, (GLfloat)view->width, (GLfloat)view->height,
		(GLfloat)view->radius);
	glUniform2f(painter->places.texels, (GLfloat)(texture->levels[0].width / quad->width),
		(GLfloat)(texture->levels[0].height / quad->height));
	glUniform4f(painter->places.looks, (GLfloat)fmin(quad->opacity, 1),
		(GLfloat)fmin(fmax(quad->shade, 0), 1),
		trilinear ? (GLfloat)(texture->level_count - 1) : 0, texture->opaque);
}

static void draw_boxes(const struct painter_gles2 *painter, const pixman_region32_t *region) {
	int count;
	const pixman_box32_t *boxes = pixman_region32_rectangles(region, &count);
	GLfloat by_x = 2.0f / painter->width, by_y = 2.0f / painter->height;
	for (int i = 0; i < count; i++) {
		const pixman_box32_t *box = &boxes[i];
		GLfloat x1 = box->x1 * by_x - 1, x2 = box->x2 * by_x - 1;
		GLfloat y1 = box->y1 * by_y - 1, y2 = box->y2 * by_y - 1;
		const GLfloat places[] = {x1, y1, x2, y1, x1, y2, x2, y2};
		glScissor(box->x1, box->y1, box->x2 - box->x1, box->y2 - box->y1);
		glVertexAttribPointer(0, 2, GL_FLOAT, GL_FALSE, 0, places);
		glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
	}
}

static bool draw_quad(
	struct painter_gles2 *painter, const struct quad *quad, const pixman_region32_t *damage) {
	struct wlr_box limits = {0, 0, painter->width, painter->height};
	struct wlr_box box = quad_bounds(quad, &limits);
	struct quad_view view;
	if (box.width == 0 || !quad_view_init(&view, quad)) {
		return true;
	}
	if (!use_texture(painter, quad->texture, quad->trilinear)) {
		return false;
	}
	set_uniforms(painter, quad, &view, quad->trilinear);
	pixman_region32_t region;
	pixman_region32_init(&region);
	pixman_region32_intersect_rect(
		&region, (pixman_region32_t *)damage, box.x, box.y, box.width, box.height);
	draw_boxes(painter, &region);
	pixman_region32_fini(&region);
	return true;
}

static void put_picture(
	const struct painter_picture *picture, const pixman_box32_t *boxes, int count) {
	glPixelStorei(GL_UNPACK_ROW_LENGTH_EXT, (GLint)picture->stride);
	for (int i = 0; i < count; i++) {
		const pixman_box32_t *box = &boxes[i];
		glTexSubImage2D(GL_TEXTURE_2D, 0, box->x1, box->y1, box->x2 - box->x1,
			box->y2 - box->y1, GL_RGBA, GL_UNSIGNED_BYTE,
			picture->pixels + picture->stride * box->y1 + box->x1);
	}
}

static bool get_picture(
	const struct painter_picture *picture, const pixman_box32_t *boxes, int count) {
	for (int i = 0; i < count; i++) {
		const pixman_box32_t *box = &boxes[i];
		size_t width = box->x2 - box->x1, height = box->y2 - box->y1;
		uint32_t *pixels = malloc(width * height * 4);
		if (!pixels) {
			return false;
		}
		glReadPixels(box->x1, box->y1, (GLsizei)width, (GLsizei)height, GL_RGBA,
			GL_UNSIGNED_BYTE, pixels);
		for (size_t y = 0; y < height; y++) {
			memcpy(picture->pixels + picture->stride * (box->y1 + y) + box->x1,
				pixels + width * y, width * 4);
		}
		free(pixels);
	}
	return true;
}

static void set_state(struct painter_gles2 *painter) {
	glBindFramebuffer(GL_FRAMEBUFFER, painter->framebuffer);
	glViewport(0, 0, painter->width, painter->height);
	glUseProgram(painter->program);
	glEnable(GL_SCISSOR_TEST);
	glEnable(GL_BLEND);
	glBlendFunc(GL_ONE, GL_ONE_MINUS_SRC_ALPHA);
	glEnableVertexAttribArray(0);
}

static bool gles2_paint(struct painter *base, const struct painter_picture *picture,
	const struct quad *quads, int count, const pixman_region32_t *damage) {
	struct painter_gles2 *painter = wl_container_of(base, painter, base);
	if (!enter(painter)) {
		return false;
	}
	int box_count;
	const pixman_box32_t *boxes = pixman_region32_rectangles(damage, &box_count);
	glBindFramebuffer(GL_FRAMEBUFFER, painter->framebuffer);
	bool ok = set_target(painter, picture->width, picture->height);
	if (ok) {
		put_picture(picture, boxes, box_count);
		set_state(painter);
		for (int i = 0; i < count; i++) {
			ok = draw_quad(painter, &quads[i], damage) && ok;
		}
		ok = get_picture(picture, boxes, box_count) && glGetError() == GL_NO_ERROR && ok;
	}
	leave(painter);
	return ok;
}

static void gles2_destroy(struct painter *base) {
	struct painter_gles2 *painter = wl_container_of(base, painter, base);
	struct upload *upload, *next;
	wl_list_for_each_safe (upload, next, &painter->uploads, link) {
		upload->texture->upload_destroy(upload->texture);
	}
	if (painter->context != EGL_NO_CONTEXT && enter(painter)) {
		glDeleteProgram(painter->program);
		glDeleteFramebuffers(1, &painter->framebuffer);
		glDeleteTextures(1, &painter->target);
		leave(painter);
	}
	if (painter->context != EGL_NO_CONTEXT) {
		eglDestroyContext(painter->display, painter->context);
	}
	/* The display is not ours alone: wlroots may use the same. */
	free(painter);
}

static const struct painter_impl gles2_impl = {
	.destroy = gles2_destroy,
	.paint = gles2_paint,
};

static GLuint compile(GLenum kind, const char *source) {
	GLuint shader = glCreateShader(kind);
	glShaderSource(shader, 1, &source, NULL);
	glCompileShader(shader);
	GLint ok = GL_FALSE;
	glGetShaderiv(shader, GL_COMPILE_STATUS, &ok);
	if (ok != GL_TRUE) {
		char words[512] = "";
		glGetShaderInfoLog(shader, sizeof(words), NULL, words);
		log_error("a shader doesn't compile: %s", words);
	}
	return shader;
}

static bool link_program(struct painter_gles2 *painter) {
	GLuint vertex = compile(GL_VERTEX_SHADER, shader_quad_vert);
	GLuint fragment = compile(GL_FRAGMENT_SHADER, shader_quad_frag);
	GLuint program = painter->program = glCreateProgram();
	glAttachShader(program, vertex);
	glAttachShader(program, fragment);
	glBindAttribLocation(program, 0, "place");
	glLinkProgram(program);
	glDeleteShader(vertex);
	glDeleteShader(fragment);
	GLint ok = GL_FALSE;
	glGetProgramiv(program, GL_LINK_STATUS, &ok);
	painter->places.s = glGetUniformLocation(program, "s");
	painter->places.t = glGetUniformLocation(program, "t");
	painter->places.q = glGetUniformLocation(program, "q");
	painter->places.edges = glGetUniformLocation(program, "edges");
	painter->places.size = glGetUniformLocation(program, "size");
	painter->places.texels = glGetUniformLocation(program, "texels");
	painter->places.looks = glGetUniformLocation(program, "looks");
	return ok == GL_TRUE;
}

static bool open_context(struct painter_gles2 *painter) {
	static const EGLint wanted[] = {EGL_CONTEXT_CLIENT_VERSION, 3, EGL_NONE};
	painter->display = eglGetPlatformDisplay(
		EGL_PLATFORM_SURFACELESS_MESA, (void *)EGL_DEFAULT_DISPLAY, NULL);
	if (painter->display == EGL_NO_DISPLAY || !eglInitialize(painter->display, NULL, NULL) ||
		!eglBindAPI(EGL_OPENGL_ES_API)) {
		return false;
	}
	painter->context =
		eglCreateContext(painter->display, EGL_NO_CONFIG_KHR, EGL_NO_CONTEXT, wanted);
	return painter->context != EGL_NO_CONTEXT && enter(painter);
}

struct painter *painter_gles2_create(void) {
	struct painter_gles2 *painter = xcalloc(1, sizeof(*painter));
	painter->base.impl = &gles2_impl;
	painter->context = EGL_NO_CONTEXT;
	wl_list_init(&painter->uploads);
	if (!open_context(painter) || !link_program(painter)) {
		gles2_destroy(&painter->base);
		return NULL;
	}
	glGenTextures(1, &painter->target);
	glGenFramebuffers(1, &painter->framebuffer);
	leave(painter);
	return &painter->base;
}
