#include "vm-display/published_listener.h"

#include <stdlib.h>
#include <string.h>

#include "util/mem.h"
#include "vm-display/frame.h"
#include "vm-display/listener_private.h"

static struct published_listener *listener_of(struct screen_observer *observer) {
	return (struct published_listener *)((char *)observer -
		offsetof(struct published_listener, observer));
}

static void schedule(struct published_listener *listener) {
	if (listener->is_asked && !listener->pending) {
		sd_event_source_set_enabled(listener->flush, SD_EVENT_ONESHOT);
	}
}

static void handle_frame(struct screen_observer *observer) {
	schedule(listener_of(observer));
}

/* The owner of a dmabuf waits with the next picture until this one went through. */
static void handle_damage(struct screen_observer *observer) {
	struct published_listener *listener = listener_of(observer);
	const struct frame *frame = observer->screen->frame;
	if (frame && frame->kind == FRAME_DMABUF && listener->is_asked) {
		screen_hold(observer);
	}
	schedule(listener);
}

static void handle_cursor_image(struct screen_observer *observer) {
	struct published_listener *listener = listener_of(observer);
	listener->has_cursor = true;
	schedule(listener);
}

static void handle_cursor_position(struct screen_observer *observer) {
	struct published_listener *listener = listener_of(observer);
	listener->has_position = true;
	schedule(listener);
}

static const struct screen_observer_impl observer_impl = {
	.frame = handle_frame,
	.damage = handle_damage,
	.cursor_image = handle_cursor_image,
	.cursor_position = handle_cursor_position,
};

static void fail(struct published_listener *listener, const char *reason) {
	published_client_fail(listener->object->client, reason);
}

/* A listener that says it can't take the frame by this way gets it by another one, as with QEMU. */
static void try_other_path(struct published_listener *listener) {
	if (listener->path == CONSOLE_PATH_MAP) {
		listener->has_map = false;
		frame_unref(listener->frame);
		listener->frame = NULL;
		listener->path = CONSOLE_PATH_NONE;
	}
}

static int handle_answer(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct published_listener *listener = data;
	bus_link_note_answer(listener->link);
	listener->pending = sd_bus_slot_unref(listener->pending);
	if (!pixman_region32_not_empty(&listener->observer.damage)) {
		screen_let_go(&listener->observer);
	}
	if (sd_bus_message_is_method_error(message, SD_BUS_ERROR_NO_REPLY) ||
		sd_bus_message_is_method_error(message, "org.freedesktop.DBus.Error.Timeout")) {
		fail(listener, "a listener doesn't answer");
		return 1;
	}
	if (sd_bus_message_is_method_error(message, NULL)) {
		try_other_path(listener);
	}
	schedule(listener);
	return 1;
}

static uint64_t answer_limit(const struct published_listener *listener) {
	return listener->path == CONSOLE_PATH_DMABUF ? PUBLISHER_DMABUF_ANSWER_MAX
						     : PUBLISHER_ANSWER_MAX;
}

static bool send_batch(struct published_listener *listener) {
	sd_bus *bus = bus_link_bus(listener->link);
	int result = 0;
	for (int i = 0; i < listener->batch_count && result >= 0; i++) {
		sd_bus_message *message = listener->batch[i];
		if (i == listener->batch_count - 1) {
			result = sd_bus_call_async(bus, &listener->pending, message, handle_answer,
				listener, answer_limit(listener));
		} else {
			result = sd_bus_message_set_expect_reply(message, false);
			result = result < 0 ? result : sd_bus_send(bus, message, NULL);
		}
	}
	return result >= 0;
}

static void clear_batch(struct published_listener *listener) {
	for (int i = 0; i < listener->batch_count; i++) {
		sd_bus_message_unref(listener->batch[i]);
	}
	listener->batch_count = 0;
}

static bool build_batch(struct published_listener *listener) {
	if (!published_listener_add_cursor(listener)) {
		return false;
	}
	if (listener->frame != listener->observer.screen->frame) {
		return published_listener_add_scanout(listener);
	}
	return published_listener_add_updates(listener);
}

