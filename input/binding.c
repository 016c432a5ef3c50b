#include "input/binding.h"

#include <stdlib.h>
#include <string.h>
#include <xkbcommon/xkbcommon.h>

#include "util/mem.h"

struct action_name {
	const char *name;
	enum binding_action action;
	enum { ARGUMENT_NONE, ARGUMENT_NEEDED } argument;
};

static const struct action_name action_names[] = {
	{"focus", BINDING_FOCUS, ARGUMENT_NEEDED},
	{"next", BINDING_NEXT, ARGUMENT_NONE},
	{"previous", BINDING_PREVIOUS, ARGUMENT_NONE},
	{"layout", BINDING_LAYOUT, ARGUMENT_NEEDED},
	{"focus-output", BINDING_FOCUS_OUTPUT, ARGUMENT_NEEDED},
	{"move-to-output", BINDING_MOVE_TO_OUTPUT, ARGUMENT_NEEDED},
	{"close", BINDING_CLOSE, ARGUMENT_NONE},
	{"leave", BINDING_LEAVE, ARGUMENT_NONE},
	{"opacity", BINDING_OPACITY, ARGUMENT_NEEDED},
	{"exec", BINDING_EXEC, ARGUMENT_NEEDED},
	{"release-pointer", BINDING_RELEASE_POINTER, ARGUMENT_NONE},
	{"send-keys", BINDING_SEND_KEYS, ARGUMENT_NEEDED},
	{"reload", BINDING_RELOAD, ARGUMENT_NONE},
	{"copy", BINDING_COPY, ARGUMENT_NONE},
	{"paste", BINDING_PASTE, ARGUMENT_NONE},
	{"none", BINDING_NONE, ARGUMENT_NONE},
};

static const struct {
	const char *combo, *action;
} defaults[] = {
	{"mod+1", "focus 1"},
	{"mod+2", "focus 2"},
	{"mod+3", "focus 3"},
	{"mod+4", "focus 4"},
	{"mod+5", "focus 5"},
	{"mod+6", "focus 6"},
	{"mod+7", "focus 7"},
	{"mod+8", "focus 8"},
	{"mod+9", "focus 9"},
	{"mod+Tab", "next"},
	{"mod+shift+Tab", "previous"},
	{"mod+f", "layout toggle-single"},
	{"mod+g", "layout grid"},
	{"mod+q", "close"},
	{"mod+o", "focus-output next"},
	{"mod+shift+o", "move-to-output next"},
	{"mod+shift+c", "copy"},
	{"mod+shift+v", "paste"},
	{"mod+shift+e", "leave"},
	{"mod+wheelup", "opacity +0.05"},
	{"mod+wheeldown", "opacity -0.05"},
	{"mod+Escape", "release-pointer"},
};

void binding_list_init(struct binding_list *list) {
	TAILQ_INIT(list);
}

static void binding_destroy(struct binding_list *list, struct binding *binding) {
	TAILQ_REMOVE(list, binding, link);
	free(binding->argument);
	free(binding);
}

void binding_list_finish(struct binding_list *list) {
	while (!TAILQ_EMPTY(list)) {
		binding_destroy(list, TAILQ_FIRST(list));
	}
}

void binding_list_add_defaults(struct binding_list *list, unsigned int mod) {
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
		const char *error;
		binding_list_set(list, defaults[i].combo, defaults[i].action, mod, &error);
	}
}

static bool check_focus(const char *argument, const char **error) {
	*error = "focus needs a number from 1 to 9";
	return argument[0] >= '1' && argument[0] <= '9' && argument[1] == '\0';
}

static bool check_layout(const char *argument, const char **error) {
	static const char *const names[] = {"grid", "single", "free", "toggle-single"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(argument, names[i]) == 0) {
			return true;
		}
	}
	*error = "layout needs grid, single, free or toggle-single";
	return false;
}

static bool check_opacity(const char *argument, const char **error) {
	*error = "opacity needs a value from 0 to 1, or a step such as +0.05";
	char *end;
	double value = strtod(argument, &end);
	return end != argument && *end == '\0' && value >= -1.0 && value <= 1.0;
}

static bool check_argument(enum binding_action action, const char *argument, const char **error) {
	struct combo combo;
	switch (action) {
	case BINDING_FOCUS:
		return check_focus(argument, error);
	case BINDING_LAYOUT:
		return check_layout(argument, error);
	case BINDING_OPACITY:
		return check_opacity(argument, error);
	case BINDING_SEND_KEYS:
		if (!combo_parse(argument, 0, &combo, error)) {
			return false;
		}
		*error = "send-keys needs a key";
		return combo.keysym != XKB_KEY_NoSymbol;
	default:
		return true;
	}
}

/* Splits "action argument"; *argument is within `text`, NULL if there is none. */
static bool parse_action(
	const char *text, enum binding_action *action, const char **argument, const char **error) {
	text += strspn(text, " \t");
	size_t len = strcspn(text, " \t");
	const char *rest = text + len + strspn(text + len, " \t");
	*argument = *rest == '\0' ? NULL : rest;
	for (size_t i = 0; i < sizeof(action_names) / sizeof(action_names[0]); i++) {
		const struct action_name *name = &action_names[i];
		if (strlen(name->name) != len || strncmp(name->name, text, len) != 0) {
			continue;
		}
		if (name->argument == ARGUMENT_NEEDED && !*argument) {
			*error = "the action needs an argument";
			return false;
		}
		if (name->argument == ARGUMENT_NONE && *argument) {
			*error = "the action takes no argument";
			return false;
		}
		*action = name->action;
		return name->argument == ARGUMENT_NONE ||
			check_argument(name->action, *argument, error);
	}
	*error = "no such action";
	return false;
}

static struct binding *find(
	const struct binding_list *list, unsigned int modifiers, uint32_t keysym, int wheel) {
	struct binding *binding;
	TAILQ_FOREACH (binding, list, link) {
		if (binding->combo.modifiers == modifiers && binding->combo.keysym == keysym &&
			binding->combo.wheel == wheel) {
			return binding;
		}
	}
	return NULL;
}

bool binding_list_set(struct binding_list *list, const char *combo_text, const char *action_text,
	unsigned int mod, const char **error) {
	struct combo combo;
	enum binding_action action = BINDING_NONE;
	const char *argument = NULL;
	if (!combo_parse(combo_text, mod, &combo, error)) {
		return false;
	}
	if (combo.keysym == XKB_KEY_NoSymbol && combo.wheel == 0) {
		*error = "a binding needs a key or a wheel beside its modifiers";
		return false;
	}
	if (combo.wheel != 0 && combo.modifiers == 0) {
		*error = "a wheel binding needs a modifier";
		return false;
	}
	if (!parse_action(action_text, &action, &argument, error)) {
		return false;
	}
	struct binding *old = find(list, combo.modifiers, combo.keysym, combo.wheel);
	if (old) {
		binding_destroy(list, old);
	}
	if (action == BINDING_NONE) {
		return true;
	}
	struct binding *binding = xcalloc(1, sizeof(*binding));
	binding->combo = combo;
	binding->action = action;
	binding->argument = argument ? xstrdup(argument) : NULL;
	TAILQ_INSERT_TAIL(list, binding, link);
	return true;
}

const struct binding *binding_list_find(
	const struct binding_list *list, unsigned int modifiers, uint32_t keysym, int wheel) {
	return find(list, modifiers, keysym, wheel);
}
