#include "vm-display/display_client.h"

#include <stdlib.h>
#include <string.h>

#include "util/log.h"
#include "util/mem.h"
#include "vm-display/bus_properties.h"
#include "vm-display/display_client_private.h"

#define VM_NAME_MAX 128 /* bytes */

struct display_client {
	sd_event *event;
	struct bus_link *link; /* NULL when the connection is gone */
	const struct display_client_impl *impl;
	void *data;
	char name[VM_NAME_MAX + 1];
	struct console_list consoles;
	uint32_t ids[DISPLAY_CONSOLES_MAX]; /* as the peer told them last */
	size_t id_count;
	int requests; /* unanswered */
	bool is_ready;
	sd_event_source *deadline; /* of `ready` */
};

sd_bus *display_client_bus(struct display_client *client) {
	return client->link ? bus_link_bus(client->link) : NULL;
}

size_t display_client_queued(struct display_client *client) {
	return client->link ? bus_link_queued(client->link) : 0;
}

sd_event *display_client_event(struct display_client *client) {
	return client->event;
}

void display_client_fail(struct display_client *client, const char *reason) {
	if (client->link) {
		bus_link_fail(client->link, reason);
	}
}

const char *display_client_vm_name(const struct display_client *client) {
	return client->name;
}

struct console_list *display_client_consoles(struct display_client *client) {
	return &client->consoles;
}

static void handle_link_closed(struct bus_link *link, const char *reason, bool failed, void *data) {
	struct display_client *client = data;
	bus_link_destroy(client->link);
	client->link = NULL;
	client->deadline = sd_event_source_disable_unref(client->deadline);
	struct console *console;
	TAILQ_FOREACH (console, &client->consoles, link) {
		console_lose(console);
	}
	client->impl->lost(client, reason, client->data);
}

static void handle_link_drained(struct bus_link *link, void *data) {
	struct display_client *client = data;
	struct console *console;
	TAILQ_FOREACH (console, &client->consoles, link) {
		console_flush_motion(console);
	}
}

static const struct bus_link_impl link_impl = {
	.closed = handle_link_closed,
	.drained = handle_link_drained,
};

/* Tells of the consoles that aren't known yet: of all by `ready` at first. */
static void finish_request(struct display_client *client) {
	if (--client->requests > 0) {
		return;
	}
	struct console *console;
	TAILQ_FOREACH (console, &client->consoles, link) {
		if (client->is_ready && !console->private->is_known) {
			client->impl->console_added(console, client->data);
		}
		console->private->is_known = true;
	}
	if (client->is_ready) {
		return;
	}
	client->is_ready = true;
	client->deadline = sd_event_source_disable_unref(client->deadline);
	if (client->impl->ready) {
		client->impl->ready(client, client->data);
	}
}

struct console *display_client_find(struct display_client *client, uint32_t id) {
	struct console *console;
	TAILQ_FOREACH (console, &client->consoles, link) {
		if (console->id == id) {
			return console;
		}
	}
	return NULL;
}

static struct console *find_console(struct display_client *client, const char *path) {
	struct console *console;
	TAILQ_FOREACH (console, &client->consoles, link) {
		if (strcmp(console->private->path, path) == 0) {
			return console;
		}
	}
	return NULL;
}

/* In the order of ids. False if it can't be asked for its properties. */
static bool add_console(struct display_client *client, uint32_t id) {
	struct console *before;
	TAILQ_FOREACH (before, &client->consoles, link) {
		if (before->id > id) {
			break;
		}
	}
	struct console *console = console_create(client, id);
	if (before) {
		TAILQ_INSERT_BEFORE(before, console, link);
	} else {
		TAILQ_INSERT_TAIL(&client->consoles, console, link);
	}
	return console_request_properties(console, finish_request, &client->requests);
}

static void remove_console(struct display_client *client, struct console *console) {
	console_lose(console);
	if (console->private->is_known) {
		client->impl->console_removed(console, client->data);
	}
	TAILQ_REMOVE(&client->consoles, console, link);
	console_destroy(console);
}

static bool is_listed(const struct display_client *client, uint32_t id) {
	for (size_t i = 0; i < client->id_count; i++) {
		if (client->ids[i] == id) {
			return true;
		}
	}
	return false;
}

/* Makes the consoles those that the peer has told; one that was told twice is one. */
static void update_consoles(struct display_client *client) {
	struct console *console = TAILQ_FIRST(&client->consoles), *next;
	for (; console && client->impl->console_removed; console = next) {
		next = TAILQ_NEXT(console, link);
		if (!is_listed(client, console->id)) {
			remove_console(client, console);
		}
	}
	if (client->is_ready && !client->impl->console_added) {
		return;
	}
	for (size_t i = 0; i < client->id_count; i++) {
		if (!display_client_find(client, client->ids[i]) &&
			!add_console(client, client->ids[i])) {
			display_client_fail(client, "the consoles can't be asked");
			return;
		}
	}
}

