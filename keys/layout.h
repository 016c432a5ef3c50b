/* A keyboard layout: which keys to press for a keysym or a character, by an XKB layout. */
#ifndef KEYS_LAYOUT_H
#define KEYS_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct layout;

/* "us", "de", "de(nodeadkeys)"; NULL after a log line if XKB has no such layout. */
struct layout *layout_create(const char *name);
/* The same in two steps: the text, the caller's, holds all that is in XKB's files. */
char *layout_compile(const char *name);
struct layout *layout_create_from_text(const char *text); /* opens no file; NULL if it is wrong */
void layout_destroy(struct layout *layout); /* NULL is legal */

#define LAYOUT_MODIFIERS_MAX 4
struct layout_keys { /* evdev codes: hold the modifiers in order, press the key */
	uint32_t modifiers[LAYOUT_MODIFIERS_MAX];
	unsigned int modifier_count;
	uint32_t key;
};

/* The keys that give this keysym (xkbcommon-keysyms.h); false if the layout can't. */
bool layout_find_keysym(struct layout *layout, uint32_t keysym, struct layout_keys *keys);
/* Likewise for a Unicode code point; '\n' is Return, '\t' Tab. A character that needs a dead key
 * takes two strokes: up to two entries are filled; returns their number, 0 if the layout can't. */
size_t layout_find_character(
	struct layout *layout, uint32_t code_point, struct layout_keys keys[2]);

#endif
