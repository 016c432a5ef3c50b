#include "input/cursor.h"

#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_cursor.h>
#include <wlr/types/wlr_cursor_shape_v1.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/types/wlr_xcursor_manager.h>

#include "input/cursor_buffer.h"
#include "input/pointer.h"
#include "input/seat_private.h"
#include "util/log.h"
#include "util/mem.h"

#define CURSOR_SIZE_DEFAULT 24 /* px */
#define CURSOR_SHAPE_VERSION 1

/* What a client asked for since the pointer came to it. */
struct cursor_wish {
	struct wl_client *client; /* only compared; NULL: none */
	enum {
		CURSOR_WISH_NOTHING,
		CURSOR_WISH_HIDDEN,
		CURSOR_WISH_SURFACE,
		CURSOR_WISH_NAME,
	} kind;
	struct wlr_surface *surface;
	int hot_x, hot_y; /* surface px */
	const char *name;
};

struct cursor {
	struct seat *seat;
	struct wlr_cursor *wlr;
	struct wlr_output_layout *outputs; /* those that show a cursor, as in the seat's layout */
	struct wlr_xcursor_manager *xcursors; /* NULL until one is shown */
	struct cursor_wish wish;
	struct console *console; /* whose cursor is shown, or NULL */
	bool console_visible; /* as last applied */
	struct screen_observer observer; /* of the console's screen */
	struct cursor_image *image; /* as reported last; NULL: hidden */
	const char *image_name; /* its name, if it has one: XCursor's */
	struct wl_listener request_cursor, request_shape, surface_commit, surface_destroy;
};

static bool has_outputs(const struct cursor *cursor) {
	return !wl_list_empty(&cursor->outputs->outputs);
}

/* Takes the reference. */
static void report(struct cursor *cursor, struct cursor_image *image, const char *name) {
	struct seat *seat = cursor->seat;
	struct cursor_image *old = cursor->image;
	cursor->image_name = name;
	cursor->image = image;
	if (image != old && seat->impl->cursor_image) {
		seat->impl->cursor_image(seat->data, image);
	}
	cursor_image_unref(old);
}

static struct wlr_xcursor *load_xcursor(struct cursor *cursor, const char *name) {
	const struct seat_config *config = &cursor->seat->config;
	if (!cursor->xcursors) {
		cursor->xcursors = wlr_xcursor_manager_create(config->cursor_theme,
			config->cursor_size > 0 ? (uint32_t)config->cursor_size
						: CURSOR_SIZE_DEFAULT);
	}
	if (!cursor->xcursors || !wlr_xcursor_manager_load(cursor->xcursors, 1)) {
		return NULL;
	}
	struct wlr_xcursor *xcursor = wlr_xcursor_manager_get_xcursor(cursor->xcursors, name, 1);
	return xcursor ? xcursor : wlr_xcursor_manager_get_xcursor(cursor->xcursors, "default", 1);
}

static struct cursor_image *image_from_xcursor(const struct wlr_xcursor *xcursor) {
	const struct wlr_xcursor_image *first = xcursor->images[0];
	return cursor_image_create((int)first->width, (int)first->height, (int)first->hotspot_x,
		(int)first->hotspot_y, (const uint32_t *)first->buffer);
}

static void apply_name(struct cursor *cursor, const char *name) {
	struct wlr_xcursor *xcursor = load_xcursor(cursor, name);
	if (!xcursor) {
		log_debug("no cursor called %s", name);
		return;
	}
	if (has_outputs(cursor)) {
		wlr_cursor_set_xcursor(cursor->wlr, cursor->xcursors, xcursor->name);
	}
	if (!cursor->image || !cursor->image_name || strcmp(cursor->image_name, name) != 0) {
		report(cursor, image_from_xcursor(xcursor), name);
	}
}

static void apply_hidden(struct cursor *cursor) {
	if (has_outputs(cursor)) {
		wlr_cursor_unset_image(cursor->wlr);
	}
	report(cursor, NULL, NULL);
}

