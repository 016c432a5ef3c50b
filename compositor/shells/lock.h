/* The session lock (ext-session-lock): nothing but the locker's surfaces is seen or gets input,
 * until the locker unlocks. If it dies the session stays locked, and a new locker may take over. */
#ifndef COMPOSITOR_SHELLS_LOCK_H
#define COMPOSITOR_SHELLS_LOCK_H

#include <wayland-server-core.h>

struct shells;
struct wlr_scene_rect;
struct wlr_session_lock_v1;

struct session_lock {
	struct shells *shells;
	struct wlr_session_lock_v1 *wlr; /* NULL: unlocked, or the locker died */
	struct wlr_scene_rect
		*cover; /* all outputs, beneath the locker's surfaces; NULL: unlocked */
	struct wl_list surfaces; /* lock_surface.link */
	struct wl_listener new_lock, new_surface, unlock, destroy, output_changed;
};

struct session_lock *session_lock_create(struct shells *shells);
void session_lock_destroy(struct session_lock *lock); /* NULL is legal */

#endif
