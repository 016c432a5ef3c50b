#include "command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

static enum ctl_exit power(struct ctl *ctl, const char *guest, const char *action) {
	return ctl_call(ctl, NULL, "Power", "ss", guest, action);
}

/* The commands that have one guest and no options. */
static enum ctl_exit run_power(struct ctl *ctl, struct invocation *in, const char *action) {
	int option = command_parse_plain(in, 1, 1);
	return option == COMMAND_OPTIONS_END ? power(ctl, in->operands[0], action)
					     : command_exit(option);
}

static bool is_file(const char *text) {
	size_t len = strlen(text);
	return strchr(text, '/') || (len > 4 && strcmp(text + len - 4, ".ini") == 0);
}

/* Asks for the guest that a file defines: its name, to be freed, NULL if there is none. */
static enum ctl_exit find_guest_of_file(
	struct ctl *ctl, const char *path, char **name, bool *is_off) {
	struct json_object *guests = NULL;
	enum ctl_exit result = ctl_list(ctl, "ListGuests", &guests);
	struct json_object *guest = result == CTL_OK ? ctl_find(guests, "file", path) : NULL;
	*name = guest ? xstrdup(ctl_string(guest, "name")) : NULL;
	*is_off = guest && strcmp(ctl_string(guest, "state"), "off") == 0;
	json_object_put(guests);
	return result;
}

/* A guest that is known already is started as by its name; a new one, unless its file did. */
static enum ctl_exit start_path(struct ctl *ctl, const char *path) {
	char *name;
	bool is_off;
	enum ctl_exit result = find_guest_of_file(ctl, path, &name, &is_off);
	if (result == CTL_OK && name) {
		result = power(ctl, name, "start");
	} else if (result == CTL_OK) {
		result = ctl_call(ctl, NULL, "AddGuest", "s", path);
		if (result == CTL_OK) {
			result = find_guest_of_file(ctl, path, &name, &is_off);
		}
		if (result == CTL_OK && is_off) {
			result = power(ctl, name, "start");
		}
	}
	free(name);
	return result;
}

static enum ctl_exit start_file(struct ctl *ctl, const char *file) {
	char *path = realpath(file, NULL);
	if (!path) {
		return ctl_fail(CTL_FAILED, "%s: %s", file, strerror(errno));
	}
	enum ctl_exit result = start_path(ctl, path);
	free(path);
	return result;
}

static enum ctl_exit run_start(struct ctl *ctl, struct invocation *in) {
	int option = command_parse_plain(in, 1, 1);
	if (option != COMMAND_OPTIONS_END) {
		return command_exit(option);
	}
	const char *what = in->operands[0];
	return is_file(what) ? start_file(ctl, what) : power(ctl, what, "start");
}

const struct command command_start = {
	.name = "start",
	.usage = "GUEST|FILE.ini",
	.help = "Starts a guest that mullion knows by its name, or adds the guest of a file and\n"
		"starts it.\n",
	.run = run_start,
};

static enum ctl_exit run_stop(struct ctl *ctl, struct invocation *in) {
	static const struct option options[] = {
		{"force", no_argument, NULL, 'f'}, COMMAND_HELP_OPTION, {0}};
	bool force = false;
	int option;
	while ((option = command_next_option(in, options, false)) == 'f') {
		force = true;
	}
	if (option != COMMAND_OPTIONS_END || command_check_operands(in, 1, 1) != CTL_OK) {
		return command_exit(option);
	}
	return power(ctl, in->operands[0], force ? "power-off" : "shut-down");
}

const struct command command_stop = {
	.name = "stop",
	.usage = "[--force] GUEST",
	.help = "Presses the guest's power button; with --force, cuts its power.\n",
	.run = run_stop,
};

static enum ctl_exit run_reset(struct ctl *ctl, struct invocation *in) {
	return run_power(ctl, in, "reset");
}

const struct command command_reset = {
	.name = "reset",
	.usage = "GUEST",
	.help = "Resets the guest, as its reset button would.\n",
	.run = run_reset,
};

static enum ctl_exit run_pause(struct ctl *ctl, struct invocation *in) {
	return run_power(ctl, in, "pause");
}

const struct command command_pause = {
	.name = "pause",
	.usage = "GUEST",
	.help = "Stops the guest's processors until \"resume\".\n",
	.run = run_pause,
};

static enum ctl_exit run_resume(struct ctl *ctl, struct invocation *in) {
	return run_power(ctl, in, "resume");
}

const struct command command_resume = {
	.name = "resume",
	.usage = "GUEST",
	.help = "Lets a paused guest go on.\n",
	.run = run_resume,
};

static enum ctl_exit run_remove(struct ctl *ctl, struct invocation *in) {
	int option = command_parse_plain(in, 1, 1);
	return option == COMMAND_OPTIONS_END
		? ctl_call(ctl, NULL, "RemoveGuest", "s", in->operands[0])
		: command_exit(option);
}

const struct command command_remove = {
	.name = "remove",
	.usage = "GUEST",
	.help = "Makes mullion forget a guest that is off. Its file and disks stay.\n",
	.run = run_remove,
};
