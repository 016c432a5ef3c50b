#include "compositor/loop.h"

#include <sys/epoll.h>

static int handle_ready(sd_event_source *source, int fd, uint32_t revents, void *data) {
	struct wl_display *display = data;
	wl_event_loop_dispatch(wl_display_get_event_loop(display), 0);
	return 0;
}

/* Runs before every sleep: what other sources caused on the Wayland side goes out now. */
static int handle_prepare(sd_event_source *source, void *data) {
	struct wl_display *display = data;
	wl_event_loop_dispatch_idle(wl_display_get_event_loop(display));
	wl_display_flush_clients(display);
	return 0;
}

sd_event_source *loop_nest_wayland(sd_event *event, struct wl_display *display) {
	sd_event_source *source = NULL;
	int fd = wl_event_loop_get_fd(wl_display_get_event_loop(display));
	if (sd_event_add_io(event, &source, fd, EPOLLIN, handle_ready, display) < 0) {
		return NULL;
	}
	/* Before the D-Bus connections, whose queues this may fill. */
	if (sd_event_source_set_prepare(source, handle_prepare) < 0 ||
		sd_event_source_set_priority(source, SD_EVENT_PRIORITY_IMPORTANT) < 0) {
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
