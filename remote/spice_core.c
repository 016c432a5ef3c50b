#include "remote/spice_core.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "util/log.h"
#include "util/mem.h"

struct SpiceTimer {
	sd_event_source *source;
	SpiceTimerFunc func;
	void *data;
};

struct SpiceWatch {
	sd_event_source *source;
	SpiceWatchFunc func;
	void *data;
};

static sd_event *loop;

static int handle_timer(sd_event_source *source, uint64_t time, void *data) {
	struct SpiceTimer *timer = data;
	timer->func(timer->data); /* which may remove the timer */
	return 0;
}

static SpiceTimer *timer_add(SpiceTimerFunc func, void *data) {
	struct SpiceTimer *timer = xcalloc(1, sizeof(*timer));
	timer->func = func;
	timer->data = data;
	if (sd_event_add_time_relative(
		    loop, &timer->source, CLOCK_MONOTONIC, 0, 0, handle_timer, timer) < 0) {
		free(timer);
		return NULL;
	}
	sd_event_source_set_enabled(timer->source, SD_EVENT_OFF);
	return timer;
}

static void timer_start(SpiceTimer *timer, uint32_t ms) {
	sd_event_source_set_time_relative(timer->source, (uint64_t)ms * 1000);
	sd_event_source_set_enabled(timer->source, SD_EVENT_ONESHOT);
}

static void timer_cancel(SpiceTimer *timer) {
	sd_event_source_set_enabled(timer->source, SD_EVENT_OFF);
}

static void timer_remove(SpiceTimer *timer) {
	sd_event_source_disable_unref(timer->source);
	free(timer);
}

static int handle_watch(sd_event_source *source, int fd, uint32_t revents, void *data) {
	struct SpiceWatch *watch = data;
	uint32_t wanted = 0;
	int events = 0;
	sd_event_source_get_io_events(source, &wanted);
	if (revents & (EPOLLIN | EPOLLHUP | EPOLLERR) && wanted & EPOLLIN) {
		events |= SPICE_WATCH_EVENT_READ;
	}
	if (revents & (EPOLLOUT | EPOLLHUP | EPOLLERR) && wanted & EPOLLOUT) {
		events |= SPICE_WATCH_EVENT_WRITE;
	}
	if (events) {
		watch->func(fd, events, watch->data); /* which may remove the watch */
	}
	return 0;
}

/* An error or a hang-up would wake us even if nothing were asked for. */
static void watch_update_mask(SpiceWatch *watch, int events) {
	uint32_t mask = (events & SPICE_WATCH_EVENT_READ ? EPOLLIN : 0) |
		(events & SPICE_WATCH_EVENT_WRITE ? EPOLLOUT : 0);
	if (mask) {
		sd_event_source_set_io_events(watch->source, mask);
	}
	sd_event_source_set_enabled(watch->source, mask ? SD_EVENT_ON : SD_EVENT_OFF);
}

static SpiceWatch *watch_add(int fd, int events, SpiceWatchFunc func, void *data) {
	struct SpiceWatch *watch = xcalloc(1, sizeof(*watch));
	watch->func = func;
	watch->data = data;
	if (sd_event_add_io(loop, &watch->source, fd, EPOLLIN, handle_watch, watch) < 0) {
		free(watch);
		return NULL;
	}
	watch_update_mask(watch, events);
	return watch;
}

static void watch_remove(SpiceWatch *watch) {
	sd_event_source_disable_unref(watch->source);
	free(watch);
}

/* The library's lines begin with "FILE:LINE:FUNCTION: ", and come on any thread; most trace its own
 * steps. */
static void handle_log(
	const char *domain, GLogLevelFlags level, const char *message, gpointer unused) {
	const char *text = message ? strstr(message, ": ") : NULL;
	text = text ? text + 2 : message ? message : "?";
	if (level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL)) {
		log_error("spice-server: %s", text);
	} else if (level & G_LOG_LEVEL_WARNING) {
		log_info("spice-server: %s", text);
	}
}

SpiceCoreInterface *spice_core_prepare(
	sd_event *event, void (*channel_event)(int event, SpiceChannelEventInfo *info)) {
	static SpiceCoreInterface core = {
		.base.type = SPICE_INTERFACE_CORE,
		.base.description = "mullion",
		.base.major_version = SPICE_INTERFACE_CORE_MAJOR,
		.base.minor_version = SPICE_INTERFACE_CORE_MINOR,
		.timer_add = timer_add,
		.timer_start = timer_start,
		.timer_cancel = timer_cancel,
		.timer_remove = timer_remove,
		.watch_add = watch_add,
		.watch_update_mask = watch_update_mask,
		.watch_remove = watch_remove,
	};
	loop = event;
	core.channel_event = channel_event;
	g_log_set_default_handler(handle_log, NULL);
	return &core;
}
