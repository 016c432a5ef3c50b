#include "vm-display/published_audio.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/log.h"
#include "util/mem.h"
#include "vm-display/audio_listener.h"
#include "vm-display/publisher_private.h"

#define CONTROL_MAX 256 /* messages that wait for a listener, those that aren't sound included */

struct published_audio {
	struct publisher *publisher;
	const struct published_audio_impl *impl;
	void *data;
	struct audio_streams streams;
	TAILQ_HEAD(, published_audio_listener) listeners;
};

struct published_audio_listener {
	struct published_audio *audio;
	struct published_client *client; /* one listener each */
	struct bus_link *link;
	TAILQ_ENTRY(published_audio_listener) siblings;
};

static void tell_listening(struct published_audio *audio, bool anybody) {
	if (audio->impl->listening) {
		audio->impl->listening(audio->data, anybody);
	}
}

static void listener_destroy(struct published_audio_listener *listener) {
	struct published_audio *audio = listener->audio;
	TAILQ_REMOVE(&audio->listeners, listener, siblings);
	listener->client->audio_listener = NULL;
	bus_link_destroy(listener->link);
	free(listener);
	if (TAILQ_EMPTY(&audio->listeners)) {
		tell_listening(audio, false);
	}
}

void published_audio_forget(struct published_client *client) {
	if (client->audio_listener) {
		listener_destroy(client->audio_listener);
	}
}

static void handle_link_closed(struct bus_link *link, const char *reason, bool failed, void *data) {
	struct published_audio_listener *listener = data;
	if (failed) {
		log_error("a listener to the sound of \"%s\" is dropped: %s",
			listener->audio->publisher->name, reason);
	}
	listener_destroy(listener);
}

static const struct bus_link_impl link_impl = {.closed = handle_link_closed};

/* Takes `message`, which nobody answers; NULL is a failure. */
static void send_message(struct published_audio_listener *listener, sd_bus_message *message) {
	if (!message || sd_bus_message_set_expect_reply(message, false) < 0 ||
		sd_bus_send(bus_link_bus(listener->link), message, NULL) < 0 ||
		bus_link_queued(listener->link) > CONTROL_MAX) {
		bus_link_fail(listener->link, "it can't be told of sound");
	}
	sd_bus_message_unref(message);
}

/* NULL if there is no memory. */
static sd_bus_message *new_message(
	struct published_audio_listener *listener, const char *member, const char *types, ...) {
	sd_bus_message *message = NULL;
	int result = sd_bus_message_new_method_call(bus_link_bus(listener->link), &message, NULL,
		AUDIO_OUT_LISTENER_PATH, AUDIO_OUT_LISTENER_INTERFACE, member);
	va_list list;
	va_start(list, types);
	if (result >= 0) {
		result = sd_bus_message_appendv(message, types, list);
	}
	va_end(list);
	return result < 0 ? sd_bus_message_unref(message) : message;
}

/* The message with a byte array at its end; NULL is legal, and the answer to a failure. */
static sd_bus_message *with_bytes(sd_bus_message *message, const void *bytes, size_t size) {
	if (!message || sd_bus_message_append_array(message, 'y', bytes, size) < 0) {
		return sd_bus_message_unref(message);
	}
	return message;
}

static void tell_begin(void *data, uint64_t id, const struct audio_format *format) {
	uint32_t frame = audio_frame_size(format);
	send_message(data,
		new_message(data, "Init", "tybbuyuub", id, format->bits, format->is_signed,
			format->is_float, format->rate, format->channels, frame,
			frame * format->rate, format->big_endian));
}

static void tell_end(void *data, uint64_t id) {
	send_message(data, new_message(data, "Fini", "t", id));
}

static void tell_enable(void *data, uint64_t id, bool enabled) {
	send_message(data, new_message(data, "SetEnabled", "tb", id, enabled));
}

static void tell_volume(void *data, uint64_t id, bool mute, const uint8_t *volume) {
	send_message(data,
		with_bytes(new_message(data, "SetVolume", "tb", id, mute), volume,
			AUDIO_CHANNELS_MAX));
}

static void tell_write(void *data, uint64_t id, const void *pcm, size_t size) {
	struct published_audio_listener *listener = data;
	if (bus_link_queued(listener->link) < PUBLISHED_AUDIO_QUEUE) {
		send_message(listener, with_bytes(new_message(data, "Write", "t", id), pcm, size));
	}
}

/* Of one listener. */
static const struct audio_sink listener_sink = {
	.begin = tell_begin,
	.end = tell_end,
	.enable = tell_enable,
	.volume = tell_volume,
	.write = tell_write,
};

static void take_begin(void *data, uint64_t id, const struct audio_format *format) {
	struct published_audio *audio = data;
	struct published_audio_listener *listener;
	if (audio_streams_add(&audio->streams, id, format)) {
		TAILQ_FOREACH (listener, &audio->listeners, siblings) {
			tell_begin(listener, id, format);
		}
	}
}

