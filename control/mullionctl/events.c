#include "command.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "table.h"

struct events {
	bool json;
};

static void print_plain(const char *kind, const char *object, const char *detail) {
	const char *parts[] = {kind, object, detail};
	for (int i = 0; i < 3; i++) {
		char *text = printable(parts[i]);
		printf("%s%s", i > 0 && text[0] ? " " : "", text);
		free(text);
	}
	putchar('\n');
}

static void print_json(const char *kind, const char *object, const char *detail) {
	struct json_object *event = json_object_new_object();
	json_object_object_add(event, "kind", json_object_new_string(kind));
	json_object_object_add(event, "object", json_object_new_string(object));
	json_object_object_add(event, "detail", json_object_new_string(detail));
	puts(json_object_to_json_string_ext(
		event, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(event);
}

static int handle_event(sd_bus_message *message, void *data, sd_bus_error *error) {
	const struct events *events = data;
	const char *kind, *object, *detail;
	if (sd_bus_message_read(message, "sss", &kind, &object, &detail) < 0) {
		return 0;
	}
	events->json ? print_json(kind, object, detail) : print_plain(kind, object, detail);
	fflush(stdout);
	return 0;
}

/* False when nobody reads any more what we write: "events | grep -m 1" ends with grep. */
static bool wait_for_event(sd_bus *bus) {
	uint64_t deadline;
	struct pollfd fds[] = {
		{.fd = sd_bus_get_fd(bus), .events = (short)sd_bus_get_events(bus)},
		{.fd = STDOUT_FILENO},
	};
	/* A message that was read already is due at once; else there is nothing to wake for. */
	bool due = sd_bus_get_timeout(bus, &deadline) >= 0 && deadline == 0;
	poll(fds, 2, due ? 0 : -1);
	return !(fds[1].revents & (POLLERR | POLLHUP)) && !ferror(stdout);
}

/* Until mullion ends or nobody reads. */
static enum ctl_exit print_events(struct ctl *ctl) {
	for (;;) {
		int r = sd_bus_process(ctl->bus, NULL);
		if (r == -ECONNRESET || r == -ENOTCONN || r == -EPIPE ||
			sd_bus_is_open(ctl->bus) <= 0) {
			return CTL_OK;
		}
		if (r < 0) {
			return ctl_fail(CTL_FAILED, "%s", strerror(-r));
		}
		if (r == 0 && !wait_for_event(ctl->bus)) {
			return CTL_OK;
		}
	}
}

static enum ctl_exit run_events(struct ctl *ctl, struct invocation *in) {
	static const struct option options[] = {
		{"json", no_argument, NULL, 'j'}, COMMAND_HELP_OPTION, {0}};
	struct events events = {0};
	int option;
	while ((option = command_next_option(in, options, false)) == 'j') {
		events.json = true;
	}
	if (option != COMMAND_OPTIONS_END || command_check_operands(in, 0, 0) != CTL_OK) {
		return command_exit(option);
	}
	enum ctl_exit result = ctl_connect(ctl);
	if (result != CTL_OK) {
		return result;
	}
	int r = sd_bus_match_signal(
		ctl->bus, NULL, NULL, NULL, "org.mullion.Control1", "Event", handle_event, &events);
	/* Events come to those who have said something. */
	r = r < 0 ? r
		  : sd_bus_call_method(ctl->bus, "org.mullion.Control1", "/org/mullion/Control1",
			    "org.freedesktop.DBus.Peer", "Ping", NULL, NULL, "");
	return r < 0 ? ctl_fail(CTL_FAILED, "%s", strerror(-r)) : print_events(ctl);
}

const struct command command_events = {
	.name = "events",
	.usage = "[--json]",
	.help = "Prints what happens, a line each (\"guest-state debian running\"), until mullion\n"
		"ends or nobody reads it; with --json, an object with kind, object and detail "
		"each.\n",
	.run = run_events,
};
