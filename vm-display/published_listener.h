/* Shared by published_listener.c (its life, and what is sent when) and published_frame.c (the
 * messages). */
#ifndef VM_DISPLAY_PUBLISHED_LISTENER_H
#define VM_DISPLAY_PUBLISHED_LISTENER_H

#include "vm-display/publisher_private.h"

#define PUBLISHER_BATCH_RECTS 16 /* of one batch of updates; more become their extents */

/* The messages of a batch: only the last one expects an answer. */
#define PUBLISHER_BATCH_MAX (PUBLISHER_BATCH_RECTS + 2)

struct published_listener {
	struct published_object *object;
	struct bus_link *link;
	struct screen_observer observer;
	sd_event_source *flush; /* sends what has come up in this turn of the loop */
	sd_bus_slot *question; /* about the listener's interfaces */
	sd_bus_slot *pending; /* the batch without an answer */
	bool is_asked; /* the interfaces are known */
	bool has_map, has_dmabuf2;
	bool has_cursor, has_position; /* to be sent */
	struct frame *frame; /* as the listener knows it; NULL: disabled */
	enum console_path path;
	sd_bus_message *batch[PUBLISHER_BATCH_MAX];
	int batch_count;
	TAILQ_ENTRY(published_listener) siblings;
};

/* Each adds messages to the batch; false if there is no memory. */
bool published_listener_add_cursor(struct published_listener *listener);
/* The frame itself, by the best path that the listener has; Disable if it has none. */
bool published_listener_add_scanout(struct published_listener *listener);
bool published_listener_add_updates(struct published_listener *listener);

#endif
