#include "vm-display/audio_listener.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/log.h"
#include "util/mem.h"
#include "vm-display/bus_link.h"

struct audio_listener {
	struct bus_link *link;
	struct audio_streams streams;
	const struct audio_sink *sink;
	void *sink_data;
	void (*ended)(void *data, const char *violation);
	void *data;
};

static int fail(struct audio_listener *listener, const char *reason) {
	bus_link_fail(listener->link, reason);
	return 1;
}

static int answer(sd_bus_message *message) {
	return sd_bus_reply_method_return(message, "");
}

static int handle_init(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct audio_listener *listener = data;
	struct audio_format format = {0};
	uint64_t id;
	int is_signed, is_float, big_endian;
	uint32_t frame_size, second_size;
	int result = sd_bus_message_read(message, "tybbuyuub", &id, &format.bits, &is_signed,
		&is_float, &format.rate, &format.channels, &frame_size, &second_size, &big_endian);
	if (result < 0) {
		return fail(listener, "a sound's format has the wrong types");
	}
	format.is_signed = is_signed;
	format.is_float = is_float;
	format.big_endian = big_endian;
	if (!audio_format_is_legal(&format) || frame_size != audio_frame_size(&format) ||
		second_size != frame_size * format.rate) {
		return fail(listener, "a sound's format is out of limits");
	}
	struct audio_stream *stream = audio_streams_find(&listener->streams, id);
	if (stream) {
		audio_streams_remove(&listener->streams, stream);
		listener->sink->end(listener->sink_data, id);
	}
	if (!audio_streams_add(&listener->streams, id, &format)) {
		return fail(listener, "a peer has too many streams of sound");
	}
	listener->sink->begin(listener->sink_data, id, &format);
	return answer(message);
}

/* NULL, after the listener has failed, if the message names no stream. */
static struct audio_stream *read_stream(struct audio_listener *listener, sd_bus_message *message) {
	uint64_t id;
	if (sd_bus_message_read(message, "t", &id) < 0) {
		fail(listener, "a message about sound has the wrong types");
		return NULL;
	}
	struct audio_stream *stream = audio_streams_find(&listener->streams, id);
	if (!stream) {
		fail(listener, "a message about a sound that isn't there");
	}
	return stream;
}

static int handle_fini(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct audio_listener *listener = data;
	struct audio_stream *stream = read_stream(listener, message);
	if (!stream) {
		return 1;
	}
	uint64_t id = stream->id;
	audio_streams_remove(&listener->streams, stream);
	listener->sink->end(listener->sink_data, id);
	return answer(message);
}

static int handle_set_enabled(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct audio_listener *listener = data;
	struct audio_stream *stream = read_stream(listener, message);
	int enabled;
	if (!stream) {
		return 1;
	}
	if (sd_bus_message_read(message, "b", &enabled) < 0) {
		return fail(listener, "a message about sound has the wrong types");
	}
	if (stream->enabled != enabled) {
		stream->enabled = enabled;
		listener->sink->enable(listener->sink_data, stream->id, enabled);
	}
	return answer(message);
}

/* Fewer channels than the stream has: the rest is as loud as the last. */
static int handle_set_volume(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct audio_listener *listener = data;
	struct audio_stream *stream = read_stream(listener, message);
	int mute;
	const void *bytes;
	size_t size;
	if (!stream) {
		return 1;
	}
	if (sd_bus_message_read(message, "b", &mute) < 0 ||
		sd_bus_message_read_array(message, 'y', &bytes, &size) < 0) {
		return fail(listener, "a message about sound has the wrong types");
	}
	stream->has_volume = true;
	stream->mute = mute;
	memset(stream->volume, size > 0 ? ((const uint8_t *)bytes)[size - 1] : 255,
		sizeof(stream->volume));
	memcpy(stream->volume, bytes, size < AUDIO_CHANNELS_MAX ? size : AUDIO_CHANNELS_MAX);
	listener->sink->volume(listener->sink_data, stream->id, mute, stream->volume);
	return answer(message);
}

static int handle_write(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct audio_listener *listener = data;
	struct audio_stream *stream = read_stream(listener, message);
	const void *pcm;
	size_t size;
	if (!stream) {
		return 1;
	}
	if (sd_bus_message_read_array(message, 'y', &pcm, &size) < 0) {
		return fail(listener, "a message about sound has the wrong types");
	}
	if (size > AUDIO_WRITE_MAX || size % audio_frame_size(&stream->format) != 0) {
		return fail(listener, "a piece of sound is out of limits");
	}
	if (size > 0 && stream->enabled) {
		listener->sink->write(listener->sink_data, stream->id, pcm, size);
	}
	return answer(message);
}

static int get_interfaces(sd_bus *bus, const char *path, const char *interface,
	const char *property, sd_bus_message *reply, void *data, sd_bus_error *error) {
	return sd_bus_message_append(reply, "as", 0);
}

#define AUDIO_METHOD(name, signature, handler)                                                     \
	SD_BUS_METHOD(name, signature, "", handler, SD_BUS_VTABLE_UNPRIVILEGED)

static const sd_bus_vtable vtable[] = {
	SD_BUS_VTABLE_START(0),
	AUDIO_METHOD("Init", "tybbuyuub", handle_init),
	AUDIO_METHOD("Fini", "t", handle_fini),
	AUDIO_METHOD("SetEnabled", "tb", handle_set_enabled),
	AUDIO_METHOD("SetVolume", "tbay", handle_set_volume),
	AUDIO_METHOD("Write", "tay", handle_write),
	SD_BUS_PROPERTY("Interfaces", "as", get_interfaces, 0, SD_BUS_VTABLE_PROPERTY_CONST),
	SD_BUS_VTABLE_END,
};

static void end_streams(struct audio_listener *listener) {
	while (listener->streams.count > 0) {
		uint64_t id = listener->streams.list[--listener->streams.count].id;
		listener->sink->end(listener->sink_data, id);
	}
}

static void handle_link_closed(struct bus_link *link, const char *reason, bool failed, void *data) {
	struct audio_listener *listener = data;
	end_streams(listener);
	listener->ended(listener->data, failed ? reason : NULL);
}

static const struct bus_link_impl link_impl = {.closed = handle_link_closed};

struct audio_listener *audio_listener_create(sd_event *event, int *peer_fd,
	const struct audio_sink *sink, void *sink_data,
	void (*ended)(void *data, const char *violation), void *data) {
	int fds[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0) {
		log_error("can't make a socket for sound");
		return NULL;
	}
	struct audio_listener *listener = xcalloc(1, sizeof(*listener));
	listener->sink = sink;
	listener->sink_data = sink_data;
	listener->ended = ended;
	listener->data = data;
	listener->link = bus_link_create(event, fds[0], BUS_LINK_CLIENT, &link_impl, listener);
	if (!listener->link ||
		sd_bus_add_object_vtable(bus_link_bus(listener->link), NULL,
			AUDIO_OUT_LISTENER_PATH, AUDIO_OUT_LISTENER_INTERFACE, vtable,
			listener) < 0 ||
		!bus_link_start(listener->link)) {
		log_error("can't listen to sound");
		close(fds[1]);
		audio_listener_destroy(listener);
		return NULL;
	}
	*peer_fd = fds[1];
	return listener;
}

void audio_listener_destroy(struct audio_listener *listener) {
	if (listener) {
		bus_link_destroy(listener->link);
		free(listener);
	}
}

const struct audio_streams *audio_listener_streams(const struct audio_listener *listener) {
	return &listener->streams;
}
