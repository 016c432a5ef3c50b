#include "compositor/loop.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "util/mem.h"

#define PRIORITY_LAST (SD_EVENT_PRIORITY_NORMAL + 3)

struct nest {
	struct wl_display *display;
	bool ran; /* since the last turn began */
};

/* Behind everybody in the next turn: a client that always has something to say starves nobody. */
static int handle_ready(sd_event_source *source, int fd, uint32_t revents, void *data) {
	struct nest *nest = data;
	wl_event_loop_dispatch(wl_display_get_event_loop(nest->display), 0);
	nest->ran = true;
	sd_event_source_set_priority(source, PRIORITY_LAST);
	return 0;
}

/* Runs before every sleep: what other sources caused on the Wayland side goes out now. */
static int handle_prepare(sd_event_source *source, void *data) {
	struct nest *nest = data;
	if (!nest->ran) {
		/* Before the D-Bus connections, whose queues this may fill. */
		sd_event_source_set_priority(source, SD_EVENT_PRIORITY_IMPORTANT);
	}
	nest->ran = false;
	wl_event_loop_dispatch_idle(wl_display_get_event_loop(nest->display));
	wl_display_flush_clients(nest->display);
	return 0;
}

sd_event_source *loop_nest_wayland(sd_event *event, struct wl_display *display) {
	sd_event_source *source = NULL;
	int fd = wl_event_loop_get_fd(wl_display_get_event_loop(display));
	struct nest *nest = xcalloc(1, sizeof(*nest));
	nest->display = display;
	if (sd_event_add_io(event, &source, fd, EPOLLIN, handle_ready, nest) < 0) {
		free(nest);
		return NULL;
	}
	sd_event_source_set_destroy_callback(source, free);
	if (sd_event_source_set_prepare(source, handle_prepare) < 0) {
		sd_event_source_unref(source);
		return NULL;
	}
	return source;
}

uint64_t loop_now(sd_event *event) {
	uint64_t now = 0;
	sd_event_now(event, CLOCK_MONOTONIC, &now);
	return now;
}
