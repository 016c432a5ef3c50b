#include <stdio.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "table.h"
#include "users.h"

static const char *or_dash(const char *text) {
	return text[0] ? text : "-";
}

static void print_remotes(struct json_object *remotes) {
	static const char *const names[] = {
		"REMOTE", "PROTOCOL", "STATE", "PID", "SESSIONS", "RESTARTS", "REASON"};
	struct table table;
	table_init(&table, 7);
	for (size_t i = 0; i < 7; i++) {
		table_add(&table, names[i]);
	}
	for (size_t i = 0; i < json_object_array_length(remotes); i++) {
		struct json_object *remote = json_object_array_get_idx(remotes, i);
		int pid = ctl_int(remote, "pid");
		table_add(&table, ctl_string(remote, "name"));
		table_add(&table, ctl_string(remote, "protocol"));
		table_add(&table, ctl_string(remote, "state"));
		table_add_format(&table, pid > 0 ? "%d" : "-", pid);
		table_add_format(&table, "%d", ctl_int(remote, "sessions"));
		table_add_format(&table, "%d", ctl_int(remote, "restarts"));
		table_add(&table, or_dash(ctl_string(remote, "reason")));
	}
	table_print(&table);
	table_finish(&table);
}

static void add_rights(struct table *table, int rights) { /* enum publisher_right */
	table_add_format(
		table, "%s%s", rights & 2 ? "control" : "view", rights & 4 ? "+resize" : "");
}

static void add_time(struct table *table, struct json_object *session) {
	char text[32];
	time_t since = json_object_get_int64(json_object_object_get(session, "since"));
	struct tm local;
	if (localtime_r(&since, &local)) {
		strftime(text, sizeof(text), "%F %T", &local);
		table_add(table, text);
	} else {
		table_add(table, "-");
	}
}

static void print_sessions(struct json_object *sessions) {
	static const char *const names[] = {"SESSION", "SERVER", "PROTOCOL", "USER", "FROM",
		"TARGET", "RIGHTS", "SINCE", "STATE"};
	struct table table;
	table_init(&table, 9);
	for (size_t i = 0; i < 9; i++) {
		table_add(&table, names[i]);
	}
	for (size_t i = 0; i < json_object_array_length(sessions); i++) {
		struct json_object *session = json_object_array_get_idx(sessions, i);
		table_add(&table, ctl_string(session, "id"));
		table_add(&table, or_dash(ctl_string(session, "server")));
		table_add(&table, or_dash(ctl_string(session, "protocol")));
		table_add(&table, or_dash(ctl_string(session, "user")));
		table_add(&table, or_dash(ctl_string(session, "address")));
		table_add(&table, ctl_string(session, "target"));
		add_rights(&table, ctl_int(session, "rights"));
		add_time(&table, session);
		table_add(&table, ctl_bool(session, "connected") ? "connected" : "lost");
	}
	table_print(&table);
	table_finish(&table);
}

static enum ctl_exit print_list(
	struct ctl *ctl, const char *method, bool json, void (*print)(struct json_object *list)) {
	struct json_object *list = NULL;
	enum ctl_exit result = ctl_list(ctl, method, &list);
	if (result == CTL_OK) {
		json ? ctl_print_json(list) : print(list);
		json_object_put(list);
	}
	return result;
}

enum { LIST, SESSIONS, START, STOP, KICK, USERS, ADD_USER, REMOVE_USER };

static const struct action {
	const char *name, *options; /* the letters of those that it takes */
	int operands;
} actions[] = {[LIST] = {"list", "j", 1},
	[SESSIONS] = {"sessions", "j", 1},
	[START] = {"start", "", 2},
	[STOP] = {"stop", "", 2},
	[KICK] = {"kick", "", 2},
	[USERS] = {"users", "jf", 1},
	[ADD_USER] = {"add-user", "ftvck", 2},
	[REMOVE_USER] = {"remove-user", "f", 2}};
#define ACTION_COUNT ((int)(sizeof(actions) / sizeof(actions[0])))

