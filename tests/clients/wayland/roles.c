/* What a surface can be, and what the server says to it. */
#include <stdio.h>
#include <stdlib.h>

#include "app.h"

static void handle_toplevel_configure(void *data, struct xdg_toplevel *toplevel, int32_t width,
	int32_t height, struct wl_array *states) {
	static const char *const names[] = {"", "maximized", "fullscreen", "resizing", "activated",
		"tiled-left", "tiled-right", "tiled-top", "tiled-bottom", "suspended"};
	struct item *item = data;
	char text[256] = "";
	size_t used = 0;
	const uint32_t *state;
	wl_array_for_each (state, states) {
		if (*state < sizeof(names) / sizeof(names[0])) {
			used += snprintf(text + used, sizeof(text) - used, " %s", names[*state]);
		}
	}
	if (item->follows && width > 0 && height > 0) {
		item->width = width;
		item->height = height;
	}
	say("configure %s %dx%d%s", item->name, width, height, text);
}

static void handle_toplevel_close(void *data, struct xdg_toplevel *toplevel) {
	struct item *item = data;
	say("close %s", item->name);
}

static void handle_toplevel_bounds(
	void *data, struct xdg_toplevel *toplevel, int32_t width, int32_t height) {
	struct item *item = data;
	say("bounds %s %dx%d", item->name, width, height);
}

static void handle_toplevel_capabilities(
	void *data, struct xdg_toplevel *toplevel, struct wl_array *capabilities) {
}

static const struct xdg_toplevel_listener toplevel_listener = {
	.configure = handle_toplevel_configure,
	.close = handle_toplevel_close,
	.configure_bounds = handle_toplevel_bounds,
	.wm_capabilities = handle_toplevel_capabilities,
};

static void handle_popup_configure(
	void *data, struct xdg_popup *popup, int32_t x, int32_t y, int32_t width, int32_t height) {
	struct item *item = data;
	say("popup %s %d,%d %dx%d", item->name, x, y, width, height);
}

static void handle_popup_done(void *data, struct xdg_popup *popup) {
	struct item *item = data;
	say("popup-done %s", item->name);
}

static void handle_popup_repositioned(void *data, struct xdg_popup *popup, uint32_t token) {
}

static const struct xdg_popup_listener popup_listener = {
	.configure = handle_popup_configure,
	.popup_done = handle_popup_done,
	.repositioned = handle_popup_repositioned,
};

static void handle_xdg_surface_configure(void *data, struct xdg_surface *surface, uint32_t serial) {
	struct item *item = data;
	xdg_surface_ack_configure(surface, serial);
	if (item->width == 0 || item->height == 0) {
		item->width = 300;
		item->height = 200;
	}
	item_draw(item);
}

static const struct xdg_surface_listener xdg_surface_listener = {
	.configure = handle_xdg_surface_configure,
};

static void handle_decoration_configure(
	void *data, struct zxdg_toplevel_decoration_v1 *decoration, uint32_t mode) {
	struct item *item = data;
	say("decoration %s %s", item->name,
		mode == ZXDG_TOPLEVEL_DECORATION_V1_MODE_SERVER_SIDE ? "server" : "client");
}

static const struct zxdg_toplevel_decoration_v1_listener decoration_listener = {
	.configure = handle_decoration_configure,
};

static void make_xdg_surface(struct item *item) {
	item->xdg_surface = xdg_wm_base_get_xdg_surface(item->app->wm_base, item->surface);
	xdg_surface_add_listener(item->xdg_surface, &xdg_surface_listener, item);
}

void make_toplevel(struct item *item, const char *title) {
	make_xdg_surface(item);
	item->toplevel = xdg_surface_get_toplevel(item->xdg_surface);
	xdg_toplevel_add_listener(item->toplevel, &toplevel_listener, item);
	xdg_toplevel_set_title(item->toplevel, title);
	xdg_toplevel_set_app_id(item->toplevel, "scripted");
	if (item->app->decorations) {
		item->decoration = zxdg_decoration_manager_v1_get_toplevel_decoration(
			item->app->decorations, item->toplevel);
		zxdg_toplevel_decoration_v1_add_listener(
			item->decoration, &decoration_listener, item);
	}
	wl_surface_commit(item->surface);
}

