#include "vm-display/parting.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "util/log.h"
#include "util/mem.h"

struct parting {
	int fd;
	sd_event_source *io, *timer;
	void (*done)(bool let_go, void *data);
	void *data;
};

static void finish(struct parting *parting, bool let_go) {
	sd_event_source_set_enabled(parting->io, SD_EVENT_OFF);
	sd_event_source_set_enabled(parting->timer, SD_EVENT_OFF);
	parting->done(let_go, parting->data);
}

static int handle_hang_up(sd_event_source *source, int fd, uint32_t revents, void *data) {
	finish(data, true);
	return 0;
}

static int handle_timer(sd_event_source *source, uint64_t usec, void *data) {
	finish(data, false);
	return 0;
}

struct parting *parting_create(
	sd_event *event, int fd, void (*done)(bool let_go, void *data), void *data) {
	struct parting *parting = xcalloc(1, sizeof(*parting));
	parting->fd = fd;
	parting->done = done;
	parting->data = data;
	/* What may still come isn't read, and doesn't wake us. */
	if (shutdown(fd, SHUT_WR) < 0 ||
		sd_event_add_io(event, &parting->io, fd, EPOLLRDHUP, handle_hang_up, parting) < 0 ||
		sd_event_add_time_relative(event, &parting->timer, CLOCK_MONOTONIC, PARTING_MAX, 0,
			handle_timer, parting) < 0) {
		log_error("can't watch the end of a connection");
		parting_destroy(parting);
		return NULL;
	}
	return parting;
}

void parting_destroy(struct parting *parting) {
	if (!parting) {
		return;
	}
	sd_event_source_disable_unref(parting->io);
	sd_event_source_disable_unref(parting->timer);
	close(parting->fd);
	free(parting);
}
