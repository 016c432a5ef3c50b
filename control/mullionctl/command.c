#include "command.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct command *const commands[] = {
	&command_list,
	&command_start,
	&command_stop,
	&command_reset,
	&command_pause,
	&command_resume,
	&command_remove,
	&command_layout,
	&command_focus,
	&command_opacity,
	&command_move,
	&command_close,
	&command_output,
	&command_screenshot,
	&command_key,
	&command_type,
	&command_click,
	&command_scroll,
	&command_wait,
	&command_events,
	&command_remote,
	&command_status,
	&command_reload,
	&command_quit,
	&command_version,
};
#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

const struct command *command_find(const char *name) {
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (strcmp(commands[i]->name, name) == 0) {
			return commands[i];
		}
	}
	return NULL;
}

void command_print_list(void) {
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		printf("  %-10s %s\n", commands[i]->name, commands[i]->usage);
	}
}

static void print_help(const struct command *command) {
	printf("usage: mullionctl %s %s\n\n%s", command->name, command->usage, command->help);
}

static int wrong_option(struct invocation *in) {
	const char *option = in->argv[optind - 1];
	if (optopt && optopt != ':') {
		command_wrong(in, "%s needs a value", option);
	} else {
		command_wrong(in, "there is no option %s", option);
	}
	return COMMAND_WRONG;
}

int command_next_option(struct invocation *in, const struct option *options, bool in_order) {
	opterr = 0;
	optopt = 0;
	int option = getopt_long(in->argc, in->argv, in_order ? "+:h" : ":h", options, NULL);
	switch (option) {
	case -1:
		in->operands = in->argv + optind;
		in->operand_count = in->argc - optind;
		return COMMAND_OPTIONS_END;
	case 'h':
		print_help(in->command);
		return COMMAND_DONE;
	case ':':
		command_wrong(in, "%s needs a value", in->argv[optind - 1]);
		return COMMAND_WRONG;
	case '?':
		return wrong_option(in);
	default:
		return option;
	}
}

enum ctl_exit command_check_operands(struct invocation *in, int min, int max) {
	if (in->operand_count >= min && in->operand_count <= max) {
		return CTL_OK;
	}
	return command_wrong(in, "%s; usage: mullionctl %s %s",
		in->operand_count < min ? "something is missing" : "that is too much",
		in->command->name, in->command->usage);
}

int command_parse_plain(struct invocation *in, int min, int max) {
	static const struct option options[] = {COMMAND_HELP_OPTION, {0}};
	int option = command_next_option(in, options, false);
	if (option == COMMAND_OPTIONS_END && command_check_operands(in, min, max) != CTL_OK) {
		return COMMAND_WRONG;
	}
	return option;
}

enum ctl_exit command_exit(int option) {
	return option == COMMAND_DONE ? CTL_OK : CTL_USAGE;
}

enum ctl_exit command_wrong(const struct invocation *in, const char *format, ...) {
	va_list args;
	va_start(args, format);
	fprintf(stderr, "mullionctl %s: ", in->command->name);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	return CTL_USAGE;
}

bool parse_int(const char *text, int min, int max, int *value) {
	char *end;
	errno = 0;
	long number = strtol(text, &end, 10);
	if (errno || end == text || *end != '\0' || number < min || number > max) {
		return false;
	}
	*value = (int)number;
	return true;
}

bool parse_double(const char *text, double min, double max, double *value) {
	char *end;
	errno = 0;
	double number = strtod(text, &end);
	if (errno || end == text || *end != '\0' || !(number >= min && number <= max)) {
		return false;
	}
	*value = number;
	return true;
}

bool parse_pair(const char *text, char separator, int min, int max, int *first, int *second) {
	char part[16];
	const char *middle = strchr(text, separator);
	if (!middle || (size_t)(middle - text) >= sizeof(part)) {
		return false;
	}
	memcpy(part, text, (size_t)(middle - text));
	part[middle - text] = '\0';
	return parse_int(part, min, max, first) && parse_int(middle + 1, min, max, second);
}
