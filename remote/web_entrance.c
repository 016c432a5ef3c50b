#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "remote/entrance.h"
#include "remote/entrance_tls.h"
#include "remote/relay.h"
#include "remote/rfb_front.h"
#include "remote/stream.h"
#include "remote/tls_stream.h"
#include "remote/vnc_channel.h"
#include "remote/vnc_session.h"
#include "remote/web_asks.h"
#include "remote/web_request.h"
#include "remote/web_service.h"
#include "remote/web_stream.h"
#include "util/log.h"
#include "util/mem.h"

#define SECOND ((uint64_t)1000000) /* us */
#define REPLY_SECONDS 30 /* for a client to take an answer */
#define REQUESTS_MAX 200 /* of a connection */

enum state {
	STATE_TLS,
	STATE_REQUEST, /* its head and its body come */
	STATE_ASKING, /* the listener */
	STATE_REPLY, /* is sent */
	STATE_RFB, /* in a WebSocket */
	STATE_OVER,
};

struct web_entrance {
	struct entrance base;
	enum state state;
	struct stream *stream; /* NULL once the RFB front has it */
	struct rfb_front front;
	struct web_service service;
	char *chain;
	char in[WEB_HEAD_MAX + WEB_BODY_MAX];
	size_t count; /* bytes in it */
	size_t head_size; /* of the request; 0: its head isn't whole */
	struct web_request request;
	struct vnc_note ask;
	struct web_reply reply;
	bool upgrades; /* with this reply */
	unsigned int requests;
	sd_event_source *source, *limit;
};

static const struct entrance_impl entrance_impl;

static struct web_entrance *web_of(struct entrance *entrance) {
	assert(entrance->impl == &entrance_impl);
	return (struct web_entrance *)entrance;
}

/* `why` NULL: all is well. */
static void fail(struct web_entrance *web, const char *why) {
	if (web->state != STATE_OVER) {
		web->state = STATE_OVER;
		web->base.host.failed(web->base.host.data, why);
	}
}

