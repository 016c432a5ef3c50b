#include "vm-display/screen.h"

#include <assert.h>

#include "vm-display/frame.h"

void screen_init(struct screen *screen) {
	*screen = (struct screen){0};
	TAILQ_INIT(&screen->observers);
}

void screen_finish(struct screen *screen) {
	assert(TAILQ_EMPTY(&screen->observers));
	frame_unref(screen->frame);
	cursor_image_unref(screen->cursor);
	screen->frame = NULL;
	screen->cursor = NULL;
}

/* `member` is one of screen_observer_impl's; the observer that is called may remove itself. */
#define SCREEN_NOTIFY(screen, member)                                                              \
	do {                                                                                       \
		struct screen_observer *next_;                                                     \
		for (struct screen_observer *o_ = TAILQ_FIRST(&(screen)->observers); o_;           \
			o_ = next_) {                                                              \
			next_ = TAILQ_NEXT(o_, link);                                              \
			if (o_->impl->member) {                                                    \
				o_->impl->member(o_);                                              \
			}                                                                          \
		}                                                                                  \
	} while (0)

static void damage_everything(struct screen_observer *observer) {
	struct frame *frame = observer->screen->frame;
	pixman_region32_clear(&observer->damage);
	if (frame) {
		pixman_region32_union_rect(
			&observer->damage, &observer->damage, 0, 0, frame->width, frame->height);
	}
}

void screen_set_frame(struct screen *screen, struct frame *frame) {
	struct frame *old = screen->frame;
	screen->frame = frame_ref(frame);
	frame_unref(old);
	struct screen_observer *observer;
	TAILQ_FOREACH (observer, &screen->observers, link) {
		damage_everything(observer);
	}
	SCREEN_NOTIFY(screen, frame);
}

/* Computed in 64 bits: the peer's numbers may be anything that fits into 32. */
static bool clip(int64_t *start, int64_t *length, int64_t limit) {
	int64_t end = *start + *length;
	*start = *start < 0 ? 0 : *start;
	end = end > limit ? limit : end;
	*length = end - *start;
	return *length > 0;
}

/* A region of scattered rectangles grows without bound; past this it becomes its extents. */
#define DAMAGE_RECTS_MAX 64

static void add_damage(pixman_region32_t *region, int x, int y, int width, int height) {
	pixman_region32_union_rect(region, region, x, y, width, height);
	if (pixman_region32_n_rects(region) > DAMAGE_RECTS_MAX) {
		pixman_box32_t box = *pixman_region32_extents(region);
		pixman_region32_reset(region, &box);
	}
}

void screen_add_damage(struct screen *screen, int x, int y, int width, int height) {
	int64_t left = x, top = y, w = width, h = height;
	if (!screen->frame || width <= 0 || height <= 0 || !clip(&left, &w, screen->frame->width) ||
		!clip(&top, &h, screen->frame->height)) {
		return;
	}
	struct screen_observer *next;
	for (struct screen_observer *observer = TAILQ_FIRST(&screen->observers); observer;
		observer = next) {
		next = TAILQ_NEXT(observer, link);
		bool was_clean = !pixman_region32_not_empty(&observer->damage);
		add_damage(&observer->damage, left, top, w, h);
		if (was_clean && observer->impl->damage) {
			observer->impl->damage(observer);
		}
	}
}

void screen_set_cursor(struct screen *screen, struct cursor_image *cursor) {
	struct cursor_image *old = screen->cursor;
	screen->cursor = cursor_image_ref(cursor);
	cursor_image_unref(old);
	SCREEN_NOTIFY(screen, cursor_image);
}

void screen_move_cursor(struct screen *screen, int x, int y, bool visible) {
	if (screen->cursor_x == x && screen->cursor_y == y && screen->cursor_visible == visible) {
		return;
	}
	screen->cursor_x = x;
	screen->cursor_y = y;
	screen->cursor_visible = visible;
	SCREEN_NOTIFY(screen, cursor_position);
}

void screen_observe(struct screen *screen, struct screen_observer *observer,
	const struct screen_observer_impl *impl) {
	observer->impl = impl;
	observer->screen = screen;
	observer->holds = false;
	pixman_region32_init(&observer->damage);
	damage_everything(observer);
	TAILQ_INSERT_TAIL(&screen->observers, observer, link);
}

void screen_unobserve(struct screen_observer *observer) {
	if (!observer->screen) {
		return;
	}
	struct screen *screen = observer->screen;
	TAILQ_REMOVE(&screen->observers, observer, link);
	observer->screen = NULL;
	pixman_region32_fini(&observer->damage);
	if (observer->holds) {
		observer->holds = false;
		if (screen->released && !screen_is_held(screen)) {
			screen->released(screen, screen->source);
		}
	}
}

void screen_take_damage(struct screen_observer *observer, pixman_region32_t *out) {
	pixman_region32_copy(out, &observer->damage);
	pixman_region32_clear(&observer->damage);
}

void screen_hold(struct screen_observer *observer) {
	observer->holds = true;
}

void screen_let_go(struct screen_observer *observer) {
	if (!observer->holds) {
		return;
	}
	observer->holds = false;
	struct screen *screen = observer->screen;
	if (screen && screen->released && !screen_is_held(screen)) {
		screen->released(screen, screen->source);
	}
}

bool screen_is_held(const struct screen *screen) {
	struct screen_observer *observer;
	TAILQ_FOREACH (observer, &screen->observers, link) {
		if (observer->holds) {
			return true;
		}
	}
	return false;
}
