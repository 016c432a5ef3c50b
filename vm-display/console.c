#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/log.h"
#include "util/mem.h"
#include "vm-display/bus_properties.h"
#include "vm-display/display_client_private.h"
#include "vm-display/listener.h"
#include "vm-display/parting.h"

struct console *console_create(struct display_client *client, uint32_t id) {
	struct console *console = xcalloc(1, sizeof(*console));
	console->client = client;
	console->id = id;
	console->graphic = true;
	screen_init(&console->screen);
	console->private = xcalloc(1, sizeof(*console->private));
	snprintf(console->private->path, DISPLAY_PATH_SIZE, DISPLAY_ROOT "/Console_%u", id);
	return console;
}

static void stop_listening(struct console *console) {
	struct console_private *private = console->private;
	private->registration = sd_bus_slot_unref(private->registration);
	private->farewell = sd_bus_slot_unref(private->farewell);
	listener_destroy(private->listener);
	private->listener = NULL;
	console->path = CONSOLE_PATH_NONE;
}

void console_destroy(struct console *console) {
	stop_listening(console);
	parting_destroy(console->private->parting);
	sd_bus_slot_unref(console->private->sync);
	screen_finish(&console->screen);
	free(console->private);
	free(console);
}

static int read_label(sd_bus_message *message, void *data) {
	struct console *console = data;
	const char *label;
	int result = sd_bus_message_read(message, "s", &label);
	if (result >= 0) {
		bus_copy_printable(console->label, sizeof(console->label), label);
	}
	return result;
}

static int read_head(sd_bus_message *message, void *data) {
	struct console *console = data;
	return sd_bus_message_read(message, "u", &console->head);
}

static int read_type(sd_bus_message *message, void *data) {
	struct console *console = data;
	const char *type;
	int result = sd_bus_message_read(message, "s", &type);
	if (result >= 0) {
		console->graphic = strcmp(type, "Text") != 0;
	}
	return result;
}

static int read_leds(sd_bus_message *message, void *data) {
	struct console *console = data;
	return sd_bus_message_read(message, "u", &console->leds);
}

static int read_is_absolute(sd_bus_message *message, void *data) {
	struct console *console = data;
	int absolute;
	int result = sd_bus_message_read(message, "b", &absolute);
	console->mouse_absolute = result >= 0 && absolute;
	return result;
}

static const struct bus_property console_properties[] = {
	{"Label", "s", read_label},
	{"Head", "u", read_head},
	{"Type", "s", read_type},
	{NULL},
};
static const struct bus_property keyboard_properties[] = {
	{"Modifiers", "u", read_leds},
	{NULL},
};
static const struct bus_property mouse_properties[] = {
	{"IsAbsolute", "b", read_is_absolute},
	{NULL},
};
static const struct bus_property touch_properties[] = {{NULL}};

static const struct console_interface {
	const char *name;
	const struct bus_property *properties;
} console_interfaces[] = {
	{DISPLAY_CONSOLE_INTERFACE, console_properties},
	{DISPLAY_KEYBOARD_INTERFACE, keyboard_properties},
	{DISPLAY_MOUSE_INTERFACE, mouse_properties},
	{DISPLAY_TOUCH_INTERFACE, touch_properties},
};
#define INTERFACE_COUNT (sizeof(console_interfaces) / sizeof(console_interfaces[0]))

int console_read_properties(
	struct console *console, const char *interface, sd_bus_message *message) {
	for (size_t i = 0; i < INTERFACE_COUNT; i++) {
		if (strcmp(console_interfaces[i].name, interface) == 0) {
			return bus_properties_read(
				message, console_interfaces[i].properties, console);
		}
	}
	return 0;
}

struct property_request {
	struct display_client *client;
	uint32_t id; /* the console's, which may be gone when the answer comes */
	const char *interface;
	void (*done)(struct display_client *client);
};

static void mark_interface(struct console *console, const char *interface) {
	if (strcmp(interface, DISPLAY_KEYBOARD_INTERFACE) == 0) {
		console->has_keyboard = true;
	} else if (strcmp(interface, DISPLAY_MOUSE_INTERFACE) == 0) {
		console->has_mouse = true;
	} else if (strcmp(interface, DISPLAY_TOUCH_INTERFACE) == 0) {
		console->has_touch = true;
	}
}

/* An error means that the console doesn't have this interface. */
static int handle_properties(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct property_request *request = data;
	struct display_client *client = request->client;
	display_client_note_answer(client);
	struct console *console = display_client_find(client, request->id);
	if (console && !sd_bus_message_is_method_error(message, NULL)) {
		mark_interface(console, request->interface);
		if (console_read_properties(console, request->interface, message) < 0) {
			display_client_fail(client, "a property of a console has the wrong type");
			return 1;
		}
	}
	request->done(client);
	return 1;
}

