/* A connection to the publisher, and the VM object on it. */
#include <stdlib.h>

#include "util/log.h"
#include "util/mem.h"
#include "vm-display/publisher_private.h"

static int get_name(sd_bus *bus, const char *path, const char *interface, const char *property,
	sd_bus_message *reply, void *data, sd_bus_error *error) {
	struct published_client *client = data;
	return sd_bus_message_append(reply, "s", client->publisher->name);
}

static int get_uuid(sd_bus *bus, const char *path, const char *interface, const char *property,
	sd_bus_message *reply, void *data, sd_bus_error *error) {
	struct published_client *client = data;
	return sd_bus_message_append(reply, "s", client->publisher->uuid);
}

static int get_console_ids(sd_bus *bus, const char *path, const char *interface,
	const char *property, sd_bus_message *reply, void *data, sd_bus_error *error) {
	struct published_client *client = data;
	int result = sd_bus_message_open_container(reply, 'a', "u");
	struct published_console *console;
	TAILQ_FOREACH (console, &client->publisher->consoles, link) {
		if (result >= 0) {
			result = sd_bus_message_append(reply, "u", console->id);
		}
	}
	return result < 0 ? result : sd_bus_message_close_container(reply);
}

static int get_interfaces(sd_bus *bus, const char *path, const char *interface,
	const char *property, sd_bus_message *reply, void *data, sd_bus_error *error) {
	return sd_bus_message_append(reply, "as", 0);
}

static const sd_bus_vtable vm_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_PROPERTY("Name", "s", get_name, 0, SD_BUS_VTABLE_PROPERTY_CONST),
	SD_BUS_PROPERTY("UUID", "s", get_uuid, 0, SD_BUS_VTABLE_PROPERTY_CONST),
	SD_BUS_PROPERTY(
		"ConsoleIDs", "au", get_console_ids, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
	SD_BUS_PROPERTY("Interfaces", "as", get_interfaces, 0, SD_BUS_VTABLE_PROPERTY_CONST),
	SD_BUS_VTABLE_END,
};

static void handle_link_closed(struct bus_link *link, const char *reason, bool failed, void *data) {
	struct published_client *client = data;
	if (failed) {
		log_error("a connection to \"%s\" is dropped: %s", client->publisher->name, reason);
	}
	client->left = !failed;
	published_client_destroy(client);
}

static const struct bus_link_impl link_impl = {.closed = handle_link_closed};

struct published_client *published_client_create(
	struct publisher *publisher, int fd, unsigned int rights) {
	struct published_client *client = xcalloc(1, sizeof(*client));
	client->publisher = publisher;
	client->rights = rights;
	TAILQ_INIT(&client->objects);
	TAILQ_INSERT_TAIL(&publisher->clients, client, client_link);
	publisher->client_count++;
	client->link = bus_link_create(publisher->event, fd, BUS_LINK_SERVER, &link_impl, client);
	if (!client->link) {
		published_client_destroy(client);
		return NULL;
	}
	sd_bus *bus = bus_link_bus(client->link);
	if (sd_bus_add_object_vtable(
		    bus, NULL, DISPLAY_VM_PATH, DISPLAY_VM_INTERFACE, vm_vtable, client) < 0 ||
		sd_bus_add_object_manager(bus, NULL, DISPLAY_ROOT) < 0 ||
		!published_audio_offer(client) || !published_clipboard_join(client) ||
		!bus_link_start(client->link)) {
		published_client_destroy(client);
		return NULL;
	}
	struct published_console *console;
	TAILQ_FOREACH (console, &publisher->consoles, link) {
		published_client_add_console(client, console);
	}
	return client;
}

void published_client_destroy(struct published_client *client) {
	struct published_object *object;
	TAILQ_REMOVE(&client->publisher->clients, client, client_link);
	client->publisher->client_count--;
	while ((object = TAILQ_FIRST(&client->objects))) {
		TAILQ_REMOVE(&client->objects, object, link);
		published_object_destroy(object);
	}
	published_audio_forget(client);
	published_clipboard_leave(client);
	bus_link_destroy(client->link);
	void (*ended)(void *, bool) = client->ended;
	void *data = client->ended_data;
	bool left = client->left;
	free(client);
	if (ended) {
		ended(data, left);
	}
}

void published_client_hang_up(struct published_client *client) {
	client->ended = NULL;
	published_client_destroy(client);
}

void published_client_fail(struct published_client *client, const char *reason) {
	bus_link_fail(client->link, reason);
}

/* Signals are all that we send without being asked. */
static void check_queue(struct published_client *client) {
	if (bus_link_queued(client->link) > BUS_LINK_QUEUE_MAX) {
		bus_link_fail(client->link, "the peer doesn't read what is sent to it");
	}
}

static void tell_console_ids(struct published_client *client) {
	sd_bus_emit_properties_changed(bus_link_bus(client->link), DISPLAY_VM_PATH,
		DISPLAY_VM_INTERFACE, "ConsoleIDs", NULL);
	check_queue(client);
}

void published_client_tell(struct published_client *client, struct published_console *console,
	const char *interface, const char *property) {
	sd_bus *bus = bus_link_bus(client->link);
	if (sd_bus_is_ready(bus) > 0) {
		sd_bus_emit_properties_changed(bus, console->path, interface, property, NULL);
		check_queue(client);
	}
}

void published_client_add_console(
	struct published_client *client, struct published_console *console) {
	struct published_object *object = published_object_create(client, console);
	if (!object) {
		published_client_fail(client, "a console can't be published");
		return;
	}
	TAILQ_INSERT_TAIL(&client->objects, object, link);
	sd_bus *bus = bus_link_bus(client->link);
	if (sd_bus_is_ready(bus) > 0) {
		sd_bus_emit_object_added(bus, console->path);
		tell_console_ids(client);
	}
}

static struct published_object *find_object(
	struct published_client *client, struct published_console *console) {
	struct published_object *object;
	TAILQ_FOREACH (object, &client->objects, link) {
		if (object->console == console) {
			return object;
		}
	}
	return NULL;
}

void published_client_remove_console(
	struct published_client *client, struct published_console *console) {
	struct published_object *object = find_object(client, console);
	if (!object) {
		return;
	}
	sd_bus *bus = bus_link_bus(client->link);
	bool is_ready = sd_bus_is_ready(bus) > 0;
	if (is_ready) {
		/* The bus lists the interfaces that are still there. */
		sd_bus_emit_object_removed(bus, console->path);
	}
	TAILQ_REMOVE(&client->objects, object, link);
	published_object_destroy(object);
	if (is_ready) {
		tell_console_ids(client);
	}
}