static void apply_image(struct cursor *cursor, struct cursor_image *image) {
	struct wlr_buffer *buffer = has_outputs(cursor) ? cursor_buffer_create(image) : NULL;
	if (buffer) {
		wlr_cursor_set_buffer(cursor->wlr, buffer, image->hot_x, image->hot_y, 1);
		wlr_buffer_drop(buffer);
	}
	report(cursor, cursor_image_ref(image), NULL);
}

static void apply_surface(struct cursor *cursor) {
	const struct cursor_wish *wish = &cursor->wish;
	const struct wlr_surface_state *state = &wish->surface->current;
	if (state->width > CURSOR_SIDE_MAX || state->height > CURSOR_SIDE_MAX) {
		apply_hidden(cursor); /* it would cover what people must see */
		return;
	}
	if (has_outputs(cursor)) {
		wlr_cursor_set_surface(cursor->wlr, wish->surface, wish->hot_x, wish->hot_y);
	}
	if (cursor->seat->impl->cursor_image) {
		report(cursor, cursor_image_from_surface(wish->surface, wish->hot_x, wish->hot_y),
			NULL);
	}
}

static void apply_wish(struct cursor *cursor) {
	switch (cursor->wish.kind) {
	case CURSOR_WISH_HIDDEN:
		apply_hidden(cursor);
		break;
	case CURSOR_WISH_SURFACE:
		apply_surface(cursor);
		break;
	case CURSOR_WISH_NAME:
		apply_name(cursor, cursor->wish.name);
		break;
	default:
		apply_name(cursor, "default");
	}
}

static void apply_console(struct cursor *cursor) {
	const struct screen *screen = &cursor->console->screen;
	cursor->console_visible = screen->cursor_visible;
	if (!screen->cursor || !cursor->console->mouse_absolute) {
		apply_name(cursor, "default"); /* it defines none, or has it elsewhere */
	} else if (!screen->cursor_visible) {
		apply_hidden(cursor);
	} else {
		apply_image(cursor, screen->cursor);
	}
}

/* Clients */

static void drop_wish_surface(struct cursor *cursor) {
	wl_list_remove(&cursor->surface_commit.link);
	wl_list_init(&cursor->surface_commit.link);
	wl_list_remove(&cursor->surface_destroy.link);
	wl_list_init(&cursor->surface_destroy.link);
	cursor->wish.surface = NULL;
}

static void drop_wish(struct cursor *cursor) {
	drop_wish_surface(cursor);
	cursor->wish = (struct cursor_wish){0};
}

static void handle_surface_commit(struct wl_listener *listener, void *data) {
	struct cursor *cursor = wl_container_of(listener, cursor, surface_commit);
	struct wlr_surface *surface = cursor->wish.surface;
	cursor->wish.hot_x -= surface->current.dx;
	cursor->wish.hot_y -= surface->current.dy;
	apply_surface(cursor);
}

static void handle_surface_destroy(struct wl_listener *listener, void *data) {
	struct cursor *cursor = wl_container_of(listener, cursor, surface_destroy);
	drop_wish_surface(cursor);
	cursor->wish.kind = CURSOR_WISH_HIDDEN;
	apply_wish(cursor);
}

static bool is_wish_of(const struct cursor *cursor, const struct wlr_seat_client *client) {
	return client == cursor->seat->wlr->pointer_state.focused_client &&
		client->client == cursor->wish.client;
}

static void handle_request_cursor(struct wl_listener *listener, void *data) {
	struct cursor *cursor = wl_container_of(listener, cursor, request_cursor);
	struct wlr_seat_pointer_request_set_cursor_event *event = data;
	if (!is_wish_of(cursor, event->seat_client)) {
		return;
	}
	struct wl_client *client = cursor->wish.client;
	drop_wish(cursor);
	cursor->wish.client = client;
	cursor->wish.kind = event->surface ? CURSOR_WISH_SURFACE : CURSOR_WISH_HIDDEN;
	if (event->surface) {
		cursor->wish.surface = event->surface;
		cursor->wish.hot_x = event->hotspot_x;
		cursor->wish.hot_y = event->hotspot_y;
		wl_signal_add(&event->surface->events.commit, &cursor->surface_commit);
		wl_signal_add(&event->surface->events.destroy, &cursor->surface_destroy);
	}
	apply_wish(cursor);
}

