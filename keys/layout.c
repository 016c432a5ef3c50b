#include "keys/layout.h"

#include <linux/input-event-codes.h>
#include <stdlib.h>
#include <string.h>
#include <xkbcommon/xkbcommon.h>

#include "keys/dead_keys.h"
#include "keys/qnum.h"
#include "util/log.h"
#include "util/mem.h"

#define EVDEV_OFFSET 8 /* an XKB key code is the evdev code plus this */
#define LAYOUT_NAME_MAX 128
#define LEVEL_MASKS_MAX 16
#define MODIFIER_BITS 32

struct layout_entry {
	uint32_t keysym;
	unsigned int cost; /* of several ways the cheapest is taken */
	struct layout_keys keys;
};

struct layout {
	struct xkb_keymap *keymap;
	uint32_t modifier_keys[MODIFIER_BITS]; /* evdev; 0: no key holds this modifier */
	xkb_mod_mask_t locks; /* Lock and NumLock: can't be held */
	xkb_mod_mask_t num_lock;
	struct layout_entry *entries; /* by keysym, then cost */
	size_t entry_count, entry_capacity;
};

/* Splits "de(nodeadkeys)". */
static bool split_name(char text[LAYOUT_NAME_MAX], struct xkb_rule_names *names) {
	names->layout = text;
	char *open = strchr(text, '(');
	if (!open) {
		return text[0] != '\0';
	}
	char *close = strchr(open, ')');
	if (open == text || !close || close[1] != '\0') {
		return false;
	}
	*open = '\0';
	*close = '\0';
	names->variant = open + 1;
	return true;
}

static struct xkb_keymap *compile_keymap(const char *name) {
	char text[LAYOUT_NAME_MAX];
	if (strlen(name) >= sizeof(text)) {
		return NULL;
	}
	memcpy(text, name, strlen(name) + 1);
	struct xkb_rule_names names = {
		.rules = "evdev", .model = "pc105", .variant = "", .options = ""};
	if (!split_name(text, &names)) {
		return NULL;
	}
	struct xkb_context *context = xkb_context_new(XKB_CONTEXT_NO_ENVIRONMENT_NAMES);
	if (!context) {
		return NULL;
	}
	xkb_context_set_log_level(context, XKB_LOG_LEVEL_CRITICAL);
	struct xkb_keymap *keymap =
		xkb_keymap_new_from_names(context, &names, XKB_KEYMAP_COMPILE_NO_FLAGS);
	xkb_context_unref(context);
	return keymap;
}

static xkb_mod_mask_t modifier_mask(struct xkb_keymap *keymap, const char *name) {
	xkb_mod_index_t index = xkb_keymap_mod_get_index(keymap, name);
	return index < MODIFIER_BITS ? (xkb_mod_mask_t)1 << index : 0;
}

/* The modifiers that hold while this key is down; 0 if it locks or latches any. */
static xkb_mod_mask_t held_by_key(struct xkb_keymap *keymap, uint32_t evdev) {
	struct xkb_state *state = xkb_state_new(keymap);
	if (!state) {
		return 0;
	}
	xkb_state_update_key(state, evdev + EVDEV_OFFSET, XKB_KEY_DOWN);
	xkb_mod_mask_t held = xkb_state_serialize_mods(state, XKB_STATE_MODS_DEPRESSED);
	xkb_state_update_key(state, evdev + EVDEV_OFFSET, XKB_KEY_UP);
	bool stays = xkb_state_serialize_mods(state, XKB_STATE_MODS_EFFECTIVE) != 0;
	xkb_state_unref(state);
	return stays ? 0 : held;
}

static void find_modifier_keys(struct layout *layout) {
	/* The first that holds a modifier is taken: those that every keyboard has come first. */
	static const uint32_t keys[] = {KEY_LEFTSHIFT, KEY_LEFTCTRL, KEY_LEFTALT, KEY_LEFTMETA,
		KEY_RIGHTALT, KEY_CAPSLOCK, KEY_102ND, KEY_BACKSLASH, KEY_RIGHTCTRL, KEY_RIGHTSHIFT,
		KEY_RIGHTMETA, KEY_COMPOSE};
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		xkb_mod_mask_t held = held_by_key(layout->keymap, keys[i]);
		for (int bit = 0; bit < MODIFIER_BITS; bit++) {
			if (held == (xkb_mod_mask_t)1 << bit && layout->modifier_keys[bit] == 0) {
				layout->modifier_keys[bit] = keys[i];
			}
		}
	}
	layout->num_lock = modifier_mask(layout->keymap, XKB_MOD_NAME_NUM);
	layout->locks = layout->num_lock | modifier_mask(layout->keymap, XKB_MOD_NAME_CAPS);
}

