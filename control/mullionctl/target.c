#include "target.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "util/mem.h"
#include "vm-display/guard.h"

#define HEADS_MAX 64

bool target_choice_take(struct target_choice *choice, int option) {
	if (option == 'g') {
		choice->guest = optarg;
	} else if (option == 'o') {
		choice->output = optarg;
	} else {
		return false;
	}
	return true;
}

enum ctl_exit target_choice_check(const struct target_choice *choice, const struct invocation *in) {
	if (choice->guest && choice->output) {
		return command_wrong(in, "either a guest or an output, not both");
	}
	const char *head = choice->guest ? strchr(choice->guest, ':') : NULL;
	int number;
	if (head && !parse_int(head + 1, 0, HEADS_MAX, &number)) {
		return command_wrong(in, "a head is a number, not \"%s\"", head + 1);
	}
	return CTL_OK;
}

char *target_choice_guest(const struct target_choice *choice) {
	if (!choice->guest) {
		return NULL;
	}
	char *name = xstrdup(choice->guest);
	name[strcspn(name, ":")] = '\0';
	return name;
}

/* The focused output, else the first that is on. */
static enum ctl_exit find_output(struct ctl *ctl, char **name) {
	struct json_object *outputs = NULL;
	enum ctl_exit result = ctl_list(ctl, "ListOutputs", &outputs);
	if (result != CTL_OK) {
		return result;
	}
	const char *found = NULL;
	for (size_t i = 0; i < json_object_array_length(outputs); i++) {
		struct json_object *output = json_object_array_get_idx(outputs, i);
		bool enabled = ctl_bool(output, "enabled");
		if (enabled && (!found || ctl_bool(output, "focused"))) {
			found = ctl_string(output, "name");
		}
	}
	if (found) {
		*name = xasprintf("output:%s", found);
	} else {
		result = ctl_fail(CTL_FAILED, "mullion has no output that is on");
	}
	json_object_put(outputs);
	return result;
}

static enum ctl_exit name_target(struct ctl *ctl, const struct target_choice *choice, char **name) {
	if (choice->guest) {
		char *guest = target_choice_guest(choice);
		*name = xasprintf("guest:%s", guest);
		free(guest);
		return CTL_OK;
	}
	if (choice->output) {
		*name = xasprintf("output:%s", choice->output);
		return CTL_OK;
	}
	return find_output(ctl, name);
}

/* The fd is the caller's. */
static enum ctl_exit open_display(struct ctl *ctl, const char *name, unsigned int rights, int *fd) {
	sd_bus_message *reply = NULL;
	enum ctl_exit result = ctl_call(ctl, &reply, "OpenDisplay", "su", name, (uint32_t)rights);
	int received;
	if (result == CTL_OK && sd_bus_message_read(reply, "h", &received) < 0) {
		result = ctl_fail(CTL_FAILED, "mullion's answer makes no sense");
	} else if (result == CTL_OK) {
		*fd = fcntl(received, F_DUPFD_CLOEXEC, 3);
		if (*fd < 0) {
			result = ctl_fail(CTL_FAILED, "no file descriptor is left");
		}
	}
	sd_bus_message_unref(reply);
	return result;
}

/* The console with the chosen head; without a choice the first graphic one, else any. */
static struct console *pick_console(
	struct display_client *client, const struct target_choice *choice) {
	const char *head = choice->guest ? strchr(choice->guest, ':') : NULL;
	struct console *console, *first = NULL;
	TAILQ_FOREACH (console, display_client_consoles(client), link) {
		if (head && console->graphic && console->head == strtoul(head + 1, NULL, 10)) {
			return console;
		}
		if (!first || (console->graphic && !first->graphic)) {
			first = console;
		}
	}
	return head ? NULL : first;
}

static void look_for_console(struct target *target) {
	if (!target->console) {
		target->console = pick_console(target->client, target->choice);
		target->found = target->console != NULL;
	}
}

static void handle_ready(struct display_client *client, void *data) {
	struct target *target = data;
	target->ready = true;
	look_for_console(target);
}

static void handle_console_added(struct console *console, void *data) {
	look_for_console(data);
}

static void handle_lost(struct display_client *client, const char *reason, void *data) {
	struct target *target = data;
	target->lost = true;
	ctl_fail(CTL_FAILED, "%s: the connection is lost: %s", target->name, reason);
}

static const struct display_client_impl client_impl = {
	.ready = handle_ready,
	.console_added = handle_console_added,
	.lost = handle_lost,
};