static void handle_request_shape(struct wl_listener *listener, void *data) {
	struct cursor *cursor = wl_container_of(listener, cursor, request_shape);
	struct wlr_cursor_shape_manager_v1_request_set_shape_event *event = data;
	if (event->device_type != WLR_CURSOR_SHAPE_MANAGER_V1_DEVICE_TYPE_POINTER ||
		!is_wish_of(cursor, event->seat_client)) {
		return;
	}
	struct wl_client *client = cursor->wish.client;
	drop_wish(cursor);
	cursor->wish.client = client;
	cursor->wish.kind = CURSOR_WISH_NAME;
	cursor->wish.name = wlr_cursor_shape_v1_name(event->shape);
	apply_wish(cursor);
}

/* Guests */

static void handle_console_cursor(struct screen_observer *observer) {
	struct cursor *cursor = wl_container_of(observer, cursor, observer);
	apply_console(cursor);
}

static void handle_console_position(struct screen_observer *observer) {
	struct cursor *cursor = wl_container_of(observer, cursor, observer);
	if (cursor->console->screen.cursor_visible != cursor->console_visible) {
		apply_console(cursor);
	}
}

/* Of no interest here, but it would pile up. */
static void handle_console_damage(struct screen_observer *observer) {
	pixman_region32_clear(&observer->damage);
}

static const struct screen_observer_impl observer_impl = {
	.damage = handle_console_damage,
	.cursor_image = handle_console_cursor,
	.cursor_position = handle_console_position,
};

static void drop_console(struct cursor *cursor) {
	if (cursor->console) {
		screen_unobserve(&cursor->observer);
		cursor->console = NULL;
	}
}

/* What is shown */

void cursor_show_name(struct cursor *cursor, const char *name) {
	drop_wish(cursor);
	drop_console(cursor);
	apply_name(cursor, name);
}

void cursor_show_client(struct cursor *cursor, struct wl_client *client) {
	drop_console(cursor);
	if (cursor->wish.client != client) {
		drop_wish(cursor);
		cursor->wish.client = client;
		apply_wish(cursor);
	}
}

void cursor_show_console(struct cursor *cursor, struct console *console) {
	drop_wish(cursor);
	if (cursor->console != console) {
		drop_console(cursor);
		cursor->console = console;
		screen_observe(&console->screen, &cursor->observer, &observer_impl);
		handle_console_damage(&cursor->observer);
		apply_console(cursor);
	}
}

void cursor_hide(struct cursor *cursor) {
	drop_wish(cursor);
	drop_console(cursor);
	apply_hidden(cursor);
}

void cursor_forget_console(struct cursor *cursor, struct console *console) {
	if (cursor->console == console) {
		cursor_show_name(cursor, "default");
	}
}

void cursor_console_changed(struct cursor *cursor, struct console *console) {
	if (cursor->console == console) {
		apply_console(cursor);
	}
}

/* Outputs */

/* After something that wlr_cursor was not told while it had no outputs. */
static void draw_again(struct cursor *cursor) {
	if (cursor->console) {
		apply_console(cursor);
	} else if (cursor->wish.client) {
		apply_wish(cursor);
	} else if (cursor->image_name) {
		apply_name(cursor, cursor->image_name);
	}
}

void cursor_move(struct cursor *cursor, double lx, double ly) {
	if (has_outputs(cursor)) {
		wlr_cursor_warp_closest(cursor->wlr, NULL, lx, ly);
	}
}