void make_popup(struct item *item, struct item *parent, int x, int y, bool grab) {
	struct xdg_positioner *positioner = xdg_wm_base_create_positioner(item->app->wm_base);
	xdg_positioner_set_size(positioner, item->width, item->height);
	xdg_positioner_set_anchor_rect(positioner, x, y, 1, 1);
	xdg_positioner_set_anchor(positioner, XDG_POSITIONER_ANCHOR_TOP_LEFT);
	xdg_positioner_set_gravity(positioner, XDG_POSITIONER_GRAVITY_BOTTOM_RIGHT);
	xdg_positioner_set_constraint_adjustment(positioner,
		XDG_POSITIONER_CONSTRAINT_ADJUSTMENT_SLIDE_X |
			XDG_POSITIONER_CONSTRAINT_ADJUSTMENT_SLIDE_Y);
	make_xdg_surface(item);
	item->popup = xdg_surface_get_popup(item->xdg_surface, parent->xdg_surface, positioner);
	xdg_popup_add_listener(item->popup, &popup_listener, item);
	xdg_positioner_destroy(positioner);
	if (parent->layer) {
		zwlr_layer_surface_v1_get_popup(parent->layer, item->popup);
	}
	if (grab) {
		xdg_popup_grab(item->popup, devices_seat(item->app), devices_serial(item->app));
	}
	wl_surface_commit(item->surface);
}

void make_subsurface(struct item *item, struct item *parent, int x, int y) {
	item->subsurface = wl_subcompositor_get_subsurface(
		item->app->subcompositor, item->surface, parent->surface);
	wl_subsurface_set_position(item->subsurface, x, y);
	wl_subsurface_set_desync(item->subsurface);
	item_draw(item);
	wl_surface_commit(parent->surface);
}

static void handle_layer_configure(void *data, struct zwlr_layer_surface_v1 *layer, uint32_t serial,
	uint32_t width, uint32_t height) {
	struct item *item = data;
	say("layer %s %ux%u", item->name, width, height);
	zwlr_layer_surface_v1_ack_configure(layer, serial);
	item->width = width;
	item->height = height;
	if (width > 0 && height > 0) {
		item_draw(item);
	}
}

static void handle_layer_closed(void *data, struct zwlr_layer_surface_v1 *layer) {
	struct item *item = data;
	say("closed %s", item->name);
}

static const struct zwlr_layer_surface_v1_listener layer_listener = {
	.configure = handle_layer_configure,
	.closed = handle_layer_closed,
};

void make_layer(struct item *item, uint32_t layer, uint32_t anchor, int zone, uint32_t keyboard,
	struct app_output *output) {
	item->layer = zwlr_layer_shell_v1_get_layer_surface(item->app->layer_shell, item->surface,
		output ? output->wl : NULL, layer, "scripted");
	zwlr_layer_surface_v1_add_listener(item->layer, &layer_listener, item);
	zwlr_layer_surface_v1_set_size(item->layer, item->width, item->height);
	zwlr_layer_surface_v1_set_anchor(item->layer, anchor);
	zwlr_layer_surface_v1_set_exclusive_zone(item->layer, zone);
	zwlr_layer_surface_v1_set_keyboard_interactivity(item->layer, keyboard);
	wl_surface_commit(item->surface);
}

static void handle_lock_configure(void *data, struct ext_session_lock_surface_v1 *lock,
	uint32_t serial, uint32_t width, uint32_t height) {
	struct item *item = data;
	say("lock %s %ux%u", item->name, width, height);
	ext_session_lock_surface_v1_ack_configure(lock, serial);
	item->width = width;
	item->height = height;
	item_draw(item);
}

static const struct ext_session_lock_surface_v1_listener lock_surface_listener = {
	.configure = handle_lock_configure,
};

void make_lock(struct item *item, struct app_output *output) {
	item->lock =
		ext_session_lock_v1_get_lock_surface(item->app->lock, item->surface, output->wl);
	ext_session_lock_surface_v1_add_listener(item->lock, &lock_surface_listener, item);
}

static void handle_lock_locked(void *data, struct ext_session_lock_v1 *lock) {
	say("locked");
}

static void handle_lock_finished(void *data, struct ext_session_lock_v1 *lock) {
	say("finished");
}

static const struct ext_session_lock_v1_listener lock_listener = {
	.locked = handle_lock_locked,
	.finished = handle_lock_finished,
};

void lock_session(struct app *app) {
	app->lock = ext_session_lock_manager_v1_lock(app->lock_manager);
	ext_session_lock_v1_add_listener(app->lock, &lock_listener, app);
}

static void handle_idled(void *data, struct ext_idle_notification_v1 *notification) {
	say("idled");
}

static void handle_resumed(void *data, struct ext_idle_notification_v1 *notification) {
	say("resumed");
}

static const struct ext_idle_notification_v1_listener idle_listener = {
	.idled = handle_idled,
	.resumed = handle_resumed,
};

void watch_idle(struct app *app, unsigned int ms) {
	struct ext_idle_notification_v1 *notification =
		ext_idle_notifier_v1_get_idle_notification(app->notifier, ms, devices_seat(app));
	ext_idle_notification_v1_add_listener(notification, &idle_listener, app);
}
