/* What xdg toplevels and X11 windows have in common: a view whose content is the tree of a surface,
 * held within the content box, with an opacity. */
#ifndef COMPOSITOR_SHELLS_WINDOW_H
#define COMPOSITOR_SHELLS_WINDOW_H

#include <stdbool.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/util/box.h>

#include "compositor/layout.h"
#include "compositor/view.h"

struct shells;

struct windows {
	struct shells *shells;
	struct wl_list list; /* window.link, of those that are mapped */
	bool rebase; /* before the next frame: what lies under the pointer may be another surface */
	struct wl_listener frame;
};

struct window {
	struct view view; /* on the desktop while mapped */
	struct shells *shells;
	struct wlr_surface *surface;
	bool mapped;
	struct wlr_box geometry; /* of the surface: what of it is the window, surface px */
	struct wlr_scene_tree *tree; /* of the surface, in view.content; NULL unless mapped */
	struct wlr_scene_tree *popups; /* in layers.popups, at the geometry's corner */
	char *app_id; /* printable; NULL if there is none */
	bool subsurfaces; /* it had some when it was committed last */
	bool fullscreen; /* it asked for that and got it */
	bool floats; /* when it isn't full screen */
	enum layout_mode layout_before; /* of its output, before it was full screen */
	struct wl_list link; /* windows.list */
};

/* What a window is when it is mapped. */
struct window_wishes {
	const char *title, *app_id; /* raw; may be NULL */
	struct window *parent; /* NULL: none */
	bool floating; /* has one, or is no window to be tiled */
};

struct windows *windows_create(struct shells *shells);
void windows_destroy(struct windows *windows); /* NULL is legal */
/* The mapped window that this surface, or a parent of it, belongs to; NULL if there is none. */
struct window *window_from_surface(struct windows *windows, struct wlr_surface *surface);

void window_init(struct window *window, struct shells *shells);
void window_finish(struct window *window); /* unmaps */

/* Makes a view of it. */
void window_map(struct window *window, const struct view_impl *impl, struct wlr_surface *surface,
	const struct wlr_box *geometry, const struct window_wishes *wishes);
void window_unmap(struct window *window);
void window_set_parent(struct window *window, struct window *parent); /* NULL: none any more */

void window_set_title(struct window *window, const char *title);
void window_set_app_id(struct window *window, const char *app_id);
/* The mapped surface was committed; its geometry may have changed. */
void window_commit(struct window *window, const struct wlr_box *geometry);
/* Full screen is the single layout of its output; only the focused window gets it. True if the
 * state is now as asked. */
bool window_set_fullscreen(struct window *window, bool fullscreen, struct output *output);
/* Whether the client is to look full screen now. */
bool window_is_fullscreen(const struct window *window);
void window_view_set_fullscreen(struct view *view, bool fullscreen, struct output *output);
bool window_view_is_fullscreen(const struct view *view);

/* For tables of view_impl, where `view` is a window's. */
struct window *window_from_view(struct view *view);
void window_place(struct window *window); /* after the content box changed */
void window_activate(struct window *window, bool active);
void window_show(struct window *window, bool shown);
void window_view_set_opacity(struct view *view, double opacity);
struct seat_target window_view_target_at(struct view *view, double lx, double ly);
const char *window_view_app_id(struct view *view);

#endif
