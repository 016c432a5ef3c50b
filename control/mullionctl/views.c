#include "command.h"

#include <string.h>

#define POSITION_MAX 1000000 /* protocols/org.mullion.Control1.xml */
#define SIDE_MAX 16384

static enum ctl_exit run_layout(struct ctl *ctl, struct invocation *in) {
	static const struct option options[] = {
		{"output", required_argument, NULL, 'o'}, COMMAND_HELP_OPTION, {0}};
	const char *output = "";
	int option;
	while ((option = command_next_option(in, options, false)) == 'o') {
		output = optarg;
	}
	if (option != COMMAND_OPTIONS_END || command_check_operands(in, 1, 1) != CTL_OK) {
		return command_exit(option);
	}
	const char *layout = in->operands[0];
	if (strcmp(layout, "grid") != 0 && strcmp(layout, "single") != 0 &&
		strcmp(layout, "free") != 0) {
		return command_wrong(in, "there is no layout \"%s\"", layout);
	}
	return ctl_call(ctl, NULL, "SetLayout", "ss", layout, output);
}

const struct command command_layout = {
	.name = "layout",
	.usage = "grid|single|free [--output OUTPUT]",
	.help = "Arranges the views of an output, or of the focused one: all side by side, one in\n"
		"full, or where they are put.\n",
	.run = run_layout,
};

static enum ctl_exit call_with_view(struct ctl *ctl, struct invocation *in, const char *method) {
	int option = command_parse_plain(in, 1, 1);
	return option == COMMAND_OPTIONS_END ? ctl_call(ctl, NULL, method, "s", in->operands[0])
					     : command_exit(option);
}

static enum ctl_exit run_focus(struct ctl *ctl, struct invocation *in) {
	return call_with_view(ctl, in, "Focus");
}

const struct command command_focus = {
	.name = "focus",
	.usage = "VIEW",
	.help = "Shows a view and gives it the keyboard. A view is a guest's name, GUEST:HEAD, or "
		"a\n"
		"window's id as \"mullionctl list\" shows it.\n",
	.run = run_focus,
};

static enum ctl_exit run_close(struct ctl *ctl, struct invocation *in) {
	return call_with_view(ctl, in, "Close");
}

const struct command command_close = {
	.name = "close",
	.usage = "VIEW",
	.help = "Asks a window to close, or a guest to shut down.\n",
	.run = run_close,
};

static enum ctl_exit run_opacity(struct ctl *ctl, struct invocation *in) {
	int option = command_parse_plain(in, 2, 2);
	if (option != COMMAND_OPTIONS_END) {
		return command_exit(option);
	}
	double opacity;
	if (!parse_double(in->operands[1], 0, 1, &opacity)) {
		return command_wrong(
			in, "the opacity is a number from 0 to 1, not \"%s\"", in->operands[1]);
	}
	return ctl_call(ctl, NULL, "SetOpacity", "sd", in->operands[0], opacity);
}

const struct command command_opacity = {
	.name = "opacity",
	.usage = "VIEW 0..1",
	.help = "Makes a view translucent (0: can't be seen, 1: opaque).\n",
	.run = run_opacity,
};

/* The size that a view has now. */
static enum ctl_exit find_size(struct ctl *ctl, const char *view, int *width, int *height) {
	struct json_object *views = NULL;
	enum ctl_exit result = ctl_list(ctl, "ListViews", &views);
	if (result != CTL_OK) {
		return result;
	}
	struct json_object *found = ctl_find(views, "id", view);
	if (found) {
		*width = ctl_int(found, "width");
		*height = ctl_int(found, "height");
	} else {
		result = ctl_fail(CTL_FAILED, "there is no view \"%s\"", view);
	}
	json_object_put(views);
	return result;
}

/* "VIEW X Y [WIDTH HEIGHT]" */
static enum ctl_exit move_to_place(struct ctl *ctl, struct invocation *in) {
	char **operands = in->operands;
	int x, y, width, height;
	if (!parse_int(operands[1], -POSITION_MAX, POSITION_MAX, &x) ||
		!parse_int(operands[2], -POSITION_MAX, POSITION_MAX, &y)) {
		return command_wrong(in, "the place is two whole numbers");
	}
	if (in->operand_count == 3) {
		enum ctl_exit result = find_size(ctl, operands[0], &width, &height);
		if (result != CTL_OK) {
			return result;
		}
	} else if (in->operand_count == 4 || !parse_int(operands[3], 1, SIDE_MAX, &width) ||
		!parse_int(operands[4], 1, SIDE_MAX, &height)) {
		return command_wrong(in, "the size is two whole numbers from 1 to %d", SIDE_MAX);
	}
	return ctl_call(ctl, NULL, "Move", "siiii", operands[0], x, y, width, height);
}

static enum ctl_exit run_move(struct ctl *ctl, struct invocation *in) {
	static const struct option options[] = {
		{"output", required_argument, NULL, 'o'}, COMMAND_HELP_OPTION, {0}};
	const char *output = NULL;
	int option;
	while ((option = command_next_option(in, options, true)) == 'o') {
		output = optarg;
	}
	if (option != COMMAND_OPTIONS_END ||
		command_check_operands(in, output ? 1 : 3, output ? 1 : 5) != CTL_OK) {
		return command_exit(option);
	}
	return output ? ctl_call(ctl, NULL, "MoveToOutput", "ss", in->operands[0], output)
		      : move_to_place(ctl, in);
}

const struct command command_move = {
	.name = "move",
	.usage = "VIEW X Y [WIDTH HEIGHT] | --output OUTPUT VIEW",
	.help = "Puts a view, with its frame, somewhere on the desktop, in logical pixels; its\n"
		"output becomes \"free\". Or moves it to another output, into that one's layout.\n",
	.run = run_move,
};