static int read_name(sd_bus_message *message, void *data) {
	struct display_client *client = data;
	const char *name;
	int result = sd_bus_message_read(message, "s", &name);
	if (result >= 0) {
		bus_copy_printable(client->name, sizeof(client->name), name);
	}
	return result;
}

static int read_console_ids(sd_bus_message *message, void *data) {
	struct display_client *client = data;
	const void *array;
	size_t size;
	int result = sd_bus_message_read_array(message, 'u', &array, &size);
	if (result < 0) {
		return result;
	}
	size_t count = size / sizeof(client->ids[0]);
	if (count > DISPLAY_CONSOLES_MAX) {
		log_info("a display has %zu consoles; the first %d are used", count,
			DISPLAY_CONSOLES_MAX);
		count = DISPLAY_CONSOLES_MAX;
	}
	memcpy(client->ids, array, count * sizeof(client->ids[0]));
	client->id_count = count;
	return 0;
}

static const struct bus_property vm_properties[] = {
	{"Name", "s", read_name},
	{"ConsoleIDs", "au", read_console_ids},
	{NULL},
};

void display_client_note_answer(struct display_client *client) {
	if (client->link) {
		bus_link_note_answer(client->link);
	}
}

static int handle_vm_properties(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct display_client *client = data;
	display_client_note_answer(client);
	if (sd_bus_message_is_method_error(message, NULL) ||
		bus_properties_read(message, vm_properties, client) < 0) {
		display_client_fail(client, "the display doesn't describe itself");
		return 1;
	}
	update_consoles(client);
	finish_request(client);
	return 1;
}

/* Of the VM: its consoles may have come and gone. */
static void read_vm_change(struct display_client *client, sd_bus_message *message) {
	const char *interface;
	if (!client->impl->console_added && !client->impl->console_removed) {
		return;
	}
	if (!sd_bus_message_has_signature(message, "sa{sv}as") ||
		sd_bus_message_read(message, "s", &interface) < 0 ||
		bus_properties_read(message, vm_properties, client) < 0) {
		display_client_fail(client, "a property of the display has the wrong type");
		return;
	}
	update_consoles(client);
}

static int handle_properties_changed(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct display_client *client = data;
	const char *path = sd_bus_message_get_path(message), *interface;
	if (strcmp(path, DISPLAY_VM_PATH) == 0) {
		read_vm_change(client, message);
		return 0;
	}
	struct console *console = find_console(client, path);
	if (!console) {
		return 0;
	}
	if (!sd_bus_message_has_signature(message, "sa{sv}as") ||
		sd_bus_message_read(message, "s", &interface) < 0 ||
		console_read_properties(console, interface, message) < 0) {
		display_client_fail(client, "a property of a console has the wrong type");
		return 0;
	}
	if (console->private->is_known && client->impl->console_changed) {
		client->impl->console_changed(console, client->data);
	}
	return 0;
}

static int handle_deadline(sd_event_source *source, uint64_t usec, void *data) {
	display_client_fail(data, "the display doesn't answer");
	return 0;
}

static bool begin(struct display_client *client) {
	sd_bus *bus = bus_link_bus(client->link);
	client->requests = 1;
	return sd_bus_match_signal(bus, NULL, NULL, NULL, DISPLAY_PROPERTIES_INTERFACE,
		       "PropertiesChanged", handle_properties_changed, client) >= 0 &&
		bus_link_start(client->link) &&
		sd_bus_call_method_async(bus, NULL, NULL, DISPLAY_VM_PATH,
			DISPLAY_PROPERTIES_INTERFACE, "GetAll", handle_vm_properties, client, "s",
			DISPLAY_VM_INTERFACE) >= 0 &&
		sd_event_add_time_relative(client->event, &client->deadline, CLOCK_MONOTONIC,
			DISPLAY_READY_MAX, 0, handle_deadline, client) >= 0;
}

struct display_client *display_client_create(
	sd_event *event, int fd, const struct display_client_impl *impl, void *data) {
	struct display_client *client = xcalloc(1, sizeof(*client));
	client->event = sd_event_ref(event);
	client->impl = impl;
	client->data = data;
	TAILQ_INIT(&client->consoles);
	client->link = bus_link_create(event, fd, BUS_LINK_CLIENT, &link_impl, client);
	if (!client->link || !begin(client)) {
		log_error("can't open a display");
		display_client_destroy(client);
		return NULL;
	}
	return client;
}

void display_client_destroy(struct display_client *client) {
	if (!client) {
		return;
	}
	struct console *console;
	while ((console = TAILQ_FIRST(&client->consoles))) {
		TAILQ_REMOVE(&client->consoles, console, link);
		console_destroy(console);
	}
	sd_event_source_disable_unref(client->deadline);
	bus_link_destroy(client->link);
	sd_event_unref(client->event);
	free(client);
}
