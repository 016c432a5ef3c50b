#include "compositor/config.h"

#include <errno.h>
#include <ini.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compositor/remote_config.h"
#include "util/mem.h"
#include "vm-display/frame.h"

struct parser {
	struct config *config;
	const char *path;
	FILE *errors;
	int line, mistakes;
};

struct control_output_change config_no_output_change(void) {
	return (struct control_output_change){
		.enabled = -1,
		.width = -1,
		.height = -1,
		.refresh = -1,
		.scale = -1,
		.x = INT_MIN,
		.y = INT_MIN,
	};
}

struct config *config_create_default(void) {
	struct config *config = xcalloc(1, sizeof(*config));
	config->modifier = COMBO_SUPER;
	config->layout = LAYOUT_GRID;
	config->repeat_rate = 25;
	config->repeat_delay = 600;
	config->cursor_size = 24;
	config->font = xstrdup("DejaVu Sans:bold");
	config->border = 3;
	config->title_height = 24;
	config->gap = 8;
	config->background = 0x1d2330;
	config->window_label = 0x6c7a96;
	config->xwayland = true;
	binding_list_init(&config->bindings);
	device_rules_init(&config->devices);
	wl_list_init(&config->outputs);
	wl_list_init(&config->remotes);
	return config;
}

static void mistake(struct parser *parser, const char *key, const char *value, const char *text) {
	fprintf(parser->errors, "%s:%d: %s = %s: %s\n", parser->path, parser->line, key, value,
		text);
	parser->mistakes++;
}

static void set_string(char **field, const char *value) {
	free(*field);
	*field = value[0] ? xstrdup(value) : NULL;
}

static void set_integer(
	struct parser *parser, const char *key, const char *value, int min, int max, int *field) {
	char *end;
	errno = 0;
	long number = strtol(value, &end, 10);
	if (errno || end == value || *end || number < min || number > max) {
		char text[64];
		snprintf(text, sizeof(text), "expected a number from %d to %d", min, max);
		mistake(parser, key, value, text);
		return;
	}
	*field = number;
}

static void set_color(struct parser *parser, const char *key, const char *value, uint32_t *field) {
	char *end;
	unsigned long number = strtoul(value + (value[0] == '#'), &end, 16);
	if (value[0] != '#' || strlen(value) != 7 || *end) {
		mistake(parser, key, value, "expected a colour as #rrggbb");
		return;
	}
	*field = number;
}

static void set_bool(struct parser *parser, const char *key, const char *value, bool *field) {
	bool on =
		strcmp(value, "yes") == 0 || strcmp(value, "on") == 0 || strcmp(value, "true") == 0;
	bool off = strcmp(value, "no") == 0 || strcmp(value, "off") == 0 ||
		strcmp(value, "false") == 0;
	if (!on && !off) {
		mistake(parser, key, value, "expected yes or no");
		return;
	}
	*field = on;
}

static void set_modifier(struct parser *parser, const char *key, const char *value) {
	struct combo combo;
	const char *error;
	if (!combo_parse(value, 0, &combo, &error) || !combo.modifiers || combo.keysym ||
		combo.wheel) {
		mistake(parser, key, value, "expected super, alt, ctrl or shift, joined by '+'");
		return;
	}
	parser->config->modifier = combo.modifiers;
}

static char *absolute_path(const char *value, const char *beside) {
	const char *home = getenv("HOME");
	if (value[0] == '~' && value[1] == '/' && home) {
		return xasprintf("%s%s", home, value + 1);
	}
	const char *slash = strrchr(beside, '/');
	if (value[0] == '/' || !slash) {
		return xstrdup(value);
	}
	return xasprintf("%.*s/%s", (int)(slash - beside), beside, value);
}

static void add_guest(struct parser *parser, const char *key, const char *value) {
	struct config *config = parser->config;
	char *path = absolute_path(value, parser->path);
	if (access(path, R_OK) < 0) {
		mistake(parser, key, value, strerror(errno));
		free(path);
		return;
	}
	config->guests =
		xreallocarray(config->guests, config->guest_count + 1, sizeof(*config->guests));
	config->guests[config->guest_count++] = path;
}

