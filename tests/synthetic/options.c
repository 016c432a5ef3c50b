#include "tests/synthetic/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

static bool complain(const char *what, const char *value) {
	fprintf(stderr, "synthetic-guest: %s: %s\n", what, value);
	return false;
}

static bool parse_number(const char *value, unsigned int max, unsigned int *out) {
	char *end;
	unsigned long number = strtoul(value, &end, 10);
	if (end == value || *end || number > max) {
		return complain("not a number in range", value);
	}
	*out = (unsigned int)number;
	return true;
}

static bool parse_modes(struct options *options, const char *value) {
	options->mode_count = 0;
	for (const char *rest = value; rest;) {
		struct synthetic_mode mode;
		int length = 0;
		if (options->mode_count == SYNTHETIC_MODES_MAX ||
			sscanf(rest, "%ux%u%n", &mode.width, &mode.height, &length) != 2) {
			return complain("not a mode", value);
		}
		options->modes[options->mode_count++] = mode;
		rest = rest[length] == '+' ? rest + length + 1 : NULL;
	}
	return true;
}

static bool parse_path(struct options *options, const char *value) {
	static const char *const names[] = {"map", "bytes", "dmabuf"};
	for (int i = 0; i < 3; i++) {
		if (strcmp(value, names[i]) == 0) {
			options->path = i;
			return true;
		}
	}
	return complain("not a path", value);
}

static void set_text(char **text, const char *value) {
	free(*text);
	*text = xstrdup(value);
}

static bool set_number_option(
	struct options *options, const char *key, const char *value, bool *known) {
	unsigned int number = 0;
	*known = true;
	if (strcmp(key, "fps") == 0) {
		return parse_number(value, 1000, &options->fps);
	}
	if (strcmp(key, "mode-every") == 0) {
		return parse_number(value, 1000000, &options->mode_every);
	}
	if (strcmp(key, "heads") == 0) {
		bool ok = parse_number(value, SYNTHETIC_HEADS_MAX, &number) && number > 0;
		options->heads = (int)number;
		return ok;
	}
	if (strcmp(key, "display-fd") == 0) {
		bool ok = parse_number(value, 1023, &number);
		options->display_fd = (int)number;
		return ok;
	}
	*known = false;
	return true;
}

static bool set_option(struct options *options, const char *key, const char *value) {
	bool known;
	bool ok = set_number_option(options, key, value, &known);
	if (known) {
		return ok;
	}
	if (strcmp(key, "pattern") == 0) {
		return pattern_parse(&options->pattern, value) || complain("no pattern", value);
	}
	if (strcmp(key, "color") == 0) {
		options->pattern.color = (uint32_t)strtoul(value, NULL, 16);
	} else if (strcmp(key, "mode") == 0) {
		return parse_modes(options, value);
	} else if (strcmp(key, "path") == 0) {
		return parse_path(options, value);
	} else if (strcmp(key, "cursor") == 0) {
		options->cursor = strcmp(value, "on") == 0;
	} else if (strcmp(key, "mouse") == 0) {
		options->relative = strcmp(value, "relative") == 0;
	} else if (strcmp(key, "follow") == 0) {
		options->follow = strcmp(value, "on") == 0;
	} else if (strcmp(key, "powerdown") == 0) {
		options->stubborn = strcmp(value, "ignore") == 0;
	} else if (strcmp(key, "record") == 0) {
		set_text(&options->record, value);
	} else if (strcmp(key, "bad") == 0) {
		set_text(&options->bad, value);
	} else {
		return complain("unknown option", key);
	}
	return true;
}

static bool parse_synthetic(struct options *options, const char *text) {
	char *copy = xstrdup(text);
	bool ok = true;
	char *state = NULL;
	for (char *part = strtok_r(copy, ", ", &state); part && ok;
		part = strtok_r(NULL, ", ", &state)) {
		char *equals = strchr(part, '=');
		if (!equals) {
			ok = complain("key=value is wanted", part);
			break;
		}
		*equals = '\0';
		ok = set_option(options, part, equals + 1);
	}
	free(copy);
	return ok;
}

/* "socket,id=qmp,path=PATH,server=on" or "…,fd=N,…". */
static void parse_chardev(struct options *options, const char *text) {
	char *copy = xstrdup(text);
	char *state = NULL;
	for (char *part = strtok_r(copy, ",", &state); part; part = strtok_r(NULL, ",", &state)) {
		if (strncmp(part, "path=", 5) == 0) {
			set_text(&options->qmp_path, part + 5);
		} else if (strncmp(part, "fd=", 3) == 0) {
			options->qmp_fd = atoi(part + 3);
		}
	}
	free(copy);
}

static void parse_qmp(struct options *options, const char *text) {
	if (strncmp(text, "unix:", 5) == 0) {
		char *path = strndup(text + 5, strcspn(text + 5, ","));
		set_text(&options->qmp_path, path ? path : "");
		free(path);
	}
}

static bool parse_argument(struct options *options, const char *option, const char *value) {
	if (strcmp(option, "-synthetic") == 0) {
		return parse_synthetic(options, value);
	}
	if (strcmp(option, "-qmp") == 0) {
		parse_qmp(options, value);
	} else if (strcmp(option, "--qmp") == 0) {
		set_text(&options->qmp_path, value);
	} else if (strcmp(option, "-chardev") == 0 && strncmp(value, "socket,", 7) == 0) {
		parse_chardev(options, value);
	} else if (strcmp(option, "-uuid") == 0) {
		set_text(&options->uuid, value);
	} else if (strcmp(option, "-name") == 0) {
		set_text(&options->name, value);
		options->name[strcspn(options->name, ",")] = '\0';
	}
	return true;
}

static void set_defaults(struct options *options) {
	*options = (struct options){
		.pattern = {.kind = PATTERN_GRADIENT, .color = 0x336699},
		.fps = 0,
		.modes = {{640, 480}},
		.mode_count = 1,
		.heads = 1,
		.display_fd = -1,
		.qmp_fd = -1,
	};
	options->name = xstrdup("synthetic");
	options->uuid = xstrdup("00000000-0000-0000-0000-000000000000");
}

bool options_parse(struct options *options, int argc, char **argv) {
	set_defaults(options);
	const char *environment = getenv("SYNTHETIC_GUEST");
	if (environment && !parse_synthetic(options, environment)) {
		return false;
	}
	for (int i = 1; i + 1 < argc; i++) {
		if (argv[i][0] == '-' && !parse_argument(options, argv[i], argv[i + 1])) {
			return false;
		}
	}
	return true;
}

void options_finish(struct options *options) {
	free(options->record);
	free(options->bad);
	free(options->name);
	free(options->uuid);
	free(options->qmp_path);
	*options = (struct options){0};
}
