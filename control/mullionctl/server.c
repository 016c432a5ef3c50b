#include "command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define END_TIMEOUT (25 * 1000 * 1000) /* µs */

static uint64_t now_usec(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static enum ctl_exit run_reload(struct ctl *ctl, struct invocation *in) {
	int option = command_parse_plain(in, 0, 0);
	return option == COMMAND_OPTIONS_END ? ctl_call(ctl, NULL, "Reload", "")
					     : command_exit(option);
}

const struct command command_reload = {
	.name = "reload",
	.usage = "",
	.help = "Makes mullion read its configuration again. With a mistake in it nothing "
		"changes.\n",
	.run = run_reload,
};

/* mullion closes the connection when it and the guests that it stops are gone. */
static enum ctl_exit wait_for_end(struct ctl *ctl) {
	uint64_t now = now_usec(), deadline = now + END_TIMEOUT;
	for (; now < deadline; now = now_usec()) {
		int r = sd_bus_process(ctl->bus, NULL);
		if (r < 0 || sd_bus_is_open(ctl->bus) <= 0) {
			return CTL_OK;
		}
		if (r == 0) {
			sd_bus_wait(ctl->bus, deadline - now);
		}
	}
	return ctl_fail(CTL_TIMEOUT, "mullion doesn't end");
}

static enum ctl_exit run_quit(struct ctl *ctl, struct invocation *in) {
	static const struct option options[] = {
		{"stop-guests", no_argument, NULL, 's'}, COMMAND_HELP_OPTION, {0}};
	int stop_guests = 0;
	int option;
	while ((option = command_next_option(in, options, false)) == 's') {
		stop_guests = 1;
	}
	if (option != COMMAND_OPTIONS_END || command_check_operands(in, 0, 0) != CTL_OK) {
		return command_exit(option);
	}
	enum ctl_exit result = ctl_call(ctl, NULL, "Quit", "b", stop_guests);
	return result == CTL_OK ? wait_for_end(ctl) : result;
}

const struct command command_quit = {
	.name = "quit",
	.usage = "[--stop-guests]",
	.help = "Ends mullion, and waits until it has. The guests go on, and the next mullion "
		"finds\n"
		"them; with --stop-guests their power is cut.\n",
	.run = run_quit,
};

static enum ctl_exit run_version(struct ctl *ctl, struct invocation *in) {
	int option = command_parse_plain(in, 0, 0);
	if (option != COMMAND_OPTIONS_END) {
		return command_exit(option);
	}
	puts("mullionctl " MULLION_VERSION);
	enum ctl_exit result = ctl_connect(ctl);
	if (result != CTL_OK) {
		return result;
	}
	char *version = NULL;
	int r = sd_bus_get_property_string(ctl->bus, "org.mullion.Control1",
		"/org/mullion/Control1", "org.mullion.Control1", "Version", NULL, &version);
	if (r < 0) {
		return ctl_fail(CTL_FAILED, "%s", strerror(-r));
	}
	printf("mullion %s\n", version);
	free(version);
	return CTL_OK;
}

const struct command command_version = {
	.name = "version",
	.usage = "",
	.help = "Prints the versions of mullionctl and of the mullion that runs.\n",
	.run = run_version,
};