static void set_state(struct web_entrance *web, enum state state) {
	uint64_t seconds = state == STATE_REPLY ? REPLY_SECONDS : VNC_STEP_SECONDS;
	bool ours =
		state != STATE_ASKING && state != STATE_OVER; /* else it's the listener's time */
	web->state = state;
	sd_event_source_set_time_relative(web->limit, seconds * SECOND);
	sd_event_source_set_enabled(web->limit, ours ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

/* Requests */

static void reply_badly(struct web_entrance *web, int status, const char *error) {
	log_info("client %s: bad HTTP request: %s", web->base.host.peer, error);
	web_reply_set_error(&web->reply, status, error, true);
	set_state(web, STATE_REPLY);
}

static void ask_listener(struct web_entrance *web) {
	bool sent = vnc_note_send(web->base.host.channel, &web->ask, -1);
	explicit_bzero(web->ask.secret, sizeof(web->ask.secret));
	if (sent) {
		set_state(web, STATE_ASKING);
	} else {
		fail(web, "the listener is gone");
	}
}

static void handle_request(struct web_entrance *web) {
	char *body = web->in + web->head_size;
	bool answered =
		web_service_handle(&web->service, &web->request, body, &web->reply, &web->ask);
	explicit_bzero(body, web->request.content_length); /* a password, maybe */
	log_debug("client %s: %s", web->base.host.peer, web->request.path);
	if (++web->requests >= REQUESTS_MAX) {
		web->reply.close = true;
	}
	if (answered) {
		set_state(web, STATE_REPLY);
	} else {
		ask_listener(web);
	}
}

/* True if there is a whole request, which is then dealt with, or a bad one. */
static bool look(struct web_entrance *web) {
	int status;
	const char *error;
	if (web->head_size == 0 && web->count > 0) {
		switch (web_request_parse(
			&web->request, web->in, web->count, &web->head_size, &status, &error)) {
		case WEB_REQUEST_BAD:
			reply_badly(web, status, error);
			return true;
		case WEB_REQUEST_SHORT:
			return false;
		case WEB_REQUEST_WHOLE:
			break;
		}
	}
	if (web->head_size == 0 || web->count < web->head_size + web->request.content_length) {
		return false;
	}
	handle_request(web);
	return true;
}

/* False if that has to wait. */
static bool read_request(struct web_entrance *web) {
	if (look(web)) {
		return true;
	}
	ssize_t n = stream_read(web->stream, web->in + web->count, sizeof(web->in) - web->count);
	if (n < 0 && errno == EAGAIN) {
		return false;
	}
	if (n <= 0) {
		fail(web, web->count > 0 ? "it went in the midst of a request" : NULL);
		return false;
	}
	web->count += n;
	return true;
}

static void forget_request(struct web_entrance *web) {
	size_t size = web->head_size + web->request.content_length;
	web_reply_finish(&web->reply);
	web->count -= size;
	memmove(web->in, web->in + size, web->count);
	web->head_size = 0;
	set_state(web, STATE_REQUEST);
}

/* From HTTP to RFB */

static void upgrade(struct web_entrance *web) {
	static const char version[] = "RFB 003.008\n";
	const struct rfb_front_terms terms = {.kind = RFB_FRONT_OPEN};
	size_t used = web->head_size;
	if (web->count - used > WEB_STREAM_EARLY_MAX) {
		fail(web, "it sent too much at once");
		return;
	}
	web->stream = web_stream_create(
		web->stream, web->base.host.peer, web->in + used, web->count - used);
	if (stream_write(web->stream, version, strlen(version)) != (ssize_t)strlen(version)) {
		fail(web, "it is gone");
		return;
	}
	rfb_front_init(&web->front, web->stream, &terms);
	web->stream = NULL;
	set_state(web, STATE_RFB);
}

static bool send_reply(struct web_entrance *web) {
	switch (web_reply_send(&web->reply, web->stream)) {
	case WEB_REPLY_WAITS:
		return false;
	case WEB_REPLY_GONE:
		fail(web, "it went before its answer");
		return false;
	case WEB_REPLY_SENT:
		break;
	}
	if (web->upgrades) {
		upgrade(web);
	} else if (web->reply.close) {
		fail(web, NULL);
	} else {
		forget_request(web);
	}
	return true;
}

/* When RFB's handshake has come so far, the listener decides. */
static bool shake_rfb_hands(struct web_entrance *web) {
	struct vnc_note note = {.kind = VNC_NOTE_RESPONSE};
	const char *why;
	if (!rfb_front_dispatch(&web->front, &why)) {
		fail(web, why);
		return false;
	}
	if (web->front.state != RFB_FRONT_VERDICT || web->base.waits) {
		return false;
	}
	sd_event_source_set_enabled(web->limit, SD_EVENT_OFF);
	web->base.waits = true;
	if (!vnc_note_send(web->base.host.channel, &note, -1)) {
		fail(web, "the listener is gone");
	}
	return false;
}

static bool shake_tls_hands(struct web_entrance *web) {
	const char *why;
	switch (tls_stream_shake_hands(web->stream, &why)) {
	case TLS_WAITS:
		return false;
	case TLS_FAILED:
		fail(web, why);
		return false;
	case TLS_DONE:
		break;
	}
	set_state(web, STATE_REQUEST);
	return true;
}

/* One step; false if the next one has to wait. */
static bool step(struct web_entrance *web) {
	switch (web->state) {
	case STATE_TLS:
		return shake_tls_hands(web);
	case STATE_REQUEST:
		return read_request(web);
	case STATE_REPLY:
		return send_reply(web);
	case STATE_RFB:
		return shake_rfb_hands(web);
	case STATE_ASKING:
	case STATE_OVER:
		break;
	}
	return false;
}

static void go_on(struct web_entrance *web) {
	while (step(web)) {
	}
}

static int handle_client(sd_event_source *source, int fd, uint32_t events, void *data) {
	go_on(data);
	return 0;
}

static int handle_limit(sd_event_source *source, uint64_t time, void *data) {
	struct web_entrance *web = data;
	bool idle = web->state == STATE_REQUEST && web->count == 0 && web->requests > 0;
	fail(web, idle ? NULL : "it took too long");
	return 0;
}

/* What the session asks for */

static void handle_entrance_note(
	struct entrance *entrance, const struct vnc_note *note, int passed) {
	struct web_entrance *web = web_of(entrance);
	if (note->kind == VNC_NOTE_WEB_ANSWER && web->state == STATE_ASKING) {
		web_service_answer(&web->request, &web->ask, note, passed, &web->reply);
		web->upgrades = web->ask.number == WEB_ASK_ENTER && note->number == 200;
		web->reply.close |= web->requests >= REQUESTS_MAX;
		set_state(web, STATE_REPLY);
		go_on(web);
	}
	if (passed >= 0) {
		close(passed);
	}
}

static bool handle_entrance_accept(struct entrance *entrance, int *fd, struct relay **relay) {
	struct web_entrance *web = web_of(entrance);
	*relay = NULL;
	entrance->waits = false;
	web->source = sd_event_source_disable_unref(web->source);
	if (!rfb_front_accept(&web->front)) {
		return false;
	}
	struct stream *stream = web->front.stream;
	web->front.stream = NULL;
	*relay = relay_create(stream, fd);
	return *relay;
}

static void handle_entrance_refuse(struct entrance *entrance, const char *reason) {
	entrance->waits = false;
	rfb_front_refuse(&web_of(entrance)->front, reason);
}

static void handle_entrance_destroy(struct entrance *entrance) {
	struct web_entrance *web = web_of(entrance);
	sd_event_source_disable_unref(web->source);
	sd_event_source_disable_unref(web->limit);
	if (web->stream) {
		stream_destroy(web->stream);
	} else {
		rfb_front_finish(&web->front);
	}
	web_reply_finish(&web->reply);
	web_site_close(&web->service.site);
	free(web->chain);
	explicit_bzero(web, sizeof(*web));
	free(web);
}

static const struct entrance_impl entrance_impl = {
	.note = handle_entrance_note,
	.accept = handle_entrance_accept,
	.refuse = handle_entrance_refuse,
	.destroy = handle_entrance_destroy,
};

/* It was sent before this process was made. */
static bool receive_site(struct web_entrance *web) {
	struct vnc_note note;
	int fd = -1;
	bool ok = vnc_note_receive(web->base.host.channel, &note, &fd) == PACKET_READ &&
		note.kind == VNC_NOTE_WEB_SITE && web_site_open(&web->service.site, fd);
	if (ok) {
		snprintf(web->service.auth, sizeof(web->service.auth), "%.15s", note.text);
	}
	if (fd >= 0) {
		close(fd);
	}
	return ok;
}

/* Takes `client`. */
static bool open_stream(struct web_entrance *web, const struct vnc_note *start, int client) {
	struct sockaddr_storage address = {0};
	socklen_t size = sizeof(address);
	getsockname(client, (struct sockaddr *)&address, &size);
	web->service.any_host = address.ss_family == AF_UNIX;
	web->service.secure = start->flags & VNC_FLAG_TLS;
	web->stream = socket_stream_create(client);
	if (web->service.secure) {
		const struct tls_signer signer = entrance_signer(&web->base);
		web->stream = web->chain ? tls_stream_create(web->stream, web->chain, &signer)
					 : (stream_destroy(web->stream), NULL);
	}
	web->state = web->service.secure ? STATE_TLS : STATE_REQUEST;
	return web->stream;
}

struct entrance *web_entrance_create(
	const struct entrance_host *host, const struct vnc_note *start, int client, int chain) {
	struct web_entrance *web = xcalloc(1, sizeof(*web));
	web->base = (struct entrance){.impl = &entrance_impl, .host = *host};
	web->chain = entrance_read_chain(chain);
	if (!open_stream(web, start, client) || !receive_site(web) ||
		sd_event_add_io(host->event, &web->source, client, EPOLLIN | EPOLLOUT | EPOLLET,
			handle_client, web) < 0 ||
		sd_event_add_time_relative(host->event, &web->limit, CLOCK_MONOTONIC,
			VNC_STEP_SECONDS * SECOND, 0, handle_limit, web) < 0) {
		log_error("can't begin a session: %s", strerror(errno));
		entrance_destroy(&web->base);
		return NULL;
	}
	return &web->base;
}
