#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "remote/entrance.h"
#include "remote/entrance_tls.h"
#include "remote/relay.h"
#include "remote/rfb_front.h"
#include "remote/vnc_session.h"
#include "util/log.h"
#include "util/mem.h"

#define SECOND ((uint64_t)1000000) /* us */

struct rfb_entrance {
	struct entrance base;
	struct rfb_front front;
	char *chain;
	sd_event_source *source, *limit;
};

static const struct entrance_impl entrance_impl;

static struct rfb_entrance *rfb_of(struct entrance *entrance) {
	assert(entrance->impl == &entrance_impl);
	return (struct rfb_entrance *)entrance;
}

/* The handshake */

static void set_limit(struct rfb_entrance *rfb) {
	enum rfb_front_state state = rfb->front.state;
	bool person = state == RFB_FRONT_LENGTHS || state == RFB_FRONT_RESPONSE;
	sd_event_source_set_time_relative(
		rfb->limit, (person ? VNC_TYPING_SECONDS : VNC_STEP_SECONDS) * SECOND);
	/* From then on it's the listener's time. */
	sd_event_source_set_enabled(
		rfb->limit, state == RFB_FRONT_VERDICT ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
}

static void fail(struct rfb_entrance *rfb, const char *why) {
	rfb->base.host.failed(rfb->base.host.data, why);
}

/* Asks the listener. */
static void present(struct rfb_entrance *rfb) {
	struct vnc_note note = {.kind = VNC_NOTE_RESPONSE};
	if (rfb->front.by_name) {
		note.kind = VNC_NOTE_LOGIN;
		memcpy(note.text, rfb_front_name(&rfb->front), rfb->front.name_length);
		memcpy(note.secret, rfb_front_password(&rfb->front), rfb->front.password_length);
	} else {
		vnc_note_set_bytes(&note, rfb->front.buffer, VNC_CHALLENGE_SIZE);
	}
	rfb->base.waits = true;
	bool sent = vnc_note_send(rfb->base.host.channel, &note, -1);
	rfb_front_forget(&rfb->front);
	explicit_bzero(&note, sizeof(note));
	if (!sent) {
		fail(rfb, "the listener is gone");
	}
}

static int handle_client(sd_event_source *source, int fd, uint32_t events, void *data) {
	struct rfb_entrance *rfb = data;
	const char *why;
	enum rfb_front_state before = rfb->front.state;
	if (rfb->base.waits) {
		return 0;
	}
	if (!rfb_front_dispatch(&rfb->front, &why)) {
		fail(rfb, why);
		return 0;
	}
	if (rfb->front.state != before) {
		set_limit(rfb);
	}
	if (rfb->front.state == RFB_FRONT_VERDICT) {
		present(rfb);
	}
	return 0;
}

static int handle_limit(sd_event_source *source, uint64_t time, void *data) {
	fail(data, "the handshake took too long");
	return 0;
}

/* What the session asks for */

static void handle_entrance_note(
	struct entrance *entrance, const struct vnc_note *note, int passed) {
	log_debug("a note of kind %u that nobody asked for", note->kind);
	if (passed >= 0) {
		close(passed);
	}
}

static bool handle_entrance_accept(struct entrance *entrance, int *fd, struct relay **relay) {
	struct rfb_entrance *rfb = rfb_of(entrance);
	*relay = NULL;
	entrance->waits = false;
	rfb->source = sd_event_source_disable_unref(rfb->source);
	if (!rfb_front_accept(&rfb->front)) {
		return false;
	}
	struct stream *stream = rfb->front.stream;
	rfb->front.stream = NULL;
	if (!rfb->front.encrypted) {
		*fd = socket_stream_release(stream);
		return true;
	}
	*relay = relay_create(stream, fd);
	return *relay;
}

static void handle_entrance_refuse(struct entrance *entrance, const char *reason) {
	entrance->waits = false;
	rfb_front_refuse(&rfb_of(entrance)->front, reason);
}

static void handle_entrance_destroy(struct entrance *entrance) {
	struct rfb_entrance *rfb = rfb_of(entrance);
	sd_event_source_disable_unref(rfb->source);
	sd_event_source_disable_unref(rfb->limit);
	rfb_front_finish(&rfb->front);
	free(rfb->chain);
	free(rfb);
}

static const struct entrance_impl entrance_impl = {
	.note = handle_entrance_note,
	.accept = handle_entrance_accept,
	.refuse = handle_entrance_refuse,
	.destroy = handle_entrance_destroy,
};

static void begin(struct rfb_entrance *rfb, const struct vnc_note *start, int client) {
	struct rfb_front_terms terms = {
		.kind = start->flags & VNC_FLAG_TLS        ? RFB_FRONT_USERS
			: start->flags & VNC_FLAG_PASSWORD ? RFB_FRONT_PASSWORD
							   : RFB_FRONT_OPEN,
		.x509_vnc = start->flags & VNC_FLAG_X509_VNC,
		.chain = rfb->chain,
		.signer = entrance_signer(&rfb->base),
	};
	memcpy(terms.challenge, start->bytes, sizeof(terms.challenge));
	rfb_front_init(&rfb->front, socket_stream_create(client), &terms);
}

struct entrance *rfb_entrance_create(
	const struct entrance_host *host, const struct vnc_note *start, int client, int chain) {
	struct rfb_entrance *rfb = xcalloc(1, sizeof(*rfb));
	rfb->base = (struct entrance){.impl = &entrance_impl, .host = *host};
	rfb->chain = entrance_read_chain(chain);
	begin(rfb, start, client);
	if ((start->flags & VNC_FLAG_TLS && !rfb->chain) ||
		sd_event_add_io(host->event, &rfb->source, client, EPOLLIN | EPOLLOUT | EPOLLET,
			handle_client, rfb) < 0 ||
		sd_event_add_time_relative(host->event, &rfb->limit, CLOCK_MONOTONIC,
			VNC_STEP_SECONDS * SECOND, 0, handle_limit, rfb) < 0) {
		log_error("can't begin a session: %s", strerror(errno));
		entrance_destroy(&rfb->base);
		return NULL;
	}
	return &rfb->base;
}