static enum ctl_exit connect_client(struct target *target, int fd) {
	guard_install();
	if (sd_event_new(&target->event) < 0) {
		close(fd);
		return ctl_fail(CTL_FAILED, "can't make an event loop");
	}
	target->client = display_client_create(target->event, fd, &client_impl, target);
	if (!target->client) {
		return CTL_FAILED;
	}
	target_set_timeout(target, TARGET_OPEN_TIMEOUT);
	enum ctl_exit result = target_run(target, &target->ready);
	target_set_timeout(target, 0);
	return result == CTL_TIMEOUT ? ctl_fail(result, "%s doesn't answer", target->name) : result;
}

/* CTL_OK if the guest is on, so that its consoles may yet come. */
static enum ctl_exit check_guest_is_on(struct ctl *ctl, const char *name) {
	struct json_object *guests = NULL;
	enum ctl_exit result = ctl_list(ctl, "ListGuests", &guests);
	if (result != CTL_OK) {
		return result;
	}
	struct json_object *guest = ctl_find(guests, "name", name);
	if (guest && strcmp(ctl_string(guest, "state"), "off") == 0) {
		result = ctl_fail(CTL_FAILED, "guest %s is off; \"mullionctl start %s\" starts it",
			name, name);
	}
	json_object_put(guests);
	return result;
}

/* A guest that has just been started gets its consoles a little later. */
static enum ctl_exit wait_for_console(struct ctl *ctl, double timeout, struct target *target) {
	if (!target->choice->guest || !TAILQ_EMPTY(display_client_consoles(target->client))) {
		return ctl_fail(CTL_FAILED, "%s has no such console", target->name);
	}
	char *guest = target_choice_guest(target->choice);
	enum ctl_exit result = check_guest_is_on(ctl, guest);
	free(guest);
	if (result == CTL_OK) {
		target_set_timeout(target, timeout);
		result = target_run(target, &target->found);
		target_set_timeout(target, 0);
		if (result == CTL_TIMEOUT) {
			result = ctl_fail(result, "%s has no such console yet", target->name);
		}
	}
	return result;
}

enum ctl_exit target_open(struct ctl *ctl, const struct target_choice *choice, unsigned int rights,
	double timeout, struct target *target) {
	int fd = -1;
	target->choice = choice;
	enum ctl_exit result = name_target(ctl, choice, &target->name);
	if (result == CTL_OK) {
		result = open_display(ctl, target->name, rights, &fd);
	}
	if (result == CTL_OK) {
		result = connect_client(target, fd);
	}
	if (result == CTL_OK && !target->found) {
		result = wait_for_console(ctl, timeout, target);
	}
	return result;
}

void target_finish(struct target *target) {
	display_client_destroy(target->client);
	sd_event_source_disable_unref(target->timer);
	sd_event_unref(target->event);
	free(target->name);
	*target = (struct target){0};
}

static int handle_timeout(sd_event_source *source, uint64_t usec, void *data) {
	struct target *target = data;
	target->timed_out = true;
	return 0;
}

void target_set_timeout(struct target *target, double seconds) {
	target->timer = sd_event_source_disable_unref(target->timer);
	target->timed_out = false;
	if (seconds > 0) {
		sd_event_add_time_relative(target->event, &target->timer, CLOCK_MONOTONIC,
			(uint64_t)(seconds * 1e6), 1000, handle_timeout, target);
	}
}

enum ctl_exit target_run(struct target *target, const bool *done) {
	while (!*done) {
		if (target->lost) {
			return CTL_FAILED;
		}
		if (target->timed_out) {
			return CTL_TIMEOUT;
		}
		if (sd_event_run(target->event, UINT64_MAX) < 0) {
			return ctl_fail(CTL_FAILED, "the event loop failed");
		}
	}
	return CTL_OK;
}

struct settling {
	bool synced, passed;
};

static void handle_synced(void *data, bool ok) {
	struct settling *settling = data;
	settling->synced = true;
}

static int handle_passed(sd_event_source *source, uint64_t usec, void *data) {
	struct settling *settling = data;
	settling->passed = true;
	return 0;
}

enum ctl_exit target_settle(struct target *target, uint64_t usec) {
	struct settling settling = {.passed = usec == 0};
	console_sync(target->console, handle_synced, &settling);
	enum ctl_exit result = target_run(target, &settling.synced);
	if (result != CTL_OK || settling.passed) {
		return result;
	}
	sd_event_source *timer = NULL;
	if (sd_event_add_time_relative(target->event, &timer, CLOCK_MONOTONIC, usec, 1000,
		    handle_passed, &settling) < 0) {
		return ctl_fail(CTL_FAILED, "can't make a timer");
	}
	result = target_run(target, &settling.passed);
	sd_event_source_disable_unref(timer);
	return result;
}
