/* A command of mullionctl: its name, its help, what it does; and the reading of its arguments. */
#ifndef MULLIONCTL_COMMAND_H
#define MULLIONCTL_COMMAND_H

#include <getopt.h>
#include <stdbool.h>

#include "ctl.h"

struct command;

struct invocation {
	const struct command *command;
	int argc;
	char **argv; /* argv[0] is the command's name */
	char **operands; /* after command_parse: NULL-terminated */
	int operand_count;
};

struct command {
	const char *name;
	const char *usage; /* after "mullionctl NAME " */
	const char *help; /* lines */
	enum ctl_exit (*run)(struct ctl *ctl, struct invocation *in);
};

/* By name; NULL if there is none. */
const struct command *command_find(const char *name);
void command_print_list(void);

#define COMMAND_DONE (-2) /* help was printed */
#define COMMAND_WRONG (-3) /* what is wrong was printed */
#define COMMAND_OPTIONS_END (-1)

/* The next option's value, or one of the above. `options` includes COMMAND_HELP_OPTION. Options
 * may stand behind operands, unless `in_order`. */
int command_next_option(struct invocation *in, const struct option *options, bool in_order);
#define COMMAND_HELP_OPTION                                                                        \
	{ "help", no_argument, NULL, 'h' }

/* After the options: between `min` and `max` operands? CTL_USAGE after a line. */
enum ctl_exit command_check_operands(struct invocation *in, int min, int max);
/* The above in one, for commands without options; COMMAND_OPTIONS_END if it goes on. */
int command_parse_plain(struct invocation *in, int min, int max);
/* The exit code for COMMAND_DONE and COMMAND_WRONG. */
enum ctl_exit command_exit(int option);

/* "mullionctl NAME: what is wrong", and where help is. */
enum ctl_exit command_wrong(const struct invocation *in, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The whole text is a number within the limits. */
bool parse_int(const char *text, int min, int max, int *value);
bool parse_double(const char *text, double min, double max, double *value);
/* Two numbers with `separator` between them. */
bool parse_pair(const char *text, char separator, int min, int max, int *first, int *second);

/* Each in the file of its noun. */
extern const struct command command_list, command_start, command_stop, command_reset, command_pause,
	command_resume, command_remove, command_layout, command_focus, command_opacity,
	command_move, command_close, command_output, command_screenshot, command_key, command_type,
	command_click, command_scroll, command_wait, command_events, command_reload, command_quit,
	command_remote, command_status, command_version;

#endif
