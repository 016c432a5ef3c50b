#include "tests/fuzz/vm-display/listener_peer.h"

#include <stddef.h>
#include <stdlib.h>

#include "vm-display/frame.h"
#include "vm-display/guard.h"

#define TURNS_MAX 10000

static void read_everything(struct screen_observer *observer) {
	struct listener_peer *peer = (struct listener_peer *)((char *)observer -
		offsetof(struct listener_peer, observer));
	const struct frame *frame = observer->screen->frame;
	const pixman_box32_t *box = pixman_region32_extents(&observer->damage);
	size_t pixel = frame && frame->data ? PIXMAN_FORMAT_BPP(frame->format) / 8 : 0;
	for (int y = box->y1; pixel > 0 && y < box->y2; y++) {
		const uint8_t *row = frame->data + (size_t)y * frame->stride;
		peer->sum += row[(size_t)box->x1 * pixel] + row[(size_t)box->x2 * pixel - 1];
	}
	pixman_region32_clear(&observer->damage);
}

static const struct screen_observer_impl observer_impl = {
	.frame = read_everything,
	.damage = read_everything,
};

static void handle_path_changed(struct listener *listener, enum console_path path, void *data) {
}

static void handle_ended(struct listener *listener, const char *violation, void *data) {
	struct listener_peer *peer = data;
	peer->has_ended = true;
}

static const struct listener_impl listener_impl = {
	.path_changed = handle_path_changed,
	.ended = handle_ended,
};

void listener_peer_begin(struct listener_peer *peer) {
	*peer = (struct listener_peer){0};
	guard_install();
	screen_init(&peer->screen);
	screen_observe(&peer->screen, &peer->observer, &observer_impl);
	if (sd_event_new(&peer->event) < 0) {
		abort();
	}
	peer->listener =
		listener_create(peer->event, &peer->screen, true, &peer->fd, &listener_impl, peer);
	if (!peer->listener) {
		abort();
	}
}

void listener_peer_settle(struct listener_peer *peer) {
	for (int i = 0; i < TURNS_MAX && sd_event_run(peer->event, 0) > 0; i++) {
	}
}

void listener_peer_end(struct listener_peer *peer) {
	listener_destroy(peer->listener);
	screen_unobserve(&peer->observer);
	screen_finish(&peer->screen);
	sd_event_unref(peer->event);
}
