#include "remote/web_targets.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "remote/web_json.h"
#include "util/mem.h"

#define CONTROL_PATH "/org/mullion/Control1"
#define CONTROL_INTERFACE "org.mullion.Control1"
#define HEADS_MAX 16
#define CALL_TIMEOUT ((uint64_t)5000000) /* us */

struct web_targets {
	struct web_targets_filter filter;
	void (*done)(void *data, const char *json, const char *error);
	void *data;
	sd_bus *bus; /* NULL: there is no mullion */
	sd_event_source *failure;
	char *json;
	size_t size;
	FILE *out; /* into json */
	unsigned int count;
};

struct entry { /* of a list; strings are the message's; NULL or 0: not there */
	const char *name, *title, *state, *label, *description;
	int64_t width, height, head;
	bool enabled;
	struct head {
		int64_t number, width, height;
	} heads[HEADS_MAX]; /* of a guest */
	size_t head_count;
};

static void free_targets(struct web_targets *targets) {
	sd_event_source_disable_unref(targets->failure);
	sd_bus_close_unref(targets->bus);
	if (targets->out) {
		fclose(targets->out);
	}
	free(targets->json);
	free(targets);
}

void web_targets_cancel(struct web_targets *targets) {
	if (targets) {
		free_targets(targets);
	}
}

/* Takes the targets. */
static void finish(struct web_targets *targets, const char *error) {
	if (!error) {
		fputs("]", targets->out);
		fflush(targets->out);
	}
	targets->done(targets->data, error ? NULL : targets->json, error);
	free_targets(targets);
}

/* Writing */

static void write_entry(
	struct web_targets *targets, const char *target, const char *kind, const struct entry *e) {
	FILE *out = targets->out;
	if (targets->count >= WEB_TARGETS_MAX ||
		!targets->filter.may_see(targets->filter.data, target)) {
		return;
	}
	fputs(targets->count++ == 0 ? "{\"target\":" : ",{\"target\":", out);
	web_json_write(out, target);
	fprintf(out, ",\"kind\":\"%s\",\"width\":%d,\"height\":%d", kind, (int)e->width,
		(int)e->height);
	const struct {
		const char *name, *value;
	} texts[] = {{"title", e->title}, {"state", e->state}, {"label", e->label},
		{"description", e->description}};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i].value) {
			fprintf(out, ",\"%s\":", texts[i].name);
			web_json_write(out, texts[i].value);
		}
	}
	fputs("}", out);
}

/* Reading; a value of another type than is known here is skipped. */

static bool read_text(sd_bus_message *message, const char *contents, const char **text) {
	return strcmp(contents, "s") == 0 && sd_bus_message_read(message, "v", "s", text) > 0;
}

static bool read_number(sd_bus_message *message, const char *contents, int64_t *number) {
	int32_t i = 0;
	uint32_t u = 0;
	if (strcmp(contents, "i") == 0 && sd_bus_message_read(message, "v", "i", &i) > 0) {
		*number = i;
		return true;
	}
	if (strcmp(contents, "u") == 0 && sd_bus_message_read(message, "v", "u", &u) > 0) {
		*number = u;
		return true;
	}
	return false;
}

static bool read_entry(sd_bus_message *message, struct entry *entry);

/* A guest's consoles, each a dictionary as the guest is. */
static bool read_heads(sd_bus_message *message, struct entry *entry) {
	if (sd_bus_message_enter_container(message, 'v', "aa{sv}") <= 0 ||
		sd_bus_message_enter_container(message, 'a', "a{sv}") <= 0) {
		return false;
	}
	while (sd_bus_message_enter_container(message, 'a', "{sv}") > 0) {
		struct entry head;
		if (!read_entry(message, &head)) {
			return false;
		}
		if (entry->head_count < HEADS_MAX) {
			entry->heads[entry->head_count++] = (struct head){
				.number = head.head, .width = head.width, .height = head.height};
		}
	}
	return sd_bus_message_exit_container(message) >= 0 &&
		sd_bus_message_exit_container(message) >= 0;
}

static bool read_value(
	sd_bus_message *message, const char *key, const char *contents, struct entry *entry) {
	const struct {
		const char *name;
		const char **text;
		int64_t *number;
	} known[] = {
		{"name", &entry->name, NULL},
		{"title", &entry->title, NULL},
		{"state", &entry->state, NULL},
		{"label", &entry->label, NULL},
		{"description", &entry->description, NULL},
		{"width", NULL, &entry->width},
		{"height", NULL, &entry->height},
		{"head", NULL, &entry->head},
	};
	int truth = 1;
	if (strcmp(key, "consoles") == 0 && strcmp(contents, "aa{sv}") == 0) {
		return read_heads(message, entry);
	}
	if (strcmp(key, "enabled") == 0 && strcmp(contents, "b") == 0) {
		bool ok = sd_bus_message_read(message, "v", "b", &truth) > 0;
		entry->enabled = truth;
		return ok;
	}
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(key, known[i].name) == 0) {
			return known[i].text ? read_text(message, contents, known[i].text)
					     : read_number(message, contents, known[i].number);
		}
	}
	return false;
}