static bool parse_mullion(struct parser *parser, const char *key, const char *value) {
	struct config *config = parser->config;
	if (strcmp(key, "modifier") == 0) {
		set_modifier(parser, key, value);
	} else if (strcmp(key, "layout") == 0) {
		if (!layout_mode_parse(value, &config->layout)) {
			mistake(parser, key, value, "expected grid, single or free");
		}
	} else if (strcmp(key, "xwayland") == 0) {
		set_bool(parser, key, value, &config->xwayland);
	} else if (strcmp(key, "guest-user") == 0) {
		set_string(&config->guest_user, value);
	} else if (strcmp(key, "remote-user") == 0) {
		set_string(&config->remote_user, value);
	} else if (strcmp(key, "guest") == 0) {
		add_guest(parser, key, value);
	} else {
		return false;
	}
	return true;
}

static bool parse_keyboard(struct parser *parser, const char *key, const char *value) {
	struct config *config = parser->config;
	if (strcmp(key, "layout") == 0) {
		set_string(&config->xkb_layout, value);
	} else if (strcmp(key, "variant") == 0) {
		set_string(&config->xkb_variant, value);
	} else if (strcmp(key, "options") == 0) {
		set_string(&config->xkb_options, value);
	} else if (strcmp(key, "model") == 0) {
		set_string(&config->xkb_model, value);
	} else if (strcmp(key, "repeat-rate") == 0) {
		set_integer(parser, key, value, 0, 200, &config->repeat_rate);
	} else if (strcmp(key, "repeat-delay") == 0) {
		set_integer(parser, key, value, 1, 10000, &config->repeat_delay);
	} else {
		return false;
	}
	return true;
}

static bool parse_look(struct parser *parser, const char *key, const char *value) {
	struct config *config = parser->config;
	if (strcmp(key, "font") == 0) {
		set_string(&config->font, value);
	} else if (strcmp(key, "border") == 0) {
		set_integer(parser, key, value, 1, 64, &config->border);
	} else if (strcmp(key, "title-height") == 0) {
		set_integer(parser, key, value, 12, 128, &config->title_height);
	} else if (strcmp(key, "gap") == 0) {
		set_integer(parser, key, value, 0, 256, &config->gap);
	} else if (strcmp(key, "background") == 0) {
		set_color(parser, key, value, &config->background);
	} else if (strcmp(key, "window-label") == 0) {
		set_color(parser, key, value, &config->window_label);
	} else if (strcmp(key, "cursor-theme") == 0) {
		set_string(&config->cursor_theme, value);
	} else if (strcmp(key, "cursor-size") == 0) {
		set_integer(parser, key, value, 8, 256, &config->cursor_size);
	} else {
		return false;
	}
	return true;
}

static struct control_output_change *output_change(struct config *config, const char *name) {
	struct output_config *output;
	wl_list_for_each (output, &config->outputs, link) {
		if (strcmp(output->name, name) == 0) {
			return &output->change;
		}
	}
	output = xcalloc(1, sizeof(*output));
	output->name = xstrdup(name);
	output->change = config_no_output_change();
	wl_list_insert(config->outputs.prev, &output->link);
	return &output->change;
}

static void set_mode(struct parser *parser, const char *key, const char *value,
	struct control_output_change *change) {
	int width, height, end = 0;
	double refresh = -1;
	int fields = sscanf(value, "%dx%d%n@%lf%n", &width, &height, &end, &refresh, &end);
	if (fields < 2 || value[end] || width < 1 || height < 1 || width > FRAME_SIDE_MAX ||
		height > FRAME_SIDE_MAX || refresh > 1000) {
		mistake(parser, key, value, "expected WIDTHxHEIGHT or WIDTHxHEIGHT@HZ");
		return;
	}
	change->width = width;
	change->height = height;
	change->refresh = refresh;
}