static enum ctl_exit run_action(
	struct ctl *ctl, struct invocation *in, int action, const struct user_options *options) {
	switch (action) {
	case LIST:
		return print_list(ctl, "ListRemotes", options->json, print_remotes);
	case SESSIONS:
		return print_list(ctl, "ListSessions", options->json, print_sessions);
	case START:
		return ctl_call(ctl, NULL, "StartRemote", "s", in->operands[1]);
	case STOP:
		return ctl_call(ctl, NULL, "StopRemote", "s", in->operands[1]);
	case KICK:
		return ctl_call(ctl, NULL, "KickSession", "s", in->operands[1]);
	case USERS:
		return users_list(in, options);
	case ADD_USER:
		return users_add(in, options);
	default:
		return users_remove(ctl, in, options);
	}
}

/* What doesn't fit, or NULL. */
static const char *take_option(struct user_options *options, int option) {
	switch (option) {
	case 'j':
		options->json = true;
		return NULL;
	case 'f':
		options->file = optarg;
		return NULL;
	case 't':
		if (options->target_count == ACCOUNT_TARGETS_MAX) {
			return "too many targets";
		}
		options->targets[options->target_count++] = optarg;
		return account_target_mistake(optarg);
	case 'v':
		options->view_only = true;
		return options->control ? "--control and --view-only exclude each other" : NULL;
	case 'c':
		options->control = true;
		return options->view_only ? "--control and --view-only exclude each other" : NULL;
	default:
		options->keep_password = true;
		return NULL;
	}
}

/* The action's number after its options and operands were checked; -1 after a line. */
static int find_action(struct invocation *in, const char *letters) {
	for (int i = 0; i < ACTION_COUNT; i++) {
		if (strcmp(actions[i].name, in->operands[0]) != 0) {
			continue;
		}
		for (const char *letter = letters; *letter; letter++) {
			if (!strchr(actions[i].options, *letter)) {
				command_wrong(in, "that option isn't for \"%s\"", actions[i].name);
				return -1;
			}
		}
		int count = actions[i].operands;
		return command_check_operands(in, count, count) == CTL_OK ? i : -1;
	}
	command_wrong(in, "there is no \"%s\"; \"mullionctl remote --help\" tells what there is",
		in->operands[0]);
	return -1;
}

static enum ctl_exit run_remote(struct ctl *ctl, struct invocation *in) {
	static const struct option long_options[] = {{"json", no_argument, NULL, 'j'},
		{"file", required_argument, NULL, 'f'}, {"target", required_argument, NULL, 't'},
		{"view-only", no_argument, NULL, 'v'}, {"control", no_argument, NULL, 'c'},
		{"keep-password", no_argument, NULL, 'k'}, COMMAND_HELP_OPTION, {0}};
	struct user_options options = {0};
	char letters[ACCOUNT_TARGETS_MAX + 8] = "";
	int option;
	while ((option = command_next_option(in, long_options, false)) >= 0) {
		const char *wrong = take_option(&options, option);
		size_t len = strlen(letters);
		if (wrong || len + 1 == sizeof(letters)) {
			return command_wrong(in, "%s", wrong ? wrong : "too many options");
		}
		letters[len] = (char)option;
	}
	if (option != COMMAND_OPTIONS_END || command_check_operands(in, 1, 2) != CTL_OK) {
		return command_exit(option);
	}
	int action = find_action(in, letters);
	return action < 0 ? CTL_USAGE : run_action(ctl, in, action, &options);
}

const struct command command_remote = {
	.name = "remote",
	.usage = "list | sessions | start NAME | stop NAME | kick ID | users | add-user NAME | "
		 "remove-user NAME",
	.help = "Remote servers, as the configuration's [remote NAME] sections have them:\n"
		"  list [--json]        the servers\n"
		"  sessions [--json]    who is connected, from where, to what\n"
		"  start NAME, stop NAME\n"
		"  kick ID              end a session at once\n"
		"and their users, with or without a running mullion:\n"
		"  users [--json]       without their passwords\n"
		"  add-user NAME        add one, or change one's password; it is asked for, or "
		"the\n"
		"                       first line of what is piped in\n"
		"      --target TARGET  desktop (the default), guest:NAME, guest:*, output:NAME "
		"or\n"
		"                       output:*; may be given several times\n"
		"      --view-only      no keys, pointer, resizing and clipboard\n"
		"      --control        these, too (the default)\n"
		"      --keep-password  change only the rest\n"
		"  remove-user NAME     and end that user's sessions\n"
		"      --file FILE      another file than $XDG_CONFIG_HOME/mullion/users.ini\n",
	.run = run_remote,
};