static int handle_flush(sd_event_source *source, void *data) {
	struct published_listener *listener = data;
	if (listener->pending) {
		return 0;
	}
	/* One that has just hung up isn't open any more, and its link is about to say so. */
	if ((!build_batch(listener) || !send_batch(listener)) &&
		sd_bus_is_open(bus_link_bus(listener->link)) > 0) {
		fail(listener, "a listener can't be sent to");
	}
	clear_batch(listener);
	if (!listener->pending || listener->path != CONSOLE_PATH_DMABUF) {
		screen_let_go(&listener->observer);
	}
	return 0;
}

static int read_interfaces(struct published_listener *listener, sd_bus_message *message) {
	int result = sd_bus_message_enter_container(message, 'v', "as");
	if (result >= 0) {
		result = sd_bus_message_enter_container(message, 'a', "s");
	}
	const char *name;
	while (result >= 0 && (result = sd_bus_message_read(message, "s", &name)) > 0) {
		listener->has_map |= strcmp(name, LISTENER_MAP_INTERFACE) == 0;
		listener->has_dmabuf2 |= strcmp(name, LISTENER_DMABUF2_INTERFACE) == 0;
	}
	return result;
}

/* Listeners of old have no such property: an error is a legal answer. */
static int handle_interfaces(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct published_listener *listener = data;
	bus_link_note_answer(listener->link);
	listener->question = sd_bus_slot_unref(listener->question);
	if (sd_bus_message_is_method_error(message, SD_BUS_ERROR_NO_REPLY) ||
		sd_bus_message_is_method_error(message, "org.freedesktop.DBus.Error.Timeout")) {
		fail(listener, "a listener doesn't answer");
		return 1;
	}
	if (!sd_bus_message_is_method_error(message, NULL) &&
		read_interfaces(listener, message) < 0) {
		fail(listener, "a listener's interfaces can't be read");
		return 1;
	}
	listener->is_asked = true;
	schedule(listener);
	return 1;
}

static void handle_link_closed(struct bus_link *link, const char *reason, bool failed, void *data) {
	struct published_listener *listener = data;
	if (failed) {
		fail(listener, reason);
	}
	published_listener_destroy(listener);
}

static const struct bus_link_impl link_impl = {.closed = handle_link_closed};

static void count_listener(struct published_object *object, int change) {
	struct published_console *console = object->console;
	bool before = console->listener_count > 0;
	object->listener_count += change;
	console->listener_count += change;
	bool after = console->listener_count > 0;
	if (before != after && console->impl->listening) {
		console->impl->listening(console->data, after);
	}
}

static bool begin(struct published_listener *listener) {
	sd_bus_set_method_call_timeout(bus_link_bus(listener->link), PUBLISHER_ANSWER_MAX);
	return bus_link_start(listener->link) &&
		sd_bus_call_method_async(bus_link_bus(listener->link), &listener->question, NULL,
			LISTENER_PATH, DISPLAY_PROPERTIES_INTERFACE, "Get", handle_interfaces,
			listener, "ss", LISTENER_INTERFACE, "Interfaces") >= 0;
}

struct published_listener *published_listener_create(struct published_object *object, int fd) {
	sd_event *event = object->client->publisher->event;
	struct published_listener *listener = xcalloc(1, sizeof(*listener));
	listener->object = object;
	TAILQ_INSERT_TAIL(&object->listeners, listener, siblings);
	screen_observe(object->console->screen, &listener->observer, &observer_impl);
	listener->has_cursor = object->console->screen->cursor != NULL;
	listener->has_position = listener->has_cursor;
	count_listener(object, 1);
	listener->link = bus_link_create(event, fd, BUS_LINK_SERVER, &link_impl, listener);
	if (!listener->link ||
		sd_event_add_defer(event, &listener->flush, handle_flush, listener) < 0 ||
		sd_event_source_set_enabled(listener->flush, SD_EVENT_OFF) < 0 ||
		!begin(listener)) {
		published_listener_destroy(listener);
		return NULL;
	}
	return listener;
}

void published_listener_destroy(struct published_listener *listener) {
	TAILQ_REMOVE(&listener->object->listeners, listener, siblings);
	screen_unobserve(&listener->observer);
	sd_event_source_disable_unref(listener->flush);
	sd_bus_slot_unref(listener->question);
	sd_bus_slot_unref(listener->pending);
	bus_link_destroy(listener->link);
	frame_unref(listener->frame);
	struct published_object *object = listener->object;
	free(listener);
	count_listener(object, -1);
}