static void set_transform(struct parser *parser, const char *key, const char *value,
	struct control_output_change *change) {
	static const char *const names[] = {"normal", "90", "180", "270", "flipped", "flipped-90",
		"flipped-180", "flipped-270"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(value, names[i]) == 0) {
			change->transform = names[i];
			return;
		}
	}
	mistake(parser, key, value, "expected normal, 90, 180, 270, flipped or flipped-90 …");
}

static bool parse_output(
	struct parser *parser, const char *name, const char *key, const char *value) {
	struct control_output_change *change = output_change(parser->config, name);
	int end = 0;
	if (strcmp(key, "mode") == 0) {
		set_mode(parser, key, value, change);
	} else if (strcmp(key, "scale") == 0) {
		if (sscanf(value, "%lf%n", &change->scale, &end) != 1 || value[end] ||
			!(change->scale >= 0.25 && change->scale <= 8)) {
			mistake(parser, key, value, "expected a number from 0.25 to 8");
		}
	} else if (strcmp(key, "position") == 0) {
		if (sscanf(value, "%d,%d%n", &change->x, &change->y, &end) != 2 || value[end]) {
			mistake(parser, key, value, "expected X,Y");
		}
	} else if (strcmp(key, "transform") == 0) {
		set_transform(parser, key, value, change);
	} else if (strcmp(key, "enabled") == 0) {
		bool enabled = true;
		set_bool(parser, key, value, &enabled);
		change->enabled = enabled;
	} else {
		return false;
	}
	return true;
}

static bool parse_remote(
	struct parser *parser, const char *name, const char *key, const char *value) {
	const char *wrong = NULL;
	struct remote_config *remote =
		remote_config_get(&parser->config->remotes, name, parser->line, &wrong);
	wrong = remote ? remote_config_set(remote, key, value) : wrong;
	if (wrong) {
		mistake(parser, key, value, wrong);
	}
	return true;
}

static void check_remotes(struct parser *parser) {
	struct remote_config *remote;
	wl_list_for_each (remote, &parser->config->remotes, link) {
		const char *wrong = remote_config_check(remote);
		if (wrong) {
			fprintf(parser->errors, "%s:%d: [remote %s]: %s\n", parser->path,
				remote->line, remote->name, wrong);
			parser->mistakes++;
		}
	}
}

static bool parse_input(
	struct parser *parser, const char *match, const char *key, const char *value) {
	const char *error;
	bool ok = device_rules_set(&parser->config->devices, match, key, value, &error);
	if (!ok && error) {
		mistake(parser, key, value, error);
	}
	return ok || error;
}

/* "[bindings] mod+t = exec foot": kept as they come; the modifier may be set later in the file, so
 * they are parsed in a second pass. */
static bool parse_binding(struct parser *parser, const char *key, const char *value) {
	const char *error;
	if (!binding_list_set(
		    &parser->config->bindings, key, value, parser->config->modifier, &error)) {
		mistake(parser, key, value, error);
	}
	return true;
}

static bool parse_section(
	struct parser *parser, const char *section, const char *key, const char *value) {
	if (strcmp(section, "mullion") == 0) {
		return parse_mullion(parser, key, value);
	} else if (strcmp(section, "keyboard") == 0) {
		return parse_keyboard(parser, key, value);
	} else if (strcmp(section, "look") == 0) {
		return parse_look(parser, key, value);
	} else if (strncmp(section, "output ", 7) == 0 && section[7]) {
		return parse_output(parser, section + 7, key, value);
	} else if (strncmp(section, "input ", 6) == 0 && section[6]) {
		return parse_input(parser, section + 6, key, value);
	} else if (strncmp(section, "remote ", 7) == 0 && section[7]) {
		return parse_remote(parser, section + 7, key, value);
	}
	return false;
}

static int handle_setting(void *data, const char *section, const char *key, const char *value) {
	struct parser *parser = data;
	if (strcmp(section, "bindings") != 0 && !parse_section(parser, section, key, value)) {
		fprintf(parser->errors, "%s:%d: [%s] has no setting '%s'\n", parser->path,
			parser->line, section, key);
		parser->mistakes++;
	}
	return 1;
}

