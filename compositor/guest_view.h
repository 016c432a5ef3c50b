/* The view of one head of a guest: its picture, or a message while there is none. */
#ifndef COMPOSITOR_GUEST_VIEW_H
#define COMPOSITOR_GUEST_VIEW_H

#include <stdbool.h>

#include "compositor/bridge.h"
#include "compositor/layout.h"
#include "compositor/view.h"
#include "vm-display/screen.h"

struct console;
struct managed_guest;

struct guest_view {
	struct view base;
	struct managed_guest *guest;
	unsigned int head;
	struct console *console; /* NULL while the guest's display isn't connected */
	struct screen_observer observer;
	struct bridge bridge;
	struct wlr_scene_rect
		*bars[2]; /* what the picture leaves of the content; never behind it */
	struct wlr_scene_buffer *message[2]; /* a headline and a line below */
	int ui_width, ui_height; /* px, last asked of the guest; 0: never */
	bool listening; /* wanted by us */
	enum layout_mode layout_before; /* of its output, before it filled that */
	struct wl_list dirty_link; /* guests.dirty; empty when nothing changed */
	struct wl_list held_link; /* guests.held: a dmabuf's reply waits for a composed frame */
	struct wl_list link; /* managed_guest.views */
	struct wl_listener outputs_update;
};

struct guest_view *guest_view_create(struct managed_guest *guest, unsigned int head);
void guest_view_destroy(struct guest_view *view);

void guest_view_attach(struct guest_view *view, struct console *console);
void guest_view_detach(struct guest_view *view);

/* Title and message, after the guest's state changed. */
void guest_view_update(struct guest_view *view);
/* Takes over what changed since the last frame. */
void guest_view_flush(struct guest_view *view);
/* After a frame was composed: lets a dmabuf's owner go on. */
void guest_view_let_go(struct guest_view *view);
/* Listens to the console or stops, by whether anybody sees the picture. */
/* The console has another size than the view asked for. */
void guest_view_renew_size(struct guest_view *view);
void guest_view_update_listening(struct guest_view *view);
/* The size in px that the guest should have there now; 0x0 if it has no place. */
void guest_view_wanted_size(const struct guest_view *view, int *width, int *height);

#endif