static bool is_keypad_keysym(uint32_t keysym) {
	return keysym >= XKB_KEY_KP_Space && keysym <= XKB_KEY_KP_Equal;
}

/* Keys of the main block are on every keyboard and in every firmware's table; the others are taken
 * for what only they give. */
static unsigned int key_cost(uint32_t evdev) {
	if (evdev == KEY_102ND || evdev == KEY_RO || evdev == KEY_YEN) {
		return 8;
	}
	return evdev < KEY_F1 && evdev != KEY_KPASTERISK ? 0 : 16;
}

static bool fill_modifiers(
	const struct layout *layout, xkb_mod_mask_t mask, struct layout_keys *keys) {
	for (int bit = 0; bit < MODIFIER_BITS; bit++) {
		if (!(mask & (xkb_mod_mask_t)1 << bit)) {
			continue;
		}
		if (layout->modifier_keys[bit] == 0 ||
			keys->modifier_count == LAYOUT_MODIFIERS_MAX) {
			return false;
		}
		keys->modifiers[keys->modifier_count++] = layout->modifier_keys[bit];
	}
	return true;
}

static void add_entry(struct layout *layout, const struct layout_entry *entry) {
	if (layout->entry_count == layout->entry_capacity) {
		layout->entry_capacity = layout->entry_capacity ? layout->entry_capacity * 2 : 256;
		layout->entries = xreallocarray(
			layout->entries, layout->entry_capacity, sizeof(*layout->entries));
	}
	layout->entries[layout->entry_count++] = *entry;
}

/* One way to a keysym: this key with these modifiers held. */
static void add_way(struct layout *layout, uint32_t evdev, uint32_t keysym, xkb_mod_mask_t mask) {
	struct layout_entry entry = {
		.keysym = keysym, .cost = key_cost(evdev), .keys = {.key = evdev}};
	if (is_keypad_keysym(keysym) && (mask & layout->num_lock)) {
		/* The keypad's digits: whether they come is up to the other side's NumLock. */
		mask &= ~layout->num_lock;
		entry.cost += LAYOUT_MODIFIERS_MAX;
	}
	if ((mask & layout->locks) || !fill_modifiers(layout, mask, &entry.keys)) {
		return;
	}
	entry.cost += entry.keys.modifier_count;
	add_entry(layout, &entry);
}

static void add_level(
	struct layout *layout, uint32_t evdev, xkb_level_index_t level, bool with_modifiers) {
	xkb_keycode_t code = evdev + EVDEV_OFFSET;
	const xkb_keysym_t *syms;
	if (xkb_keymap_key_get_syms_by_level(layout->keymap, code, 0, level, &syms) != 1) {
		return;
	}
	xkb_mod_mask_t masks[LEVEL_MASKS_MAX];
	size_t count = xkb_keymap_key_get_mods_for_level(
		layout->keymap, code, 0, level, masks, LEVEL_MASKS_MAX);
	for (size_t i = 0; i < count; i++) {
		if (with_modifiers || masks[i] == 0) {
			add_way(layout, evdev, syms[0], masks[i]);
		}
	}
}

static void add_key(struct xkb_keymap *keymap, xkb_keycode_t code, void *data) {
	struct layout *layout = data;
	if (code < EVDEV_OFFSET || qnum_from_evdev(code - EVDEV_OFFSET) == 0) {
		return; /* nothing on the way to a guest could carry it */
	}
	uint32_t evdev = code - EVDEV_OFFSET;
	/* A modifier's other levels ("Meta_L" on shift+alt) change what is held. */
	bool with_modifiers = held_by_key(keymap, evdev) == 0;
	xkb_level_index_t levels = xkb_keymap_num_levels_for_key(keymap, code, 0);
	for (xkb_level_index_t level = 0; level < levels; level++) {
		add_level(layout, evdev, level, with_modifiers);
	}
}

