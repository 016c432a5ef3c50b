/* Lines of text as pictures, by fcft; the font is opened with the first line that is drawn. */
#ifndef COMPOSITOR_TEXT_H
#define COMPOSITOR_TEXT_H

#include <stdint.h>
#include <wlr/types/wlr_buffer.h>

struct text;

struct text *text_create(const char *font); /* a fontconfig pattern; copied */
void text_set_font(struct text *text, const char *font);
void text_destroy(struct text *text); /* NULL is legal */

/* One line of UTF-8, at most `max_width` px wide (cut with an ellipsis), `height` px high in all,
 * on nothing. `color` is 0xRRGGBB. NULL if there is no font or nothing fits. The caller drops it.
 */
struct wlr_buffer *text_render(
	struct text *text, const char *line, int height, int max_width, uint32_t color);

#endif
