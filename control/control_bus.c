/* What a client that takes the socket for a message bus asks of it: busctl and gdbus do. */
#include "control/control_private.h"

#include <string.h>
#include <unistd.h>

#define BUS_NAME "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"
#define START_REPLY_ALREADY_RUNNING 2

/* The owner of a name as this client may know it; NULL if nobody owns it. */
static const char *name_owner(const struct control_client *client, const char *name) {
	if (strcmp(name, BUS_NAME) == 0) {
		return BUS_NAME;
	}
	if (strcmp(name, CONTROL_NAME) == 0 || strcmp(name, CONTROL_UNIQUE_NAME) == 0) {
		return CONTROL_UNIQUE_NAME;
	}
	return strcmp(name, client->unique_name) == 0 ? client->unique_name : NULL;
}

/* Reads the name that a method is about and finds its owner. */
static int read_owner(
	sd_bus_message *message, void *data, const char **owner, sd_bus_error *error) {
	const char *name;
	int r = sd_bus_message_read(message, "s", &name);
	if (r < 0) {
		return r;
	}
	*owner = name_owner(data, name);
	return *owner
		? 0
		: sd_bus_error_setf(error, SD_BUS_ERROR_NAME_HAS_NO_OWNER, "Nobody owns %s", name);
}

static int handle_hello(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct control_client *client = data;
	return sd_bus_reply_method_return(message, "s", client->unique_name);
}

/* Every client gets all signals of the one interface there is, so there are no rules to keep. */
static int handle_match(sd_bus_message *message, void *data, sd_bus_error *error) {
	return sd_bus_reply_method_return(message, "");
}

static int handle_get_name_owner(sd_bus_message *message, void *data, sd_bus_error *error) {
	const char *owner;
	int r = read_owner(message, data, &owner, error);
	return r < 0 ? r : sd_bus_reply_method_return(message, "s", owner);
}

static int handle_name_has_owner(sd_bus_message *message, void *data, sd_bus_error *error) {
	const char *name;
	int r = sd_bus_message_read(message, "s", &name);
	return r < 0 ? r : sd_bus_reply_method_return(message, "b", name_owner(data, name) != NULL);
}

static int handle_start_service(sd_bus_message *message, void *data, sd_bus_error *error) {
	const char *owner;
	int r = read_owner(message, data, &owner, error);
	return r < 0
		? r
		: sd_bus_reply_method_return(message, "u", (uint32_t)START_REPLY_ALREADY_RUNNING);
}

static int handle_list_names(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct control_client *client = data;
	return sd_bus_reply_method_return(
		message, "as", 4, BUS_NAME, CONTROL_NAME, CONTROL_UNIQUE_NAME, client->unique_name);
}

static int handle_list_activatable(sd_bus_message *message, void *data, sd_bus_error *error) {
	return sd_bus_reply_method_return(message, "as", 0);
}

static int handle_get_id(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct control_client *client = data;
	char text[SD_ID128_STRING_MAX];
	return sd_bus_reply_method_return(
		message, "s", sd_id128_to_string(client->control->id, text));
}

static int handle_get_pid(sd_bus_message *message, void *data, sd_bus_error *error) {
	const char *owner;
	int r = read_owner(message, data, &owner, error);
	return r < 0 ? r : sd_bus_reply_method_return(message, "u", (uint32_t)getpid());
}

static int handle_get_uid(sd_bus_message *message, void *data, sd_bus_error *error) {
	const char *owner;
	int r = read_owner(message, data, &owner, error);
	return r < 0 ? r : sd_bus_reply_method_return(message, "u", (uint32_t)getuid());
}

/* busctl shows what comes after the bus has taken its name away. */
static int handle_become_monitor(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct control_client *client = data;
	int r = sd_bus_reply_method_return(message, "");
	return r < 0 ? r
		     : sd_bus_emit_signal(client->bus, BUS_PATH, BUS_NAME, "NameLost", "s",
			       client->unique_name);
}

#define BUS_METHOD(name, in, out, handler)                                                         \
	SD_BUS_METHOD(name, in, out, handler, SD_BUS_VTABLE_UNPRIVILEGED)

static const sd_bus_vtable bus_vtable[] = {
	SD_BUS_VTABLE_START(0),
	BUS_METHOD("Hello", "", "s", handle_hello),
	BUS_METHOD("AddMatch", "s", "", handle_match),
	BUS_METHOD("RemoveMatch", "s", "", handle_match),
	BUS_METHOD("GetNameOwner", "s", "s", handle_get_name_owner),
	BUS_METHOD("NameHasOwner", "s", "b", handle_name_has_owner),
	BUS_METHOD("StartServiceByName", "su", "u", handle_start_service),
	BUS_METHOD("ListNames", "", "as", handle_list_names),
	BUS_METHOD("ListActivatableNames", "", "as", handle_list_activatable),
	BUS_METHOD("GetId", "", "s", handle_get_id),
	BUS_METHOD("GetConnectionUnixProcessID", "s", "u", handle_get_pid),
	BUS_METHOD("GetConnectionUnixUser", "s", "u", handle_get_uid),
	SD_BUS_SIGNAL("NameLost", "s", 0),
	SD_BUS_VTABLE_END,
};

static const sd_bus_vtable monitoring_vtable[] = {
	SD_BUS_VTABLE_START(0),
	BUS_METHOD("BecomeMonitor", "asu", "", handle_become_monitor),
	SD_BUS_VTABLE_END,
};

int control_add_bus_methods(struct control_client *client) {
	int r = sd_bus_add_object_vtable(client->bus, NULL, BUS_PATH, BUS_NAME, bus_vtable, client);
	return r < 0 ? r
		     : sd_bus_add_object_vtable(client->bus, NULL, BUS_PATH, BUS_NAME ".Monitoring",
			       monitoring_vtable, client);
}
