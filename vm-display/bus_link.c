#include "vm-display/bus_link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "util/log.h"
#include "util/mem.h"
#include "vm-display/fd_check.h"

/* The handshake's buffer is far smaller than this many messages. */
#define LEFTOVERS_MAX 16

struct bus_link {
	sd_bus *bus;
	sd_event_source *io, *timer, *wakeup;
	sd_event_source *auth; /* NULL unless the peer has to authenticate */
	enum bus_link_role role;
	const struct bus_link_impl *impl;
	void *data;
	uint64_t deadline; /* us, for which the timer is set; UINT64_MAX: it is off */
	const char *failure; /* of bus_link_fail */
	bool dispatching; /* the bus is on the stack */
	bool destroyed; /* while it was */
	bool had_queued;
	bool is_ready; /* the handshake is done */
	int leftovers; /* messages, at most, that were read with its end */
	struct fd_check fds;
};

static uint64_t now_usec(void) {
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static void drop_sources(struct bus_link *link) {
	link->io = sd_event_source_disable_unref(link->io);
	link->timer = sd_event_source_disable_unref(link->timer);
	link->wakeup = sd_event_source_disable_unref(link->wakeup);
	link->auth = sd_event_source_disable_unref(link->auth);
}

static void bus_link_free(struct bus_link *link) {
	drop_sources(link);
	sd_bus_close_unref(link->bus);
	free(link);
}

void bus_link_destroy(struct bus_link *link) {
	if (!link) {
		return;
	}
	if (link->dispatching) {
		link->destroyed = true;
	} else {
		bus_link_free(link);
	}
}

static void report_closed(struct bus_link *link, const char *reason, bool failed) {
	drop_sources(link);
	link->impl->closed(link, reason, failed, link->data);
}

/* One message, or a step of the handshake. The bus may read messages together with the end of the
 * handshake, and no event tells of these: they are handled whatever the time. */
static int process_one(struct bus_link *link) {
	fd_check_begin(&link->fds, sd_bus_get_fd(link->bus));
	int result = sd_bus_process(link->bus, NULL);
	if (!fd_check_end(&link->fds)) {
		bus_link_fail(link, "the peer passes file descriptors in invalid messages");
	}
	if (!link->is_ready && sd_bus_is_ready(link->bus) > 0) {
		link->is_ready = true;
		link->auth = sd_event_source_disable_unref(link->auth);
		link->leftovers = LEFTOVERS_MAX;
		return result < 0 ? result : 1;
	}
	if (result == 0) {
		link->leftovers = 0;
	} else if (link->leftovers > 0) {
		link->leftovers--;
	}
	return result;
}

/* Returns what the last step did. */
static int process_batch(struct bus_link *link) {
	uint64_t end = now_usec() + BUS_LINK_SLICE;
	int result = 1;
	link->dispatching = true;
	for (int i = 0; i < BUS_LINK_BATCH && result > 0; i++) {
		result = process_one(link);
		if (bus_link_queued(link) > BUS_LINK_QUEUE_MAX) {
			bus_link_fail(link, "the peer doesn't read what is sent to it");
		}
		if (link->destroyed || link->failure || !sd_bus_is_open(link->bus) ||
			(now_usec() > end && link->leftovers == 0)) {
			break;
		}
	}
	link->dispatching = false;
	return result;
}

static void check_drained(struct bus_link *link) {
	bool queued = bus_link_queued(link) > 0;
	bool drained = link->had_queued && !queued;
	link->had_queued = queued;
	if (drained && link->impl->drained) {
		link->impl->drained(link, link->data);
	}
}

static bool is_gone(int result) {
	return result == -ECONNRESET || result == -EPIPE || result == -ENOTCONN ||
		result == -ESHUTDOWN;
}

static void dispatch(struct bus_link *link) {
	int result = process_batch(link);
	if (link->destroyed) {
		bus_link_free(link);
	} else if (link->failure) {
		report_closed(link, link->failure, true);
	} else if (is_gone(result) || (result >= 0 && !sd_bus_is_open(link->bus))) {
		report_closed(link, "the peer closed the connection", false);
	} else if (result < 0) {
		report_closed(link, strerror(-result), true);
	} else {
		check_drained(link);
	}
}

static int handle_io(sd_event_source *source, int fd, uint32_t revents, void *data) {
	dispatch(data);
	return 0;
}

static int handle_timer(sd_event_source *source, uint64_t usec, void *data) {
	struct bus_link *link = data;
	link->deadline = UINT64_MAX; /* it is off now */
	dispatch(link);
	return 0;
}

static int handle_wakeup(sd_event_source *source, void *data) {
	struct bus_link *link = data;
	report_closed(link, link->failure, true);
	return 0;
}

static int handle_auth(sd_event_source *source, uint64_t usec, void *data) {
	bus_link_fail(data, "the peer doesn't authenticate");
	return 0;
}

/* Before each wait: what the bus wants to be woken for. */
static int prepare(sd_event_source *source, void *data) {
	struct bus_link *link = data;
	if (bus_link_queued(link) > 0) {
		link->had_queued = true;
	}
	int events = sd_bus_get_events(link->bus);
	uint64_t usec = UINT64_MAX;
	if (events < 0 || sd_bus_get_timeout(link->bus, &usec) < 0) {
		events = EPOLLIN;
		usec = 0;
	}
	sd_event_source_set_io_events(link->io, (uint32_t)events);
	if (usec == link->deadline) {
		/* Set anew, a source that is due would fall behind those that are always ready. */
		return 0;
	}
	link->deadline = usec;
	if (usec == UINT64_MAX) {
		sd_event_source_set_enabled(link->timer, SD_EVENT_OFF);
	} else {
		sd_event_source_set_time(link->timer, usec);
		sd_event_source_set_enabled(link->timer, SD_EVENT_ONESHOT);
	}
	return 0;
}

static int filter_message(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct bus_link *link = data;
	link->fds.handled = true;
	return 0;
}

static bool set_role(sd_bus *bus, enum bus_link_role role) {
	if (role == BUS_LINK_CLIENT) {
		return true;
	}
	sd_id128_t id;
	/* Whoever holds the other end of the socket pair was given it, under whatever user. */
	return sd_id128_randomize(&id) >= 0 && sd_bus_set_server(bus, true, id) >= 0 &&
		sd_bus_set_anonymous(bus, true) >= 0;
}

struct bus_link *bus_link_create(sd_event *event, int fd, enum bus_link_role role,
	const struct bus_link_impl *impl, void *data) {
	struct bus_link *link = xcalloc(1, sizeof(*link));
	link->impl = impl;
	link->data = data;
	link->role = role;
	link->deadline = UINT64_MAX;
	fd_check_init(&link->fds);
	if (sd_bus_new(&link->bus) < 0 || sd_bus_set_fd(link->bus, fd, fd) < 0) {
		close(fd);
		goto error;
	}
	/* From here on the bus owns fd. */
	if (sd_bus_negotiate_fds(link->bus, true) < 0 || !set_role(link->bus, role) ||
		sd_bus_add_filter(link->bus, NULL, filter_message, link) < 0 ||
		sd_event_add_io(event, &link->io, fd, EPOLLIN, handle_io, link) < 0 ||
		sd_event_add_time(event, &link->timer, CLOCK_MONOTONIC, 0, 0, handle_timer, link) <
			0 ||
		sd_event_add_defer(event, &link->wakeup, handle_wakeup, link) < 0) {
		goto error;
	}
	/* After everybody else. sd-bus's own connections (the control bus) set the time of a source
	 * anew on each turn, which puts them behind a socket that is always ready. */
	sd_event_source_set_priority(link->io, SD_EVENT_PRIORITY_NORMAL + 2);
	sd_event_source_set_priority(link->timer, SD_EVENT_PRIORITY_NORMAL + 1);
	sd_event_source_set_priority(link->wakeup, SD_EVENT_PRIORITY_NORMAL + 1);
	sd_event_source_set_enabled(link->io, SD_EVENT_OFF);
	sd_event_source_set_enabled(link->timer, SD_EVENT_OFF);
	sd_event_source_set_enabled(link->wakeup, SD_EVENT_OFF);
	return link;
error:
	log_error("can't make a D-Bus connection");
	bus_link_free(link);
	return NULL;
}

bool bus_link_start(struct bus_link *link) {
	int result = sd_bus_start(link->bus);
	if (result >= 0 && link->role == BUS_LINK_SERVER) {
		result = sd_event_add_time_relative(sd_event_source_get_event(link->io),
			&link->auth, CLOCK_MONOTONIC, BUS_LINK_AUTH_MAX, 0, handle_auth, link);
	}
	if (result >= 0) {
		result = sd_event_source_set_prepare(link->io, prepare);
	}
	if (result >= 0) {
		result = sd_event_source_set_enabled(link->io, SD_EVENT_ON);
	}
	if (result < 0) {
		log_error("can't start a D-Bus connection: %s", strerror(-result));
	}
	return result >= 0;
}

sd_bus *bus_link_bus(struct bus_link *link) {
	return link->bus;
}

void bus_link_fail(struct bus_link *link, const char *reason) {
	if (link->failure || !link->io) {
		return;
	}
	link->failure = reason;
	if (!link->dispatching) {
		sd_event_source_set_enabled(link->io, SD_EVENT_OFF);
		sd_event_source_set_enabled(link->timer, SD_EVENT_OFF);
		sd_event_source_set_enabled(link->wakeup, SD_EVENT_ONESHOT);
	}
}

void bus_link_note_answer(struct bus_link *link) {
	link->fds.handled = true;
}

size_t bus_link_queued(const struct bus_link *link) {
	uint64_t count = 0;
	sd_bus_get_n_queued_write(link->bus, &count);
	return count;
}