static void take_end(void *data, uint64_t id) {
	struct published_audio *audio = data;
	struct audio_stream *stream = audio_streams_find(&audio->streams, id);
	struct published_audio_listener *listener;
	if (stream) {
		audio_streams_remove(&audio->streams, stream);
		TAILQ_FOREACH (listener, &audio->listeners, siblings) {
			tell_end(listener, id);
		}
	}
}

static void take_enable(void *data, uint64_t id, bool enabled) {
	struct published_audio *audio = data;
	struct audio_stream *stream = audio_streams_find(&audio->streams, id);
	struct published_audio_listener *listener;
	if (stream) {
		stream->enabled = enabled;
		TAILQ_FOREACH (listener, &audio->listeners, siblings) {
			tell_enable(listener, id, enabled);
		}
	}
}

static void take_volume(void *data, uint64_t id, bool mute, const uint8_t *volume) {
	struct published_audio *audio = data;
	struct audio_stream *stream = audio_streams_find(&audio->streams, id);
	struct published_audio_listener *listener;
	if (stream) {
		stream->has_volume = true;
		stream->mute = mute;
		memcpy(stream->volume, volume, sizeof(stream->volume));
		TAILQ_FOREACH (listener, &audio->listeners, siblings) {
			tell_volume(listener, id, mute, volume);
		}
	}
}

static void take_write(void *data, uint64_t id, const void *pcm, size_t size) {
	struct published_audio *audio = data;
	struct published_audio_listener *listener;
	if (audio_streams_find(&audio->streams, id)) {
		TAILQ_FOREACH (listener, &audio->listeners, siblings) {
			tell_write(listener, id, pcm, size);
		}
	}
}

const struct audio_sink published_audio_sink = {
	.begin = take_begin,
	.end = take_end,
	.enable = take_enable,
	.volume = take_volume,
	.write = take_write,
};

/* Takes fd. */
static bool add_listener(struct published_audio *audio, struct published_client *client, int fd) {
	struct published_audio_listener *listener = xcalloc(1, sizeof(*listener));
	listener->audio = audio;
	listener->client = client;
	client->audio_listener = listener;
	bool first = TAILQ_EMPTY(&audio->listeners);
	TAILQ_INSERT_TAIL(&audio->listeners, listener, siblings);
	if (first) {
		tell_listening(audio, true);
	}
	listener->link =
		bus_link_create(audio->publisher->event, fd, BUS_LINK_SERVER, &link_impl, listener);
	if (!listener->link || !bus_link_start(listener->link)) {
		listener_destroy(listener);
		return false;
	}
	/* The bus has asked for megabytes: half a minute. */
	int size = PUBLISHED_AUDIO_SOCKET;
	setsockopt(sd_bus_get_fd(bus_link_bus(listener->link)), SOL_SOCKET, SO_SNDBUF, &size,
		sizeof(size));
	audio_streams_replay(&audio->streams, &listener_sink, listener);
	return true;
}

static int handle_register_out(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct published_client *client = data;
	int fd;
	int result = sd_bus_message_read(message, "h", &fd);
	if (result < 0) {
		return result;
	}
	if (!(client->rights & PUBLISHER_VIEW)) {
		return sd_bus_reply_method_errorf(message, SD_BUS_ERROR_ACCESS_DENIED,
			"this connection isn't allowed to do that");
	}
	if (client->audio_listener) {
		return sd_bus_reply_method_errorf(
			message, SD_BUS_ERROR_LIMITS_EXCEEDED, "there is a listener already");
	}
	fd = published_is_stream_socket(fd) ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : -1;
	if (fd < 0 || !add_listener(client->publisher->audio, client, fd)) {
		return sd_bus_reply_method_errorf(
			message, SD_BUS_ERROR_INVALID_ARGS, "the listener can't be served");
	}
	return sd_bus_reply_method_return(message, "");
}

static int get_interfaces(sd_bus *bus, const char *path, const char *interface,
	const char *property, sd_bus_message *reply, void *data, sd_bus_error *error) {
	return sd_bus_message_append(reply, "as", 0);
}

static const sd_bus_vtable vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD(
		"RegisterOutListener", "h", "", handle_register_out, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_PROPERTY("Interfaces", "as", get_interfaces, 0, SD_BUS_VTABLE_PROPERTY_CONST),
	SD_BUS_VTABLE_END,
};

bool published_audio_offer(struct published_client *client) {
	return !client->publisher->audio ||
		sd_bus_add_object_vtable(bus_link_bus(client->link), NULL, DISPLAY_AUDIO_PATH,
			DISPLAY_AUDIO_INTERFACE, vtable, client) >= 0;
}

struct published_audio *publisher_add_audio(
	struct publisher *publisher, const struct published_audio_impl *impl, void *data) {
	struct published_audio *audio = xcalloc(1, sizeof(*audio));
	audio->publisher = publisher;
	audio->impl = impl;
	audio->data = data;
	TAILQ_INIT(&audio->listeners);
	publisher->audio = audio;
	return audio;
}

void published_audio_destroy(struct published_audio *audio) {
	if (!audio) {
		return;
	}
	if (audio->impl->destroyed) {
		audio->impl->destroyed(audio->data);
	}
	free(audio);
}