bool console_request_properties(
	struct console *console, void (*done)(struct display_client *client), int *requests) {
	sd_bus *bus = display_client_bus(console->client);
	for (size_t i = 0; i < INTERFACE_COUNT; i++) {
		struct property_request *request = xcalloc(1, sizeof(*request));
		*request = (struct property_request){
			console->client, console->id, console_interfaces[i].name, done};
		sd_bus_slot *slot;
		if (sd_bus_call_method_async(bus, &slot, NULL, console->private->path,
			    DISPLAY_PROPERTIES_INTERFACE, "GetAll", handle_properties, request, "s",
			    request->interface) < 0) {
			free(request);
			return false;
		}
		sd_bus_slot_set_destroy_callback(slot, free);
		sd_bus_slot_set_floating(slot, true);
		sd_bus_slot_unref(slot);
		++*requests;
	}
	return true;
}

static void handle_path_changed(struct listener *listener, enum console_path path, void *data) {
	struct console *console = data;
	console->path = path;
}

static int handle_farewell(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct console *console = data;
	display_client_note_answer(console->client);
	console->private->farewell = sd_bus_slot_unref(console->private->farewell);
	screen_set_frame(&console->screen, NULL);
	return 1;
}

/* If the peer as a whole is gone, its last frame stays; only an answer shows that it isn't. */
static void ask_whether_alive(struct console *console) {
	sd_bus *bus = display_client_bus(console->client);
	if (bus) {
		sd_bus_call_method_async(bus, &console->private->farewell, NULL, DISPLAY_VM_PATH,
			DISPLAY_PROPERTIES_INTERFACE, "Get", handle_farewell, console, "ss",
			DISPLAY_VM_INTERFACE, "Name");
	}
}

static void handle_listener_ended(struct listener *listener, const char *violation, void *data) {
	struct console *console = data;
	stop_listening(console);
	if (violation) {
		display_client_fail(console->client, violation);
	} else {
		ask_whether_alive(console);
	}
}

static const struct listener_impl listener_impl = {
	.path_changed = handle_path_changed,
	.ended = handle_listener_ended,
};

static int handle_registered(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct console *console = data;
	display_client_note_answer(console->client);
	console->private->registration = sd_bus_slot_unref(console->private->registration);
	if (sd_bus_message_is_method_error(message, NULL)) {
		log_error("a console refuses a listener: %s",
			sd_bus_message_get_error(message)->message);
		stop_listening(console);
	}
	return 1;
}

void console_listen(struct console *console, bool share_memory) {
	struct console_private *private = console->private;
	private->is_unwanted = false;
	sd_bus *bus = display_client_bus(console->client);
	if (private->listener || !bus) {
		return;
	}
	private->farewell = sd_bus_slot_unref(private->farewell);
	int fd;
	private->listener = listener_create(display_client_event(console->client), &console->screen,
		share_memory, &fd, &listener_impl, console);
	if (!private->listener) {
		return;
	}
	int result = sd_bus_call_method_async(bus, &private->registration, NULL, private->path,
		DISPLAY_CONSOLE_INTERFACE, "RegisterListener", handle_registered, console, "h", fd);
	close(fd);
	if (result < 0) {
		log_error("can't register a listener: %s", strerror(-result));
		stop_listening(console);
	}
}

static void handle_parted(bool let_go, void *data) {
	struct console *console = data;
	struct console_private *private = console->private;
	parting_destroy(private->parting);
	private->parting = NULL;
	private->keeps_listeners = !let_go;
	if (!let_go) {
		log_debug("console %u: the peer keeps listeners that hang up; it gets no more",
			console->id);
	} else if (private->is_unwanted) {
		console_unlisten(console);
	}
}

void console_unlisten(struct console *console) {
	struct console_private *private = console->private;
	private->is_unwanted = true;
	if (!private->listener || private->keeps_listeners || private->parting) {
		return;
	}
	int fd = listener_dup_fd(private->listener);
	stop_listening(console);
	if (fd >= 0) {
		private->parting = parting_create(
			display_client_event(console->client), fd, handle_parted, console);
	}
}

bool console_is_listening(const struct console *console) {
	return console->private->listener != NULL;
}

void console_lose(struct console *console) {
	struct console_private *private = console->private;
	stop_listening(console);
	private->has_position = private->has_motion = false;
	void (*done)(void *data, bool ok) = private->sync_done;
	private->sync = sd_bus_slot_unref(private->sync);
	private->sync_done = NULL;
	if (done) {
		done(private->sync_data, false);
	}
}