static int handle_binding(void *data, const char *section, const char *key, const char *value) {
	struct parser *parser = data;
	if (strcmp(section, "bindings") == 0) {
		parse_binding(parser, key, value);
	}
	return 1;
}

struct reader {
	FILE *file;
	struct parser *parser;
};

static char *read_line(char *line, int size, void *data) {
	struct reader *reader = data;
	reader->parser->line++;
	return fgets(line, size, reader->file);
}

static void parse_file(struct parser *parser, FILE *file, ini_handler handler) {
	rewind(file);
	parser->line = 0;
	struct reader reader = {.file = file, .parser = parser};
	int bad = ini_parse_stream(read_line, &reader, handler, parser);
	if (bad > 0 && handler == handle_setting) {
		fprintf(parser->errors, "%s:%d: expected '[section]' or 'key = value'\n",
			parser->path, bad);
		parser->mistakes++;
	}
}

struct config *config_load(const char *path, FILE *errors) {
	FILE *file = fopen(path, "re");
	if (!file) {
		fprintf(errors, "%s: %s\n", path, strerror(errno));
		return NULL;
	}
	struct parser parser = {.config = config_create_default(), .path = path, .errors = errors};
	parse_file(&parser, file, handle_setting);
	check_remotes(&parser);
	binding_list_add_defaults(&parser.config->bindings, parser.config->modifier);
	parse_file(&parser, file, handle_binding);
	fclose(file);
	if (parser.mistakes) {
		config_destroy(parser.config);
		return NULL;
	}
	return parser.config;
}

static char *user_config_path(void) {
	const char *base = getenv("XDG_CONFIG_HOME");
	if (base && base[0] == '/') {
		return xasprintf("%s/mullion/config.ini", base);
	}
	const char *home = getenv("HOME");
	return home ? xasprintf("%s/.config/mullion/config.ini", home) : NULL;
}

struct config *config_find(const char *path, FILE *errors) {
	if (path) {
		return config_load(path, errors);
	}
	char *user = user_config_path();
	struct config *config;
	if (user && access(user, F_OK) == 0) {
		config = config_load(user, errors);
	} else {
		config = config_create_default();
		binding_list_add_defaults(&config->bindings, config->modifier);
	}
	free(user);
	return config;
}

void config_destroy(struct config *config) {
	if (!config) {
		return;
	}
	binding_list_finish(&config->bindings);
	device_rules_finish(&config->devices);
	struct output_config *output, *tmp;
	wl_list_for_each_safe (output, tmp, &config->outputs, link) {
		wl_list_remove(&output->link);
		free(output->name);
		free(output);
	}
	for (size_t i = 0; i < config->guest_count; i++) {
		free(config->guests[i]);
	}
	free(config->guests);
	free(config->xkb_layout);
	free(config->xkb_variant);
	free(config->xkb_options);
	free(config->xkb_model);
	free(config->cursor_theme);
	free(config->font);
	struct remote_config *remote, *next;
	wl_list_for_each_safe (remote, next, &config->remotes, link) {
		remote_config_destroy(remote);
	}
	free(config->remote_user);
	free(config->guest_user);
	free(config);
}

struct seat_config config_seat(struct config *config) {
	return (struct seat_config){
		.bindings = &config->bindings,
		.modifier = config->modifier,
		.xkb_layout = config->xkb_layout,
		.xkb_variant = config->xkb_variant,
		.xkb_options = config->xkb_options,
		.xkb_model = config->xkb_model,
		.repeat_rate = config->repeat_rate,
		.repeat_delay = config->repeat_delay,
		.cursor_theme = config->cursor_theme,
		.cursor_size = config->cursor_size,
		.devices = &config->devices,
	};
}

const struct control_output_change *config_output(const struct config *config, const char *name) {
	const struct control_output_change *found = NULL;
	const struct output_config *output;
	wl_list_for_each (output, &config->outputs, link) {
		if (strcmp(output->name, name) == 0) {
			return &output->change;
		}
		if (strcmp(output->name, "*") == 0) {
			found = &output->change;
		}
	}
	return found;
}
