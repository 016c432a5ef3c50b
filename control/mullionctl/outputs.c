#include "command.h"

#include <stdio.h>
#include <string.h>

#define SIDE_MAX 16384 /* protocols/org.mullion.Control1.xml */
#define POSITION_MAX 1000000
#define REFRESH_MAX 1000.0
#define SCALE_MIN 0.1
#define SCALE_MAX 16.0

struct change { /* what was asked for; NULL and 0 where nothing was */
	int width, height;
	double refresh;
	double scale;
	bool has_position;
	int x, y;
	const char *transform;
	bool enable, disable;
};

static enum ctl_exit run_output_list(struct ctl *ctl, struct invocation *in) {
	enum ctl_exit result = command_check_operands(in, 1, 1);
	if (result != CTL_OK) {
		return result;
	}
	struct json_object *outputs = NULL;
	result = ctl_list(ctl, "ListOutputs", &outputs);
	for (size_t i = 0; result == CTL_OK && i < json_object_array_length(outputs); i++) {
		puts(ctl_string(json_object_array_get_idx(outputs, i), "name"));
	}
	json_object_put(outputs);
	return result;
}

static enum ctl_exit run_output_create(struct ctl *ctl, struct invocation *in) {
	enum ctl_exit result = command_check_operands(in, 3, 3);
	if (result != CTL_OK) {
		return result;
	}
	int width, height;
	if (!parse_pair(in->operands[2], 'x', 1, SIDE_MAX, &width, &height)) {
		return command_wrong(in, "the size is WIDTHxHEIGHT, not \"%s\"", in->operands[2]);
	}
	return ctl_call(ctl, NULL, "CreateOutput", "sii", in->operands[1], width, height);
}

static enum ctl_exit run_output_remove(struct ctl *ctl, struct invocation *in) {
	enum ctl_exit result = command_check_operands(in, 2, 2);
	return result == CTL_OK ? ctl_call(ctl, NULL, "RemoveOutput", "s", in->operands[1])
				: result;
}

static int append_int(sd_bus_message *call, const char *key, int value) {
	return sd_bus_message_append(call, "{sv}", key, "i", value);
}

static int append_changes(sd_bus_message *call, const struct change *change) {
	int r = sd_bus_message_open_container(call, SD_BUS_TYPE_ARRAY, "{sv}");
	if (r >= 0 && (change->enable || change->disable)) {
		r = sd_bus_message_append(call, "{sv}", "enabled", "b", (int)change->enable);
	}
	if (r >= 0 && change->width > 0) {
		r = append_int(call, "width", change->width);
		r = r < 0 ? r : append_int(call, "height", change->height);
	}
	if (r >= 0 && change->refresh > 0) {
		r = sd_bus_message_append(call, "{sv}", "refresh", "d", change->refresh);
	}
	if (r >= 0 && change->scale > 0) {
		r = sd_bus_message_append(call, "{sv}", "scale", "d", change->scale);
	}
	if (r >= 0 && change->has_position) {
		r = append_int(call, "x", change->x);
		r = r < 0 ? r : append_int(call, "y", change->y);
	}
	if (r >= 0 && change->transform) {
		r = sd_bus_message_append(call, "{sv}", "transform", "s", change->transform);
	}
	return r < 0 ? r : sd_bus_message_close_container(call);
}

static enum ctl_exit run_output_configure(
	struct ctl *ctl, struct invocation *in, const struct change *change) {
	enum ctl_exit result = command_check_operands(in, 2, 2);
	if (result != CTL_OK) {
		return result;
	}
	sd_bus_message *call = NULL;
	result = ctl_new_call(ctl, "ConfigureOutput", &call);
	if (result != CTL_OK) {
		return result;
	}
	int r = sd_bus_message_append(call, "s", in->operands[1]);
	r = r < 0 ? r : append_changes(call, change);
	if (r < 0) {
		sd_bus_message_unref(call);
		return ctl_fail(CTL_FAILED, "ConfigureOutput: %s", strerror(-r));
	}
	return ctl_send(ctl, call, NULL);
}

/* "1920x1080" or "1920x1080@59.94" */
static bool parse_mode(char *text, struct change *change) {
	char *at = strchr(text, '@');
	if (at) {
		*at = '\0';
		if (!parse_double(at + 1, 0.001, REFRESH_MAX, &change->refresh)) {
			return false;
		}
	}
	return parse_pair(text, 'x', 1, SIDE_MAX, &change->width, &change->height);
}

static bool parse_option(int option, struct change *change) {
	switch (option) {
	case 'm':
		return parse_mode(optarg, change);
	case 's':
		return parse_double(optarg, SCALE_MIN, SCALE_MAX, &change->scale);
	case 'p':
		change->has_position = true;
		return parse_pair(optarg, ',', -POSITION_MAX, POSITION_MAX, &change->x, &change->y);
	case 't':
		change->transform = optarg;
		return true;
	case 'e':
		change->enable = true;
		return !change->disable;
	default:
		change->disable = true;
		return !change->enable;
	}
}

static enum ctl_exit run_action(
	struct ctl *ctl, struct invocation *in, const struct change *change) {
	const char *action = in->operands[0];
	if (strcmp(action, "configure") == 0) {
		return run_output_configure(ctl, in, change);
	}
	if (strcmp(action, "list") == 0) {
		return run_output_list(ctl, in);
	}
	if (strcmp(action, "create") == 0) {
		return run_output_create(ctl, in);
	}
	if (strcmp(action, "remove") == 0) {
		return run_output_remove(ctl, in);
	}
	return command_wrong(in, "it's list, create, remove or configure, not \"%s\"", action);
}

static enum ctl_exit run_output(struct ctl *ctl, struct invocation *in) {
	static const struct option options[] = {{"mode", required_argument, NULL, 'm'},
		{"scale", required_argument, NULL, 's'}, {"position", required_argument, NULL, 'p'},
		{"transform", required_argument, NULL, 't'}, {"enable", no_argument, NULL, 'e'},
		{"disable", no_argument, NULL, 'd'}, COMMAND_HELP_OPTION, {0}};
	struct change change = {0};
	bool has_options = false;
	int option;
	while ((option = command_next_option(in, options, false)) >= 0) {
		has_options = true;
		if (!parse_option(option, &change)) {
			return command_wrong(in, "%s doesn't fit", in->argv[optind - 1]);
		}
	}
	if (option != COMMAND_OPTIONS_END || command_check_operands(in, 1, 3) != CTL_OK) {
		return command_exit(option);
	}
	if (has_options != (strcmp(in->operands[0], "configure") == 0)) {
		return command_wrong(in, "%s",
			has_options ? "options are for \"configure\""
				    : "nothing to configure was given");
	}
	return run_action(ctl, in, &change);
}

const struct command command_output = {
	.name = "output",
	.usage = "list | create NAME WxH | remove NAME | configure NAME OPTION...",
	.help = "Lists the outputs' names, makes and removes headless ones, and changes any:\n"
		"  --mode WxH[@HZ]      its resolution\n"
		"  --scale S            0.1 to 16\n"
		"  --position X,Y       its place on the desktop, in logical pixels\n"
		"  --transform T        normal, 90, 180, 270, flipped, flipped-90, ...\n"
		"  --enable, --disable\n",
	.run = run_output,
};