static bool read_entry(sd_bus_message *message, struct entry *entry) {
	*entry = (struct entry){.enabled = true};
	while (sd_bus_message_enter_container(message, 'e', "sv") > 0) {
		const char *key, *contents;
		char type;
		if (sd_bus_message_read(message, "s", &key) <= 0 ||
			sd_bus_message_peek_type(message, &type, &contents) <= 0) {
			return false;
		}
		if (!read_value(message, key, contents, entry) &&
			sd_bus_message_skip(message, "v") < 0) {
			return false;
		}
		if (sd_bus_message_exit_container(message) < 0) {
			return false;
		}
	}
	return sd_bus_message_exit_container(message) >= 0;
}

/* Those after the first, which goes by the guest's name alone. */
static void write_heads(struct web_targets *targets, const struct entry *entry) {
	for (size_t i = 1; i < entry->head_count; i++) {
		const struct head *head = &entry->heads[i];
		struct entry one = *entry;
		char *target = xasprintf("guest:%s:%d", entry->name, (int)head->number);
		char *title = xasprintf("%s, head %d", entry->title, (int)head->number + 1);
		one.title = title;
		one.width = head->width;
		one.height = head->height;
		write_entry(targets, target, "guest", &one);
		free(title);
		free(target);
	}
}

/* `prefix`: "output:" or "guest:". How many there were; -1 if the list can't be read. */
static int read_list(
	struct web_targets *targets, sd_bus_message *reply, const char *prefix, const char *kind) {
	struct entry entry;
	int count = 0;
	if (sd_bus_message_get_error(reply) ||
		sd_bus_message_enter_container(reply, 'a', "a{sv}") <= 0) {
		return -1;
	}
	while (sd_bus_message_enter_container(reply, 'a', "{sv}") > 0) {
		if (!read_entry(reply, &entry) || !entry.name) {
			return -1;
		}
		char *target = xasprintf("%s%s", prefix, entry.name);
		entry.title = entry.title && *entry.title ? entry.title : entry.name;
		if (entry.enabled) {
			write_entry(targets, target, kind, &entry);
			write_heads(targets, &entry);
			count++;
		}
		free(target);
	}
	return count;
}

/* The calls */

static int handle_guests(sd_bus_message *reply, void *data, sd_bus_error *unused) {
	struct web_targets *targets = data;
	bool read = read_list(targets, reply, "guest:", "guest") >= 0;
	finish(targets, read ? NULL : "mullion doesn't tell its guests");
	return 0;
}

static bool call(
	struct web_targets *targets, const char *method, sd_bus_message_handler_t handler) {
	return sd_bus_call_method_async(targets->bus, NULL, NULL, CONTROL_PATH, CONTROL_INTERFACE,
		       method, handler, targets, NULL) >= 0;
}

static int handle_outputs(sd_bus_message *reply, void *data, sd_bus_error *unused) {
	struct web_targets *targets = data;
	if (read_list(targets, reply, "output:", "output") < 0) {
		finish(targets, "mullion doesn't tell its outputs");
	} else if (!call(targets, "ListGuests", handle_guests)) {
		finish(targets, "mullion can't be asked");
	}
	return 0;
}

/* Never blocks: a unix socket answers at once, or isn't there. */
static int connect_control(const char *path) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(address.sun_path)) {
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool open_bus(struct web_targets *targets, sd_event *event, const char *socket) {
	int fd = connect_control(socket);
	if (fd < 0) {
		return false;
	}
	if (sd_bus_new(&targets->bus) < 0 || sd_bus_set_fd(targets->bus, fd, fd) < 0) {
		close(fd);
		targets->bus = sd_bus_unref(targets->bus);
		return false;
	}
	return sd_bus_set_method_call_timeout(targets->bus, CALL_TIMEOUT) >= 0 &&
		sd_bus_start(targets->bus) >= 0 &&
		sd_bus_attach_event(targets->bus, event, SD_EVENT_PRIORITY_NORMAL) >= 0 &&
		call(targets, "ListOutputs", handle_outputs);
}

static int handle_failure(sd_event_source *source, void *data) {
	finish(data, "mullion isn't running");
	return 0;
}

struct web_targets *web_targets_ask(sd_event *event, const char *socket,
	const struct web_targets_filter *filter,
	void (*done)(void *data, const char *json, const char *error), void *data) {
	struct web_targets *targets = xcalloc(1, sizeof(*targets));
	*targets = (struct web_targets){.filter = *filter, .done = done, .data = data};
	targets->out = open_memstream(&targets->json, &targets->size);
	if (!targets->out) {
		free_targets(targets);
		return NULL;
	}
	fputs("[", targets->out);
	write_entry(targets, "desktop", "desktop", &(struct entry){.title = "Desktop"});
	if (!open_bus(targets, event, socket)) {
		targets->bus = sd_bus_close_unref(targets->bus);
		sd_event_add_defer(event, &targets->failure, handle_failure, targets);
	}
	return targets;
}
