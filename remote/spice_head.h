/* One head of what is served: a console of mullion's, shown through a QXL device of the library's.
 *
 * The library takes and releases commands on a thread of its own; all functions here are the
 * loop's. At most about two frames of pixels are in the library's hands; what changes in the
 * meantime is unioned, so that slow clients get the newest picture. */
#ifndef REMOTE_SPICE_HEAD_H
#define REMOTE_SPICE_HEAD_H

#include <pthread.h>
#include <spice.h>
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "remote/spice_draw.h"
#include "remote/vnc_display.h"

struct spice_head;

struct spice_head_impl {
	void (*console)(struct spice_head *head); /* as in struct vnc_display_impl */
	void (*lost)(struct spice_head *head, const char *reason);
	void (*client)(struct spice_head *head, struct display_client *client);
	void (*ready)(struct spice_head *head); /* the first picture since spice_head_open */
	/* The library waits for its clients, or doesn't any longer. */
	void (*stuck)(struct spice_head *head, bool stuck);
	/* A client asks for this size, px; may be called with the size that it has. */
	void (*resize)(struct spice_head *head, uint32_t width, uint32_t height);
};

struct spice_head {
	struct vnc_display display;
	bool wants_resize; /* clients may ask for other sizes; set before spice_head_init */
	/* private */
	QXLInstance qxl;
	const struct spice_head_impl *impl;
	void *data; /* the user's */
	sd_event *event;
	uint32_t shown; /* the console's head */
	enum {
		SPICE_HEAD_STABLE,
		SPICE_HEAD_UNMAKING,
		SPICE_HEAD_MAKING
	} stage; /* of the surface */
	uint8_t *memory; /* of the primary surface: the library's to draw into */
	uint32_t width, height; /* px, of it */
	bool is_cut; /* there was no memory for a larger one */
	bool is_open, is_ready;
	bool show_all, cursor_changed, cursor_moved, cursor_visible; /* to be drawn, but the last */
	unsigned int nudges; /* since we wait for the library */
	bool is_stuck;
	sd_event_source *update; /* to be done when all else is */
	sd_event_source *signal; /* from the library's thread */
	sd_event_source *patience; /* with the library, while it holds too much */
	int signal_fd;
	pthread_mutex_t lock; /* of what follows */
	struct spice_draw_list draws, cursors;
	size_t held; /* bytes of pixels, queued or in the library's hands */
	bool is_waiting; /* for the library to release some */
	unsigned int done; /* surfaces made and unmade */
};

/* Adds the device to the server; clients know it by `number`, mullion its console by `shown`. False
 * after a log line. */
bool spice_head_init(struct spice_head *head, SpiceServer *server, sd_event *event, uint32_t number,
	uint32_t shown, const struct spice_head_impl *impl, void *data);
/* After the server is destroyed. */
void spice_head_finish(struct spice_head *head);

/* Takes `fd` on every path. False after a log line. */
bool spice_head_open(struct spice_head *head, int fd);
/* Nobody looks any more. */
void spice_head_close(struct spice_head *head);

#endif
