#include "users.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "password.h"
#include "table.h"
#include "util/mem.h"

/* NULL after a line. */
static char *find_file(const struct user_options *options) {
	char *path = options->file ? xstrdup(options->file) : accounts_path();
	if (!path) {
		ctl_fail(CTL_FAILED, "where is the users' file? there is no HOME");
	}
	return path;
}

struct report { /* what util/accounts.h writes about mistakes */
	FILE *stream;
	char *text;
	size_t size;
};

static void report_begin(struct report *report) {
	*report = (struct report){0};
	report->stream = open_memstream(&report->text, &report->size);
}

/* Each line with our name before it. */
static enum ctl_exit report_end(struct report *report, bool ok) {
	fclose(report->stream);
	char *rest = report->text, *line;
	while ((line = strsep(&rest, "\n"))) {
		if (line[0]) {
			ctl_fail(CTL_FAILED, "%s", line);
		}
	}
	free(report->text);
	return ok ? CTL_OK : CTL_FAILED;
}

enum ctl_exit users_add(struct invocation *in, const struct user_options *options) {
	const char *name = in->operands[1], *wrong = account_name_mistake(name);
	char password[ACCOUNT_PASSWORD_MAX + 2] = "";
	if (!wrong && !options->keep_password) {
		wrong = password_ask(name, password, sizeof(password));
		wrong = wrong ? wrong : account_password_mistake(password);
	}
	if (wrong) {
		explicit_bzero(password, sizeof(password));
		return ctl_fail(CTL_FAILED, "%s: %s", name, wrong);
	}
	char *path = find_file(options);
	if (!path) {
		return CTL_FAILED;
	}
	struct account_change change = {
		.password = options->keep_password ? NULL : password,
		.targets = options->target_count > 0 ? options->targets : NULL,
		.view_only = options->view_only ? 1
			: options->control      ? 0
						: -1,
	};
	struct report report;
	report_begin(&report);
	bool ok = accounts_put(path, name, &change, report.stream);
	explicit_bzero(password, sizeof(password));
	free(path);
	return report_end(&report, ok);
}

static enum ctl_exit kick_all(struct ctl *ctl, const char *user) {
	struct json_object *sessions = NULL;
	enum ctl_exit result = ctl_list(ctl, "ListSessions", &sessions);
	for (size_t i = 0; result == CTL_OK && i < json_object_array_length(sessions); i++) {
		struct json_object *session = json_object_array_get_idx(sessions, i);
		if (strcmp(ctl_string(session, "user"), user) == 0) {
			result = ctl_call(ctl, NULL, "KickSession", "s", ctl_string(session, "id"));
		}
	}
	json_object_put(sessions);
	return result;
}

enum ctl_exit users_remove(
	struct ctl *ctl, struct invocation *in, const struct user_options *options) {
	const char *name = in->operands[1];
	char *path = find_file(options);
	if (!path) {
		return CTL_FAILED;
	}
	struct report report;
	report_begin(&report);
	bool ok = accounts_remove(path, name, report.stream);
	free(path);
	enum ctl_exit result = report_end(&report, ok);
	return result == CTL_OK && ctl_is_there() ? kick_all(ctl, name) : result;
}

static void print_table(const struct accounts *accounts) {
	static const char *const names[] = {"USER", "RIGHTS", "TARGETS"};
	struct table table;
	table_init(&table, 3);
	for (size_t i = 0; i < 3; i++) {
		table_add(&table, names[i]);
	}
	for (size_t i = 0; i < accounts_count(accounts); i++) {
		const struct account *account = accounts_get(accounts, i);
		table_add(&table, account->name);
		table_add(&table, account->view_only ? "view" : "control");
		char *targets = xstrdup(account->targets[0]);
		for (char **target = account->targets + 1; *target; target++) {
			char *longer = xasprintf("%s, %s", targets, *target);
			free(targets);
			targets = longer;
		}
		table_add(&table, targets);
		free(targets);
	}
	table_print(&table);
	table_finish(&table);
}

static void print_json(const struct accounts *accounts) {
	struct json_object *users = json_object_new_array();
	for (size_t i = 0; i < accounts_count(accounts); i++) {
		const struct account *account = accounts_get(accounts, i);
		struct json_object *user = json_object_new_object();
		struct json_object *targets = json_object_new_array();
		for (char **target = account->targets; *target; target++) {
			json_object_array_add(targets, json_object_new_string(*target));
		}
		json_object_object_add(user, "name", json_object_new_string(account->name));
		json_object_object_add(user, "rights",
			json_object_new_string(account->view_only ? "view" : "control"));
		json_object_object_add(user, "targets", targets);
		json_object_array_add(users, user);
	}
	ctl_print_json(users);
	json_object_put(users);
}

enum ctl_exit users_list(struct invocation *in, const struct user_options *options) {
	char *path = find_file(options);
	if (!path) {
		return CTL_FAILED;
	}
	struct report report;
	report_begin(&report);
	struct accounts *accounts = accounts_load(path, report.stream);
	free(path);
	if (accounts) {
		options->json ? print_json(accounts) : print_table(accounts);
	}
	enum ctl_exit result = report_end(&report, accounts);
	accounts_destroy(accounts);
	return result;
}
