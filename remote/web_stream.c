#include "remote/web_stream.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "remote/web_frames.h"
#include "util/log.h"
#include "util/mem.h"

#define BUFFER_SIZE 16384 /* bytes: what the relay carries at once */
#define PONG_MAX (WEB_FRAME_HEAD_MAX + WEB_CONTROL_MAX)
#define CLOSE_NORMAL 1000

struct out { /* frames that wait for the stream below */
	uint8_t bytes[WEB_FRAME_HEAD_MAX + BUFFER_SIZE + PONG_MAX];
	size_t start, count;
	size_t offered; /* of them, in a write that has to be repeated */
};

struct web_stream {
	struct stream base;
	struct stream *below;
	char peer[64];
	struct web_frames frames;
	struct { /* as it came */
		uint8_t bytes[BUFFER_SIZE];
		size_t start, count;
	} in;
	struct out out;
	size_t promised; /* of our caller's bytes, in `out`; 0: none */
	bool ended;
};

static const struct stream_impl web_impl;

static struct web_stream *web_of(struct stream *stream) {
	assert(stream->impl == &web_impl);
	return (struct web_stream *)stream;
}

/* Sending */

static bool put_frame(
	struct web_stream *web, enum web_opcode opcode, const void *bytes, size_t size) {
	struct out *out = &web->out;
	uint8_t head[WEB_FRAME_HEAD_MAX];
	size_t head_size = web_frame_head(head, opcode, size), end = out->start + out->count;
	if (end + head_size + size > sizeof(out->bytes)) {
		return false;
	}
	memcpy(out->bytes + end, head, head_size);
	memcpy(out->bytes + end + head_size, bytes, size);
	out->count += head_size + size;
	return true;
}

/* False with errno while some is left. */
static bool flush(struct web_stream *web) {
	struct out *out = &web->out;
	while (out->count > 0) {
		size_t size = out->offered ? out->offered : out->count;
		ssize_t n = stream_write(web->below, out->bytes + out->start, size);
		out->offered = n < 0 ? size : 0;
		if (n < 0) {
			return false;
		}
		out->start += n;
		out->count -= n;
	}
	out->start = 0;
	return true;
}

static ssize_t handle_web_write(struct stream *stream, const void *bytes, size_t size) {
	struct web_stream *web = web_of(stream);
	if (web->promised == 0) {
		if (!flush(web)) { /* an answer to a ping is still there */
			return -1;
		}
		web->promised = size < BUFFER_SIZE ? size : BUFFER_SIZE;
		put_frame(web, WEB_OPCODE_BINARY, bytes, web->promised);
	}
	if (!flush(web)) {
		return -1;
	}
	size_t written = web->promised;
	web->promised = 0;
	return written;
}

/* Of these one at a time is kept; one that finds no room isn't answered. */
static bool send_control(
	struct web_stream *web, enum web_opcode opcode, const void *bytes, size_t size) {
	return !put_frame(web, opcode, bytes, size) || flush(web) || errno == EAGAIN;
}

static void send_close(struct web_stream *web, uint16_t code) {
	uint8_t bytes[] = {code >> 8, code};
	if (!web->ended) {
		send_control(web, WEB_OPCODE_CLOSE, bytes, sizeof(bytes));
	}
	web->ended = true;
}

/* Receiving */

static ssize_t end_badly(struct web_stream *web, uint16_t code, const char *error) {
	log_info("client %s: bad WebSocket frame: %s", web->peer, error);
	send_close(web, code);
	errno = EPROTO;
	return -1;
}

/* 1 when it has come to data, whose size is then in *size; else as stream_read. */
static ssize_t look(struct web_stream *web, size_t max, uint8_t **data, size_t *size) {
	uint8_t *bytes = web->in.bytes + web->in.start;
	size_t count = web->in.count < max ? web->in.count : max, used;
	uint16_t code;
	const char *error;
	enum web_frames_event event =
		web_frames_next(&web->frames, bytes, count, &used, data, size, &code, &error);
	web->in.start += used;
	web->in.count -= used;
	switch (event) {
	case WEB_FRAMES_DATA:
		return 1;
	case WEB_FRAMES_BAD:
		return end_badly(web, code, error);
	case WEB_FRAMES_PING:
		if (!send_control(
			    web, WEB_OPCODE_PONG, web->frames.control, web->frames.control_count)) {
			return -1;
		}
		break;
	case WEB_FRAMES_CLOSE:
		send_close(web, CLOSE_NORMAL);
		break;
	case WEB_FRAMES_SHORT:
		break;
	}
	return 0;
}

static ssize_t fill(struct web_stream *web) {
	ssize_t n = stream_read(web->below, web->in.bytes, sizeof(web->in.bytes));
	web->in.start = 0;
	web->in.count = n > 0 ? n : 0;
	return n;
}

static ssize_t handle_web_read(struct stream *stream, void *bytes, size_t size) {
	struct web_stream *web = web_of(stream);
	uint8_t *data;
	size_t count;
	while (!web->ended) {
		ssize_t n = web->in.count > 0 ? 1 : fill(web);
		if (n <= 0) {
			return n;
		}
		n = look(web, size, &data, &count);
		if (n > 0) {
			memcpy(bytes, data, count);
			return count;
		}
		if (n < 0) {
			return n;
		}
	}
	return 0;
}

static bool handle_web_has_more(struct stream *stream) {
	struct web_stream *web = web_of(stream);
	return !web->ended && (web->in.count > 0 || stream_has_more(web->below));
}

static void handle_web_destroy(struct stream *stream) {
	struct web_stream *web = web_of(stream);
	if (web->promised == 0) {
		send_close(web, CLOSE_NORMAL);
	}
	stream_destroy(web->below);
	free(web);
}

static const struct stream_impl web_impl = {
	.read = handle_web_read,
	.write = handle_web_write,
	.has_more = handle_web_has_more,
	.destroy = handle_web_destroy,
};

struct stream *web_stream_create(
	struct stream *below, const char *peer, const void *bytes, size_t count) {
	struct web_stream *web = xcalloc(1, sizeof(*web));
	static_assert(WEB_STREAM_EARLY_MAX <= BUFFER_SIZE, "they fit");
	assert(count <= WEB_STREAM_EARLY_MAX);
	web->base = (struct stream){.impl = &web_impl, .fd = below->fd};
	web->below = below;
	snprintf(web->peer, sizeof(web->peer), "%s", peer);
	memcpy(web->in.bytes, bytes, count);
	web->in.count = count;
	return &web->base;
}
