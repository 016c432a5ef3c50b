#include "keys/combo.h"

#include <string.h>
#include <strings.h>
#include <xkbcommon/xkbcommon.h>

#define COMBO_PART_MAX 64 /* bytes, of a modifier's or a key's name */

struct combo_name {
	const char *name;
	uint32_t value;
};

static const struct combo_name modifier_names[] = {
	{"shift", COMBO_SHIFT},
	{"ctrl", COMBO_CTRL},
	{"control", COMBO_CTRL},
	{"alt", COMBO_ALT},
	{"mod1", COMBO_ALT},
	{"super", COMBO_SUPER},
	{"logo", COMBO_SUPER},
	{"mod4", COMBO_SUPER},
	{"win", COMBO_SUPER},
};

/* What keys are called on keyboards, where XKB has another word. */
static const struct combo_name key_names[] = {
	{"enter", XKB_KEY_Return},
	{"esc", XKB_KEY_Escape},
	{"del", XKB_KEY_Delete},
	{"ins", XKB_KEY_Insert},
	{"pageup", XKB_KEY_Page_Up},
	{"pgup", XKB_KEY_Page_Up},
	{"pagedown", XKB_KEY_Page_Down},
	{"pgdn", XKB_KEY_Page_Down},
	{"printscreen", XKB_KEY_Print},
	{"sysrq", XKB_KEY_Sys_Req},
};

static uint32_t find_name(const struct combo_name *names, size_t count, const char *name) {
	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(names[i].name, name) == 0) {
			return names[i].value;
		}
	}
	return 0;
}
#define FIND_NAME(table, name) find_name(table, sizeof(table) / sizeof(table[0]), name)

static uint32_t find_keysym(const char *name) {
	uint32_t keysym = FIND_NAME(key_names, name);
	if (keysym == 0) {
		keysym = xkb_keysym_from_name(name, XKB_KEYSYM_CASE_INSENSITIVE);
	}
	/* "/" and the like: characters that are no names. */
	if (keysym == XKB_KEY_NoSymbol && name[1] == '\0' && name[0] > ' ' && name[0] < 0x7f) {
		keysym = (uint32_t)name[0];
	}
	return xkb_keysym_to_lower(keysym);
}

/* Copies the part before the next '+' and returns what follows it, NULL at the end. A '+' that
 * begins a part is the key itself. False if the part is too long. */
static bool take_part(const char **rest, char part[COMBO_PART_MAX]) {
	const char *text = *rest;
	const char *plus = text[0] == '\0' ? NULL : strchr(text + 1, '+');
	size_t len = plus ? (size_t)(plus - text) : strlen(text);
	if (len >= COMBO_PART_MAX) {
		return false;
	}
	memcpy(part, text, len);
	part[len] = '\0';
	*rest = plus ? plus + 1 : NULL;
	return true;
}

static bool apply_key(struct combo *combo, const char *part, const char **error) {
	if (strcasecmp(part, "wheelup") == 0) {
		combo->wheel = 1;
	} else if (strcasecmp(part, "wheeldown") == 0) {
		combo->wheel = -1;
	} else {
		combo->keysym = find_keysym(part);
	}
	if (combo->wheel == 0 && combo->keysym == XKB_KEY_NoSymbol) {
		*error = part[0] == '\0' ? "a key is missing" : "no such key";
		return false;
	}
	return true;
}

bool combo_parse(const char *text, unsigned int mod, struct combo *combo, const char **error) {
	*combo = (struct combo){0};
	char part[COMBO_PART_MAX];
	for (const char *rest = text; rest;) {
		if (!take_part(&rest, part)) {
			*error = "no such key";
			return false;
		}
		unsigned int modifier =
			strcasecmp(part, "mod") == 0 ? mod : FIND_NAME(modifier_names, part);
		if (modifier != 0) {
			combo->modifiers |= modifier;
		} else if (rest) {
			*error = "no such modifier";
			return false;
		} else if (!apply_key(combo, part, error)) {
			return false;
		}
	}
	return true;
}
