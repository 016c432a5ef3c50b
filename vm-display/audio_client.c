#include "vm-display/audio_client.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "util/log.h"
#include "util/mem.h"
#include "vm-display/audio_listener.h"
#include "vm-display/display_client_private.h"

struct audio_client {
	struct display_client *display;
	const struct audio_sink *sink;
	void *data;
	struct audio_listener *listener; /* NULL: not asked, refused, or ended */
	sd_bus_slot *registration; /* unanswered */
	sd_event_source *pause; /* before the next try */
	int tries;
};

static void drop_listener(struct audio_client *client) {
	client->registration = sd_bus_slot_unref(client->registration);
	audio_listener_destroy(client->listener);
	client->listener = NULL;
}

static void handle_listener_ended(void *data, const char *violation) {
	struct audio_client *client = data;
	if (violation) {
		log_error("\"%s\" is silenced: %s", display_client_vm_name(client->display),
			violation);
	}
	drop_listener(client);
}

/* The place is taken; else there is no sound there, or we may not hear it. */
static bool may_be_free_soon(sd_bus_message *message) {
	return !sd_bus_message_is_method_error(message, SD_BUS_ERROR_UNKNOWN_METHOD) &&
		!sd_bus_message_is_method_error(message, SD_BUS_ERROR_UNKNOWN_OBJECT) &&
		!sd_bus_message_is_method_error(message, SD_BUS_ERROR_UNKNOWN_INTERFACE) &&
		!sd_bus_message_is_method_error(message, SD_BUS_ERROR_ACCESS_DENIED);
}

static int handle_registered(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct audio_client *client = data;
	client->registration = sd_bus_slot_unref(client->registration);
	if (!sd_bus_message_is_method_error(message, NULL)) {
		return 1;
	}
	drop_listener(client);
	if (may_be_free_soon(message) && ++client->tries < AUDIO_CLIENT_TRIES) {
		sd_event_source_set_time_relative(client->pause, AUDIO_CLIENT_PAUSE);
		sd_event_source_set_enabled(client->pause, SD_EVENT_ONESHOT);
	} else {
		log_debug("\"%s\" has no sound: %s", display_client_vm_name(client->display),
			sd_bus_message_get_error(message)->message);
	}
	return 1;
}

static void begin(struct audio_client *client) {
	sd_bus *bus = display_client_bus(client->display);
	int fd;
	if (!bus) {
		return;
	}
	client->listener = audio_listener_create(display_client_event(client->display), &fd,
		client->sink, client->data, handle_listener_ended, client);
	if (!client->listener) {
		return;
	}
	if (sd_bus_call_method_async(bus, &client->registration, NULL, DISPLAY_AUDIO_PATH,
		    DISPLAY_AUDIO_INTERFACE, "RegisterOutListener", handle_registered, client, "h",
		    fd) < 0) {
		drop_listener(client);
	}
	close(fd);
}

static int handle_pause(sd_event_source *source, uint64_t usec, void *data) {
	begin(data);
	return 0;
}

struct audio_client *audio_client_create(
	struct display_client *display, const struct audio_sink *sink, void *data) {
	struct audio_client *client = xcalloc(1, sizeof(*client));
	client->display = display;
	client->sink = sink;
	client->data = data;
	if (sd_event_add_time_relative(display_client_event(display), &client->pause,
		    CLOCK_MONOTONIC, 0, 0, handle_pause, client) < 0 ||
		sd_event_source_set_enabled(client->pause, SD_EVENT_OFF) < 0) {
		log_error("can't listen to sound");
		audio_client_destroy(client);
		return NULL;
	}
	begin(client);
	return client;
}

void audio_client_destroy(struct audio_client *client) {
	if (!client) {
		return;
	}
	const struct audio_streams *streams = audio_client_streams(client);
	for (int i = 0; streams && i < streams->count; i++) {
		client->sink->end(client->data, streams->list[i].id);
	}
	drop_listener(client);
	sd_event_source_disable_unref(client->pause);
	free(client);
}

const struct audio_streams *audio_client_streams(const struct audio_client *client) {
	return client && client->listener ? audio_listener_streams(client->listener) : NULL;
}
