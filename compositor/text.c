#include "compositor/text.h"

#include <fcft/fcft.h>
#include <pixman.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "compositor/pixel_buffer.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/utf8.h"

#define TEXT_LINE_MAX 256 /* characters */

struct text {
	char *pattern;
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
		fcft_destroy(text->font);
	}
	if (text->started) {
		fcft_fini();
	}
	free(text->pattern);
	free(text);
}

static bool open_font(struct text *text, int height) {
	if (text->broken || (text->font && text->font_height == height)) {
		return !text->broken;
	}
	if (!text->started) {
		text->started = fcft_init(FCFT_LOG_COLORIZE_NEVER, false, FCFT_LOG_CLASS_NONE);
	}
	if (text->font) {
		fcft_destroy(text->font);
	}
	char attributes[32];
	snprintf(attributes, sizeof(attributes), "pixelsize=%d", height * 6 / 10);
	const char *names[] = {text->pattern};
	text->font = text->started ? fcft_from_name(1, names, attributes) : NULL;
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
		fcft_rasterize_char_utf32(text->font, 0x2026, FCFT_SUBPIXEL_NONE);
	int dots_width = dots ? dots->advance.x : 0;
	size_t used = 0, fitting = 0;
	int x = 0, fitting_x = 0;
	for (size_t i = 0; i < count; i++) {
		const struct fcft_glyph *glyph =
			fcft_rasterize_char_utf32(text->font, characters[i], FCFT_SUBPIXEL_NONE);
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
