#include "input/keymap.h"

#include <linux/input-event-codes.h>
#include <wlr/types/wlr_keyboard.h>

#include "input/seat.h"
#include "util/log.h"

static const struct {
	unsigned int modifier; /* enum combo_modifier */
	uint32_t wlr; /* enum wlr_keyboard_modifier */
	uint32_t key; /* evdev */
	const char *xkb;
} modifiers[] = {
	{COMBO_SHIFT, WLR_MODIFIER_SHIFT, KEY_LEFTSHIFT, XKB_MOD_NAME_SHIFT},
	{COMBO_CTRL, WLR_MODIFIER_CTRL, KEY_LEFTCTRL, XKB_MOD_NAME_CTRL},
	{COMBO_ALT, WLR_MODIFIER_ALT, KEY_LEFTALT, XKB_MOD_NAME_ALT},
	{COMBO_SUPER, WLR_MODIFIER_LOGO, KEY_LEFTMETA, XKB_MOD_NAME_LOGO},
};
#define MODIFIER_COUNT (sizeof(modifiers) / sizeof(modifiers[0]))

struct xkb_keymap *keymap_compile(const struct seat_config *config) {
	struct xkb_context *context = xkb_context_new(XKB_CONTEXT_NO_FLAGS);
	if (!context) {
		log_error("no XKB context: keyboards won't work for Wayland clients");
		return NULL;
	}
	struct xkb_rule_names names = {
		.model = config->xkb_model,
		.layout = config->xkb_layout,
		.variant = config->xkb_variant,
		.options = config->xkb_options,
	};
	struct xkb_keymap *keymap =
		xkb_keymap_new_from_names(context, &names, XKB_KEYMAP_COMPILE_NO_FLAGS);
	if (!keymap) {
		log_error("no XKB layout \"%s\": the default is used",
			config->xkb_layout ? config->xkb_layout : "");
		names = (struct xkb_rule_names){.layout = "us"};
		keymap = xkb_keymap_new_from_names(context, &names, XKB_KEYMAP_COMPILE_NO_FLAGS);
	}
	if (!keymap) {
		log_error("no XKB keymap: keyboards won't work for Wayland clients");
	}
	xkb_context_unref(context);
	return keymap;
}

unsigned int keymap_modifiers(const struct wlr_keyboard *keyboard) {
	uint32_t wlr = wlr_keyboard_get_modifiers((struct wlr_keyboard *)keyboard);
	unsigned int combo = 0;
	for (size_t i = 0; i < MODIFIER_COUNT; i++) {
		combo |= (wlr & modifiers[i].wlr) ? modifiers[i].modifier : 0;
	}
	return combo;
}

unsigned int keymap_key_modifier(struct xkb_keymap *keymap, uint32_t evdev) {
	const xkb_keysym_t *syms;
	if (xkb_keymap_key_get_syms_by_level(keymap, evdev + 8, 0, 0, &syms) != 1) {
		return 0;
	}
	switch (syms[0]) {
	case XKB_KEY_Shift_L:
	case XKB_KEY_Shift_R:
		return COMBO_SHIFT;
	case XKB_KEY_Control_L:
	case XKB_KEY_Control_R:
		return COMBO_CTRL;
	case XKB_KEY_Alt_L:
	case XKB_KEY_Alt_R:
		return COMBO_ALT;
	case XKB_KEY_Super_L:
	case XKB_KEY_Super_R:
		return COMBO_SUPER;
	default:
		return 0;
	}
}

static const struct binding *find_at_level(const struct binding_list *bindings,
	struct xkb_keymap *keymap, xkb_keycode_t code, xkb_layout_index_t layout,
	xkb_level_index_t level, unsigned int held) {
	const xkb_keysym_t *syms;
	int count = xkb_keymap_key_get_syms_by_level(keymap, code, layout, level, &syms);
	for (int i = 0; i < count; i++) {
		xkb_keysym_t sym = xkb_keysym_to_lower(syms[i]);
		if (level > 0 && (sym < XKB_KEY_0 || sym > XKB_KEY_9)) {
			continue;
		}
		const struct binding *binding = binding_list_find(bindings, held, sym, 0);
		if (binding) {
			return binding;
		}
	}
	return NULL;
}

const struct binding *keymap_find_binding(const struct wlr_keyboard *keyboard, uint32_t evdev,
	const struct binding_list *bindings, unsigned int held) {
	xkb_keycode_t code = evdev + 8;
	xkb_layout_index_t active = keyboard->modifiers.group;
	xkb_layout_index_t count = xkb_keymap_num_layouts_for_key(keyboard->keymap, code);
	for (xkb_layout_index_t i = 0; i <= count; i++) {
		/* The active one first, then all in their order. */
		xkb_layout_index_t layout = i == 0 ? active : i - 1;
		for (xkb_level_index_t level = 0; layout < count && level < 2; level++) {
			const struct binding *binding = find_at_level(
				bindings, keyboard->keymap, code, layout, level, held);
			if (binding) {
				return binding;
			}
		}
	}
	return NULL;
}

static uint32_t find_key(struct xkb_keymap *keymap, xkb_keysym_t wanted) {
	xkb_keycode_t max = xkb_keymap_max_keycode(keymap);
	for (xkb_keycode_t code = xkb_keymap_min_keycode(keymap); code <= max; code++) {
		const xkb_keysym_t *syms;
		int count = xkb_keymap_key_get_syms_by_level(keymap, code, 0, 0, &syms);
		if (count == 1 && xkb_keysym_to_lower(syms[0]) == wanted && code >= 8 &&
			code - 8 < KEY_CNT) {
			return code - 8;
		}
	}
	return 0;
}

bool keymap_find_stroke(
	struct xkb_keymap *keymap, const struct combo *combo, struct keymap_stroke *stroke) {
	*stroke = (struct keymap_stroke){0};
	uint32_t key = keymap ? find_key(keymap, combo->keysym) : 0;
	if (key == 0) {
		return false;
	}
	for (size_t i = 0; i < MODIFIER_COUNT; i++) {
		if (combo->modifiers & modifiers[i].modifier) {
			xkb_mod_index_t index = xkb_keymap_mod_get_index(keymap, modifiers[i].xkb);
			stroke->mask |= index < 32 ? 1u << index : 0;
			stroke->keys[stroke->count++] = modifiers[i].key;
		}
	}
	stroke->keys[stroke->count++] = key;
	return true;
}
