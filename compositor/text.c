#include "compositor/text.h"

#include <dlfcn.h>
#include <fcft/fcft.h>
#include <pixman.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compositor/pixel_buffer.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/utf8.h"

#define TEXT_LINE_MAX 256 /* characters */

/* fcft brings a dozen libraries (fontconfig, freetype, harfbuzz ...), a third of what the loader
 * has to do for us, so it is opened when there is a name to draw. */
#define FCFT_LIBRARY "libfcft.so.4" /* of fcft 3 */

struct fcft {
	__typeof__(fcft_init) *init;
	__typeof__(fcft_fini) *fini;
	__typeof__(fcft_from_name) *from_name;
	__typeof__(fcft_destroy) *destroy;
	__typeof__(fcft_rasterize_char_utf32) *rasterize;
};

struct text {
	char *pattern;
	struct fcft fcft; /* set while `started` */
	struct fcft_font *font; /* for font_height; NULL until first used */
	int font_height; /* px */
	bool started, broken;
};

struct text *text_create(const char *font) {
	struct text *text = xcalloc(1, sizeof(*text));
	text->pattern = xstrdup(font);
	return text;
}

void text_destroy(struct text *text) {
	if (!text) {
		return;
	}
	if (text->font) {
		text->fcft.destroy(text->font);
	}
	if (text->started) {
		text->fcft.fini();
	}
	free(text->pattern);
	free(text);
}

void text_set_font(struct text *text, const char *font) {
	if (strcmp(font, text->pattern) == 0) {
		return;
	}
	free(text->pattern);
	text->pattern = xstrdup(font);
	if (text->font) {
		text->fcft.destroy(text->font);
		text->font = NULL;
	}
	text->broken = false;
}

static bool load_function(void *library, const char *name, void *function) {
	void *address = dlsym(library, name);
	memcpy(function, &address, sizeof(address));
	return address;
}

/* Stays loaded for good, as if it were linked. */
static bool load_fcft(struct fcft *fcft) {
	void *library = dlopen(FCFT_LIBRARY, RTLD_LAZY | RTLD_LOCAL);
	if (!library) {
		log_error("%s", dlerror());
		return false;
	}
	return load_function(library, "fcft_init", &fcft->init) &&
		load_function(library, "fcft_fini", &fcft->fini) &&
		load_function(library, "fcft_from_name", &fcft->from_name) &&
		load_function(library, "fcft_destroy", &fcft->destroy) &&
		load_function(library, "fcft_rasterize_char_utf32", &fcft->rasterize);
}

static bool open_font(struct text *text, int height) {
	if (text->broken || (text->font && text->font_height == height)) {
		return !text->broken;
	}
	if (!text->started) {
		text->started = load_fcft(&text->fcft) &&
			text->fcft.init(FCFT_LOG_COLORIZE_NEVER, false, FCFT_LOG_CLASS_NONE);
	}
	if (text->font) {
		text->fcft.destroy(text->font);
	}
	char attributes[32];
	snprintf(attributes, sizeof(attributes), "pixelsize=%d", height * 6 / 10);
	const char *names[] = {text->pattern};
	text->font = text->started ? text->fcft.from_name(1, names, attributes) : NULL;
	text->font_height = height;
	text->broken = !text->font;
	if (text->broken) {
		log_error("no font for '%s': frames have no names", text->pattern);
	}
	return text->font;
}

/* Fills `glyphs` with what fits; *width is their extent in px. */
static size_t choose_glyphs(struct text *text, const uint32_t *characters, size_t count,
	int max_width, const struct fcft_glyph **glyphs, int *width) {
	const struct fcft_glyph *dots =
		text->fcft.rasterize(text->font, 0x2026, FCFT_SUBPIXEL_NONE);
	int dots_width = dots ? dots->advance.x : 0;
	size_t used = 0, fitting = 0;
	int x = 0, fitting_x = 0;
	for (size_t i = 0; i < count; i++) {
		const struct fcft_glyph *glyph =
			text->fcft.rasterize(text->font, characters[i], FCFT_SUBPIXEL_NONE);
		if (!glyph) {
			continue;
		}
		if (x + glyph->advance.x > max_width) {
			if (dots && fitting_x + dots_width <= max_width) {
				glyphs[fitting++] = dots;
				fitting_x += dots_width;
			}
			*width = fitting_x;
			return fitting;
		}
		glyphs[used++] = glyph;
		x += glyph->advance.x;
		if (x + dots_width <= max_width) {
			fitting = used;
			fitting_x = x;
		}
	}
	*width = x;
	return used;
}

static void draw_glyph(pixman_image_t *image, pixman_image_t *ink, const struct fcft_glyph *glyph,
	int x, int baseline) {
	int left = x + glyph->x, top = baseline - glyph->y;
	if (pixman_image_get_format(glyph->pix) == PIXMAN_a8r8g8b8) { /* an emoji, in colour */
		pixman_image_composite32(PIXMAN_OP_OVER, glyph->pix, NULL, image, 0, 0, 0, 0, left,
			top, glyph->width, glyph->height);
	} else {
		pixman_image_composite32(PIXMAN_OP_OVER, ink, glyph->pix, image, 0, 0, 0, 0, left,
			top, glyph->width, glyph->height);
	}
}

struct wlr_buffer *text_render(
	struct text *text, const char *line, int height, int max_width, uint32_t color) {
	uint32_t characters[TEXT_LINE_MAX];
	size_t count = utf8_decode(line, characters, TEXT_LINE_MAX);
	if (count == 0 || height < 6 || !open_font(text, height)) {
		return NULL;
	}
	const struct fcft_glyph *glyphs[TEXT_LINE_MAX + 1];
	int width;
	size_t used = choose_glyphs(text, characters, count, max_width, glyphs, &width);
	pixman_image_t *image;
	struct wlr_buffer *buffer = used ? pixel_buffer_create(width, height, &image) : NULL;
	if (!buffer) {
		return NULL;
	}
	pixman_color_t ink_color = {.red = (color >> 16 & 0xff) * 0x101,
		.green = (color >> 8 & 0xff) * 0x101,
		.blue = (color & 0xff) * 0x101,
		.alpha = 0xffff};
	pixman_image_t *ink = pixman_image_create_solid_fill(&ink_color);
	int line_height = text->font->ascent + text->font->descent;
	int baseline = (height - line_height) / 2 + text->font->ascent;
	for (size_t i = 0, x = 0; i < used; i++) {
		draw_glyph(image, ink, glyphs[i], x, baseline);
		x += glyphs[i]->advance.x;
	}
	pixman_image_unref(ink);
	return buffer;
}
