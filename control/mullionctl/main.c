#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "util/log.h"
#include "util/standard_fds.h"

static void print_help(void) {
	puts("usage: mullionctl COMMAND [ARGUMENT...]\n\n"
	     "Drives a running mullion. The commands:");
	command_print_list();
	puts("\nmullionctl COMMAND --help tells more; so does mullionctl(1).\n"
	     "Exit status: 0 done, 1 failed, 2 wrong usage, 3 time-out, 4 mullion isn't running.");
}

static enum ctl_exit run(const struct command *command, int argc, char **argv) {
	struct ctl ctl = {0};
	struct invocation in = {.command = command, .argc = argc, .argv = argv};
	enum ctl_exit result = command->run(&ctl, &in);
	ctl_finish(&ctl);
	if (fflush(stdout) != 0 && result == CTL_OK) {
		result = ctl_fail(CTL_FAILED, "can't write to standard output");
	}
	return result;
}

int main(int argc, char **argv) {
	setlocale(LC_CTYPE, "");
	log_init("mullionctl", LOG_LEVEL_ERROR);
	if (!standard_fds_open()) {
		return CTL_FAILED;
	}
	if (argc < 2) {
		return ctl_fail(CTL_USAGE, "which command? \"mullionctl --help\" lists them");
	}
	const char *name = argv[1];
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
		print_help();
		return CTL_OK;
	}
	if (strcmp(name, "--version") == 0) {
		puts("mullionctl " MULLION_VERSION);
		return CTL_OK;
	}
	const struct command *command = command_find(name);
	if (!command) {
		return ctl_fail(CTL_USAGE,
			"there is no command \"%s\"; \"mullionctl --help\" lists them", name);
	}
	return run(command, argc - 1, argv + 1);
}
