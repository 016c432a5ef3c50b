#include "compositor/hangup.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>

#include "util/log.h"
#include "util/mem.h"

struct hangups {
	sd_event *event;
	struct wl_listener client_created;
};

struct hangup {
	struct wl_client *client;
	sd_event_source *source;
	struct wl_listener destroy;
};

/* What is still unread is libwayland's business; what it has read and not done yet is a part of a
 * message. Not after libwayland (loop.c), which is always ready then. */
static int handle_hangup(sd_event_source *source, int fd, uint32_t revents, void *data) {
	struct hangup *hangup = data;
	int unread = 0;
	if (ioctl(fd, FIONREAD, &unread) < 0 || unread == 0) {
		log_debug("a client hung up in the middle of a message");
		wl_client_destroy(hangup->client);
	}
	return 0;
}

static void handle_client_destroy(struct wl_listener *listener, void *data) {
	struct hangup *hangup = wl_container_of(listener, hangup, destroy);
	sd_event_source_disable_unref(hangup->source);
	wl_list_remove(&hangup->destroy.link);
	free(hangup);
}

static void handle_client_created(struct wl_listener *listener, void *data) {
	struct hangups *hangups = wl_container_of(listener, hangups, client_created);
	struct hangup *hangup = xcalloc(1, sizeof(*hangup));
	hangup->client = data;
	if (sd_event_add_io(hangups->event, &hangup->source, wl_client_get_fd(hangup->client),
		    EPOLLRDHUP, handle_hangup, hangup) < 0) {
		free(hangup);
		return;
	}
	sd_event_source_set_priority(hangup->source, SD_EVENT_PRIORITY_NORMAL + 2);
	hangup->destroy.notify = handle_client_destroy;
	wl_client_add_destroy_listener(hangup->client, &hangup->destroy);
}

struct hangups *hangups_create(sd_event *event, struct wl_display *display) {
	struct hangups *hangups = xcalloc(1, sizeof(*hangups));
	hangups->event = event;
	hangups->client_created.notify = handle_client_created;
	wl_display_add_client_created_listener(display, &hangups->client_created);
	return hangups;
}

void hangups_destroy(struct hangups *hangups) {
	if (hangups) {
		wl_list_remove(&hangups->client_created.link);
		free(hangups);
	}
}
