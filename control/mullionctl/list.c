#include "command.h"

#include <stdio.h>
#include <string.h>

#include "table.h"

struct lists {
	struct json_object *guests, *views, *outputs;
};

static const char *or_dash(const char *text) {
	return text[0] ? text : "-";
}

static void add_size(struct table *table, struct json_object *object) {
	int width = ctl_int(object, "width"), height = ctl_int(object, "height");
	if (width > 0) {
		table_add_format(table, "%dx%d", width, height);
	} else {
		table_add(table, "-");
	}
}

static void add_header(struct table *table, const char *const *names) {
	int count = 0;
	while (names[count]) {
		count++;
	}
	table_init(table, count);
	for (int i = 0; i < count; i++) {
		table_add(table, names[i]);
	}
}

static void print_table(struct table *table) {
	table_print(table);
	table_finish(table);
}

static void print_guests(struct json_object *guests) {
	static const char *const names[] = {"GUEST", "STATE", "PID", "LABEL", "ACCEL", "KEYBOARD",
		"FRAMES", "SIZE", "TITLE", "REASON", NULL};
	struct table table;
	add_header(&table, names);
	for (size_t i = 0; i < json_object_array_length(guests); i++) {
		struct json_object *guest = json_object_array_get_idx(guests, i);
		table_add(&table, ctl_string(guest, "name"));
		table_add(&table, ctl_string(guest, "state"));
		int pid = ctl_int(guest, "pid");
		if (pid > 0) {
			table_add_format(&table, "%d", pid);
		} else {
			table_add(&table, "-");
		}
		table_add(&table, or_dash(ctl_string(guest, "label")));
		table_add(&table, or_dash(ctl_string(guest, "accel")));
		table_add(&table, or_dash(ctl_string(guest, "keyboard")));
		table_add(&table, or_dash(ctl_string(guest, "path")));
		add_size(&table, guest);
		table_add(&table, or_dash(ctl_string(guest, "title")));
		table_add(&table, or_dash(ctl_string(guest, "reason")));
	}
	print_table(&table);
}

static const char *view_flags(struct json_object *view) {
	if (ctl_bool(view, "focused")) {
		return "focused";
	}
	return ctl_bool(view, "visible") ? "shown" : "hidden";
}

static void print_views(struct json_object *views) {
	static const char *const names[] = {
		"VIEW", "KIND", "OUTPUT", "PLACE", "OPACITY", "STATE", "TITLE", NULL};
	struct table table;
	add_header(&table, names);
	for (size_t i = 0; i < json_object_array_length(views); i++) {
		struct json_object *view = json_object_array_get_idx(views, i);
		table_add(&table, ctl_string(view, "id"));
		table_add(&table, ctl_string(view, "kind"));
		table_add(&table, or_dash(ctl_string(view, "output")));
		table_add_format(&table, "%dx%d%+d%+d", ctl_int(view, "width"),
			ctl_int(view, "height"), ctl_int(view, "x"), ctl_int(view, "y"));
		table_add_format(&table, "%.2f", ctl_double(view, "opacity"));
		table_add(&table, view_flags(view));
		table_add(&table, or_dash(ctl_string(view, "title")));
	}
	print_table(&table);
}

static const char *output_flags(struct json_object *output) {
	if (!ctl_bool(output, "enabled")) {
		return "off";
	}
	return ctl_bool(output, "focused") ? "focused" : "on";
}

static void print_outputs(struct json_object *outputs) {
	static const char *const names[] = {
		"OUTPUT", "SIZE", "HZ", "SCALE", "PLACE", "TRANSFORM", "LAYOUT", "STATE", NULL};
	struct table table;
	add_header(&table, names);
	for (size_t i = 0; i < json_object_array_length(outputs); i++) {
		struct json_object *output = json_object_array_get_idx(outputs, i);
		table_add(&table, ctl_string(output, "name"));
		add_size(&table, output);
		table_add_format(&table, "%.2f", ctl_double(output, "refresh"));
		table_add_format(&table, "%g", ctl_double(output, "scale"));
		table_add_format(&table, "%+d%+d", ctl_int(output, "x"), ctl_int(output, "y"));
		table_add(&table, or_dash(ctl_string(output, "transform")));
		table_add(&table, or_dash(ctl_string(output, "layout")));
		table_add(&table, output_flags(output));
	}
	print_table(&table);
}

static void print_json(struct lists *lists) {
	struct json_object *all = json_object_new_object();
	json_object_object_add(all, "guests", json_object_get(lists->guests));
	json_object_object_add(all, "views", json_object_get(lists->views));
	json_object_object_add(all, "outputs", json_object_get(lists->outputs));
	ctl_print_json(all);
	json_object_put(all);
}

static void print_tables(struct lists *lists) {
	print_guests(lists->guests);
	putchar('\n');
	print_views(lists->views);
	putchar('\n');
	print_outputs(lists->outputs);
}

static enum ctl_exit run_list(struct ctl *ctl, struct invocation *in) {
	static const struct option options[] = {
		{"json", no_argument, NULL, 'j'}, COMMAND_HELP_OPTION, {0}};
	bool json = false;
	int option;
	while ((option = command_next_option(in, options, false)) == 'j') {
		json = true;
	}
	if (option != COMMAND_OPTIONS_END || command_check_operands(in, 0, 0) != CTL_OK) {
		return command_exit(option);
	}
	struct lists lists = {0};
	enum ctl_exit result = ctl_list(ctl, "ListGuests", &lists.guests);
	if (result == CTL_OK) {
		result = ctl_list(ctl, "ListViews", &lists.views);
	}
	if (result == CTL_OK) {
		result = ctl_list(ctl, "ListOutputs", &lists.outputs);
	}
	if (result == CTL_OK) {
		json ? print_json(&lists) : print_tables(&lists);
	}
	json_object_put(lists.guests);
	json_object_put(lists.views);
	json_object_put(lists.outputs);
	return result;
}

const struct command command_list = {
	.name = "list",
	.usage = "[--json]",
	.help = "Lists the guests, the views and the outputs: as tables, or as one JSON object\n"
		"{\"guests\": [...], \"views\": [...], \"outputs\": [...]}.\n",
	.run = run_list,
};

static enum ctl_exit run_status(struct ctl *ctl, struct invocation *in) {
	int option = command_parse_plain(in, 0, 0);
	if (option != COMMAND_OPTIONS_END) {
		return command_exit(option);
	}
	static const char *const methods[] = {"ListGuests", "ListViews", "ListOutputs"};
	size_t counts[3];
	for (int i = 0; i < 3; i++) {
		struct json_object *list;
		enum ctl_exit result = ctl_list(ctl, methods[i], &list);
		if (result != CTL_OK) {
			return result;
		}
		counts[i] = json_object_array_length(list);
		json_object_put(list);
	}
	printf("mullion is running: guests %zu, views %zu, outputs %zu\n", counts[0], counts[1],
		counts[2]);
	return CTL_OK;
}

const struct command command_status = {
	.name = "status",
	.usage = "",
	.help = "Says whether mullion is running, and how much it has. Exit status 4 if it "
		"isn't.\n",
	.run = run_status,
};