static void place_output(struct cursor *cursor, struct wlr_output *output) {
	const struct wlr_output_layout_output *at =
		wlr_output_layout_get(cursor->seat->layout, output);
	const struct wlr_output_layout_output *now = wlr_output_layout_get(cursor->outputs, output);
	int x = at ? at->x : 0, y = at ? at->y : 0;
	if (!now || now->x != x || now->y != y) {
		wlr_output_layout_add(cursor->outputs, output, x, y);
	}
}

void cursor_follow_layout(struct cursor *cursor) {
	struct wlr_output_layout_output *output, *next;
	wl_list_for_each_safe (output, next, &cursor->outputs->outputs, link) {
		place_output(cursor, output->output);
	}
}

bool cursor_output_center(const struct cursor *cursor, double *lx, double *ly) {
	struct wlr_box box;
	struct wlr_output *output = wlr_output_layout_get_center_output(cursor->outputs);
	if (!output) {
		return false;
	}
	wlr_output_layout_get_box(cursor->outputs, output, &box);
	*lx = box.x + box.width / 2.0;
	*ly = box.y + box.height / 2.0;
	return true;
}

void seat_add_output(struct seat *seat, struct wlr_output *output) {
	double lx, ly;
	place_output(seat->cursor, output);
	pointer_show_if_mouse(seat->pointer);
	pointer_position(seat->pointer, &lx, &ly);
	cursor_move(seat->cursor, lx, ly);
	draw_again(seat->cursor);
}

void seat_remove_output(struct seat *seat, struct wlr_output *output) {
	wlr_output_layout_remove(seat->cursor->outputs, output);
	/* A layout takes the wl_output along, whoever else has the output. */
	if (wlr_output_layout_get(seat->layout, output) && output->width > 0 &&
		output->height > 0) {
		wlr_output_create_global(output, seat->display);
	}
}

/* Life */

void cursor_configure(struct cursor *cursor) {
	if (!cursor->xcursors) {
		return;
	}
	wlr_cursor_unset_image(cursor->wlr);
	wlr_xcursor_manager_destroy(cursor->xcursors);
	cursor->xcursors = NULL;
	const char *name = cursor->image_name;
	report(cursor, NULL, name);
	draw_again(cursor);
}

struct wlr_cursor *cursor_wlr(struct cursor *cursor) {
	return cursor->wlr;
}

static void listen(struct cursor *cursor, struct wlr_cursor_shape_manager_v1 *shapes) {
	cursor->request_cursor.notify = handle_request_cursor;
	wl_signal_add(&cursor->seat->wlr->events.request_set_cursor, &cursor->request_cursor);
	cursor->request_shape.notify = handle_request_shape;
	wl_signal_add(&shapes->events.request_set_shape, &cursor->request_shape);
	cursor->surface_commit.notify = handle_surface_commit;
	wl_list_init(&cursor->surface_commit.link);
	cursor->surface_destroy.notify = handle_surface_destroy;
	wl_list_init(&cursor->surface_destroy.link);
}

struct cursor *cursor_create(struct seat *seat) {
	struct cursor *cursor = xcalloc(1, sizeof(*cursor));
	cursor->seat = seat;
	cursor->wlr = wlr_cursor_create();
	cursor->outputs = wlr_output_layout_create(seat->display);
	struct wlr_cursor_shape_manager_v1 *shapes =
		wlr_cursor_shape_manager_v1_create(seat->display, CURSOR_SHAPE_VERSION);
	if (!cursor->wlr || !cursor->outputs || !shapes) {
		abort(); /* small allocations only */
	}
	wlr_cursor_attach_output_layout(cursor->wlr, cursor->outputs);
	listen(cursor, shapes);
	return cursor;
}

void cursor_destroy(struct cursor *cursor) {
	drop_wish(cursor);
	drop_console(cursor);
	wl_list_remove(&cursor->request_cursor.link);
	wl_list_remove(&cursor->request_shape.link);
	wlr_cursor_destroy(cursor->wlr);
	wlr_output_layout_destroy(cursor->outputs);
	if (cursor->xcursors) {
		wlr_xcursor_manager_destroy(cursor->xcursors);
	}
	cursor_image_unref(cursor->image);
	free(cursor);
}
