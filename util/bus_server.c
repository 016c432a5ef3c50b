#include "util/bus_server.h"

/* The handshake's buffer is far smaller than this many messages. */
#define LEFTOVERS_MAX 16

static int handle_leftovers(sd_event_source *source, void *data) {
	sd_bus *bus = data;
	for (int i = 0; i < LEFTOVERS_MAX && sd_bus_process(bus, NULL) > 0; i++) {
	}
	return sd_event_source_set_floating(source, 0); /* which frees it */
}

static void unref_bus(void *data) {
	sd_bus_unref(data);
}

/* Comes from sd-bus itself when the handshake is done. A message can't be processed from within
 * another's handler, hence the detour through the event loop, which owns the source. */
static int handle_connected(sd_bus_message *message, void *data, sd_bus_error *error) {
	sd_bus *bus = sd_bus_message_get_bus(message);
	sd_event *event = sd_bus_get_event(bus);
	sd_event_source *source = NULL;
	if (!event || sd_event_add_defer(event, &source, handle_leftovers, bus) < 0) {
		return 0;
	}
	sd_bus_ref(bus);
	sd_event_source_set_destroy_callback(source, unref_bus);
	sd_event_source_set_floating(source, 1);
	sd_event_source_unref(source);
	return 0;
}

int bus_server_start(sd_bus *bus, sd_event *event) {
	int r = sd_bus_set_connected_signal(bus, 1);
	if (r >= 0) {
		r = sd_bus_match_signal(bus, NULL, NULL, "/org/freedesktop/DBus/Local",
			"org.freedesktop.DBus.Local", "Connected", handle_connected, NULL);
	}
	if (r >= 0) {
		r = sd_bus_start(bus);
	}
	return r < 0 ? r : sd_bus_attach_event(bus, event, SD_EVENT_PRIORITY_NORMAL);
}