static int compare_entries(const void *a, const void *b) {
	const struct layout_entry *x = a, *y = b;
	if (x->keysym != y->keysym) {
		return x->keysym < y->keysym ? -1 : 1;
	}
	if (x->cost != y->cost) {
		return x->cost < y->cost ? -1 : 1;
	}
	return x->keys.key < y->keys.key ? -1 : x->keys.key > y->keys.key;
}

/* Takes it. */
static struct layout *create(struct xkb_keymap *keymap) {
	struct layout *layout = xcalloc(1, sizeof(*layout));
	layout->keymap = keymap;
	find_modifier_keys(layout);
	xkb_keymap_key_for_each(keymap, add_key, layout);
	if (layout->entry_count > 0) {
		qsort(layout->entries, layout->entry_count, sizeof(*layout->entries),
			compare_entries);
	}
	return layout;
}

static struct xkb_keymap *find_keymap(const char *name) {
	struct xkb_keymap *keymap = compile_keymap(name);
	if (!keymap) {
		log_error("there is no keyboard layout \"%s\"", name);
	}
	return keymap;
}

struct layout *layout_create(const char *name) {
	struct xkb_keymap *keymap = find_keymap(name);
	return keymap ? create(keymap) : NULL;
}

char *layout_compile(const char *name) {
	struct xkb_keymap *keymap = find_keymap(name);
	char *text = keymap ? xkb_keymap_get_as_string(keymap, XKB_KEYMAP_FORMAT_TEXT_V1) : NULL;
	xkb_keymap_unref(keymap);
	return text;
}

struct layout *layout_create_from_text(const char *text) {
	struct xkb_context *context =
		xkb_context_new(XKB_CONTEXT_NO_DEFAULT_INCLUDES | XKB_CONTEXT_NO_ENVIRONMENT_NAMES);
	if (!context) {
		return NULL;
	}
	xkb_context_set_log_level(context, XKB_LOG_LEVEL_CRITICAL);
	struct xkb_keymap *keymap = xkb_keymap_new_from_string(
		context, text, XKB_KEYMAP_FORMAT_TEXT_V1, XKB_KEYMAP_COMPILE_NO_FLAGS);
	xkb_context_unref(context);
	return keymap ? create(keymap) : NULL;
}

void layout_destroy(struct layout *layout) {
	if (!layout) {
		return;
	}
	xkb_keymap_unref(layout->keymap);
	free(layout->entries);
	free(layout);
}

bool layout_find_keysym(struct layout *layout, uint32_t keysym, struct layout_keys *keys) {
	size_t low = 0, high = layout->entry_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (layout->entries[middle].keysym < keysym) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	if (keysym == XKB_KEY_NoSymbol || low == layout->entry_count ||
		layout->entries[low].keysym != keysym) {
		return false;
	}
	*keys = layout->entries[low].keys;
	return true;
}

/* Any keysym with this meaning: layouts use old names ("Cyrillic_a") and U+ numbers alike. */
static bool find_by_meaning(struct layout *layout, uint32_t code_point, struct layout_keys *keys) {
	for (size_t i = 0; i < layout->entry_count; i++) {
		uint32_t keysym = layout->entries[i].keysym;
		if (!is_keypad_keysym(keysym) && xkb_keysym_to_utf32(keysym) == code_point) {
			*keys = layout->entries[i].keys;
			return true;
		}
	}
	return false;
}

static bool find_directly(struct layout *layout, uint32_t code_point, struct layout_keys *keys) {
	if (code_point == '\n' || code_point == '\r') {
		return layout_find_keysym(layout, XKB_KEY_Return, keys);
	}
	return layout_find_keysym(layout, xkb_utf32_to_keysym(code_point), keys) ||
		find_by_meaning(layout, code_point, keys);
}

size_t layout_find_character(
	struct layout *layout, uint32_t code_point, struct layout_keys keys[2]) {
	if (code_point == 0 || code_point > 0x10ffff) {
		return 0;
	}
	if (find_directly(layout, code_point, &keys[0])) {
		return 1;
	}
	struct dead_key way;
	for (unsigned int i = 0; dead_key_find(code_point, i, &way); i++) {
		if (layout_find_keysym(layout, way.dead_keysym, &keys[0]) &&
			find_directly(layout, way.base, &keys[1])) {
			return 2;
		}
	}
	return 0;
}
