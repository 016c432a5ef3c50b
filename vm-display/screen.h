/* A screen: what one console or output shows now, and those who look at it.
 *
 * A source (listener.h, or the compositor for its outputs) changes a screen; observers learn of it
 * and each has a damage region of its own, so that a flood of updates costs region unions only.
 * Everything happens on the event loop's thread. Callbacks must not block and must not destroy the
 * screen; an observer may remove itself. */
#ifndef VM_DISPLAY_SCREEN_H
#define VM_DISPLAY_SCREEN_H

#include <pixman.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

struct frame;

#define CURSOR_SIDE_MAX 256 /* px */

struct cursor_image { /* counted, immutable */
	unsigned int refs;
	int width, height; /* px */
	int hot_x, hot_y; /* px, within the image */
	uint32_t pixels[]; /* ARGB8888, premultiplied */
};
/* `pixels` is copied; NULL if a number is out of its limit. */
struct cursor_image *cursor_image_create(
	int width, int height, int hot_x, int hot_y, const uint32_t *pixels);
struct cursor_image *cursor_image_ref(struct cursor_image *cursor);
void cursor_image_unref(struct cursor_image *cursor);

struct screen {
	struct frame *frame; /* NULL: disabled, nothing to show yet, or the peer is gone */
	struct cursor_image *cursor; /* NULL: none defined */
	int cursor_x, cursor_y; /* px, frame space: where the hot spot is */
	bool cursor_visible;
	TAILQ_HEAD(, screen_observer) observers;
	/* The source's; NULL if it doesn't care who holds. Called when the last one lets go. */
	void (*released)(struct screen *screen, void *source);
	void *source;
};

struct screen_observer;

struct screen_observer_impl { /* each may be NULL */
	void (*frame)(struct screen_observer *observer); /* screen->frame is another one, or
		NULL; all of it is damaged, and no damage callback comes for that */
	void (*damage)(
		struct screen_observer *observer); /* `damage` went from empty to not empty */
	void (*cursor_image)(struct screen_observer *observer);
	void (*cursor_position)(struct screen_observer *observer); /* position or visibility */
};

struct screen_observer {
	const struct screen_observer_impl *impl;
	struct screen *screen;
	pixman_region32_t damage; /* px, frame space; clipped to the frame */
	bool holds; /* set while this observer still reads what a dmabuf's update announced */
	TAILQ_ENTRY(screen_observer) link;
};

void screen_init(struct screen *screen);
void screen_finish(struct screen *screen); /* asserts that no observer is left */

/* For the source. screen_set_frame takes a reference; the whole new frame is damaged. */
void screen_set_frame(struct screen *screen, struct frame *frame);
void screen_add_damage(struct screen *screen, int x, int y, int width, int height); /* clips */
void screen_set_cursor(struct screen *screen, struct cursor_image *cursor);
void screen_move_cursor(struct screen *screen, int x, int y, bool visible);

/* For observers. A new observer starts with the whole frame damaged and gets no callback for it. */
void screen_observe(struct screen *screen, struct screen_observer *observer,
	const struct screen_observer_impl *impl);
void screen_unobserve(struct screen_observer *observer); /* legal when not observing */
/* Moves the damage into `out` (initialised by the caller) and leaves none. */
void screen_take_damage(struct screen_observer *observer, pixman_region32_t *out);

/* A dmabuf's owner draws its next picture when the last one was read (UpdateDMABUF's reply). An
 * observer that reads later than in its damage callback holds the screen there and lets go
 * afterwards; the source is told through screen->released when nobody holds it any more. */
void screen_hold(struct screen_observer *observer);
void screen_let_go(struct screen_observer *observer);
bool screen_is_held(const struct screen *screen);

#endif
