/* The guests of this desktop: each one's life cycle (vmm/), display connection (vm-display/), views
 * and publisher, tied together. */
#ifndef COMPOSITOR_GUESTS_H
#define COMPOSITOR_GUESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <wayland-server-core.h>

#include "vm-display/display_client.h"
#include "vm-display/publisher.h"
#include "vmm/guest.h"

struct server;
struct view;

struct managed_guest {
	struct guests *guests;
	struct guest *vmm;
	struct display_client *display; /* NULL while not connected */
	bool connecting; /* a display was asked for */
	uint64_t connected_at; /* us, CLOCK_MONOTONIC */
	struct publisher *publisher; /* NULL until somebody asked for it */
	struct sound_guest *sound; /* NULL: it has no sound card */
	struct guest_clipboard *clipboard; /* NULL: it has no port for it */
	struct wl_list views; /* guest_view.link, by head; at least one */
	struct wl_list consoles; /* guest_console.link */
	struct wl_list link; /* guests.list */
};

struct guests {
	struct server *server;
	struct wl_list list; /* managed_guest.link, in the order of their addition */
	struct wl_list dirty; /* guest_view.dirty_link */
	struct wl_list held; /* guest_view.held_link */
	struct wl_listener output_frame, output_composed;
	sd_event_source *review; /* pending guests_review_listening, or NULL */
	sd_event_source *end_limit; /* of guests_end; NULL before */
	bool closing;
};

struct guests *guests_create(struct server *server);
/* The guests go on. NULL is legal. */
void guests_destroy(struct guests *guests);

/* Adds those of the last session, the configuration and the command line; starts the ones that are
 * to start by themselves. */
void guests_start(struct guests *guests);

/* By a guest file; NULL with *error allocated (all mistakes, one a line). */
struct managed_guest *guests_add(struct guests *guests, const char *path, char **error);
bool guests_remove(struct managed_guest *guest, char **error); /* only while it is off */
struct managed_guest *guests_find(struct guests *guests, const char *name);
/* NULL if the view isn't a guest's, or is NULL. */
struct managed_guest *guests_find_by_view(struct guests *guests, const struct view *base);

bool guests_power_on(struct managed_guest *guest, char **error);
/* What closing its view means: shut down. */
void guests_close(struct managed_guest *guest);
void guests_start_by_click(struct managed_guest *guest);
/* What a view without a picture says. */
void guests_describe(
	struct managed_guest *guest, char *headline, size_t size, char *detail, size_t detail_size);

/* Somebody's interest in a console changed: a view's, or a publisher's. */
void guests_update_listening(struct managed_guest *guest, struct console *console);
/* Somebody else had the console take another size, and is gone. */
void guests_renew_size(struct managed_guest *guest, struct console *console);
/* Looks at all views again, later. */
void guests_review_listening(struct guests *guests);

/* All pictures move to the server's new renderer; the old one is still there. */
void guests_renew_renderer(struct guests *guests);

/* What publishes the guest's display; made when it is first needed. */
struct publisher *guests_publisher(struct managed_guest *guest);

/* Powers all guests off, and ends the server when their processes are gone, or after 10 s. */
void guests_end(struct guests *guests);

const char *console_path_name(enum console_path path); /* "map", "bytes", "dmabuf", "none" */

#endif
