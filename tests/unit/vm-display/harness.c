#include "tests/unit/vm-display/harness.h"

#include <string.h>

void settle(sd_event *event) {
	/* Replies cross the process's own sockets, so that a quiet turn means that none is left. */
	while (sd_event_run(event, 20 * 1000) > 0) {
	}
}

static struct watch *watch_of(struct screen_observer *observer) {
	return (struct watch *)((char *)observer - offsetof(struct watch, observer));
}

static void take(struct watch *watch) {
	if (!watch->keeps_damage) {
		pixman_region32_clear(&watch->observer.damage);
	}
}

static void handle_frame(struct screen_observer *observer) {
	watch_of(observer)->frames++;
	take(watch_of(observer));
}

static void handle_damage(struct screen_observer *observer) {
	watch_of(observer)->damages++;
	take(watch_of(observer));
}

static void handle_cursor_image(struct screen_observer *observer) {
	watch_of(observer)->cursors++;
}

static void handle_cursor_position(struct screen_observer *observer) {
	watch_of(observer)->positions++;
}

static const struct screen_observer_impl watch_impl = {
	.frame = handle_frame,
	.damage = handle_damage,
	.cursor_image = handle_cursor_image,
	.cursor_position = handle_cursor_position,
};

void watch_begin(struct watch *watch, struct screen *screen) {
	screen_observe(screen, &watch->observer, &watch_impl);
	take(watch);
}

void watch_end(struct watch *watch) {
	screen_unobserve(&watch->observer);
}

static void handle_ready(struct display_client *client, void *data) {
	struct peer *peer = data;
	peer->is_ready = true;
}

static void handle_console_changed(struct console *console, void *data) {
	struct peer *peer = data;
	peer->changes++;
}

static void handle_lost(struct display_client *client, const char *reason, void *data) {
	struct peer *peer = data;
	peer->is_lost = true;
	snprintf(peer->reason, sizeof(peer->reason), "%s", reason);
}

static const struct display_client_impl client_impl = {
	.ready = handle_ready,
	.console_changed = handle_console_changed,
	.lost = handle_lost,
};

void peer_open(struct peer *peer, sd_event *event, int fd) {
	*peer = (struct peer){0};
	CHECK(fd >= 0);
	peer->client = display_client_create(event, fd, &client_impl, peer);
	CHECK(peer->client);
	WAIT_FOR(event, peer->is_ready || peer->is_lost);
	CHECK(peer->is_ready);
}

struct console *peer_console(struct peer *peer, uint32_t id) {
	struct console *console;
	TAILQ_FOREACH (console, display_client_consoles(peer->client), link) {
		if (console->id == id) {
			return console;
		}
	}
	return NULL;
}

void peer_close(struct peer *peer) {
	display_client_destroy(peer->client);
	peer->client = NULL;
}

void fill(struct frame *frame, uint32_t seed) {
	uint8_t *bytes = frame->map;
	uint32_t state = seed * 2654435761u + 1;
	for (size_t i = 0; i < frame->map_size; i++) {
		state = state * 1664525u + 1013904223u;
		bytes[i] = state >> 24;
	}
}

bool same_pixels(const struct frame *a, const struct frame *b) {
	if (a->width != b->width || a->height != b->height || a->format != b->format) {
		return false;
	}
	size_t row = (size_t)a->width * PIXMAN_FORMAT_BPP(a->format) / 8;
	for (uint32_t y = 0; y < a->height; y++) {
		if (memcmp(a->data + (size_t)y * a->stride, b->data + (size_t)y * b->stride, row)) {
			return false;
		}
	}
	return true;
}
