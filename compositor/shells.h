/* The Wayland protocols by which windows come and behave; each file of the shells/ folder owns one.
 * Created before the backend starts. */
#ifndef COMPOSITOR_SHELLS_H
#define COMPOSITOR_SHELLS_H

struct server;
struct output;
struct wlr_surface;
struct seat_target;
struct shells;
struct view;

/* xdg-shell with popups, xdg and KDE server decoration, layer-shell, session-lock, data devices and
 * primary selection, cursor-shape, viewporter, fractional-scale, presentation-time,
 * output-management, xdg-output, idle-notify and idle-inhibit, single-pixel-buffer, xdg-activation,
 * foreign-toplevel; X11 through Xwayland. NULL after a log line. */
struct shells *shells_create(struct server *server);
/* After the clients are gone, before the seat, the desktop and the outputs are. NULL is legal. */
void shells_destroy(struct shells *shells);

/* Lays out an output's layer surfaces and sets output->usable. NULL is legal: no shells. */
void shells_arrange_layers(struct shells *shells, struct output *output);

/* The surface of a layer surface, popup, lock surface or drag icon there (not of views); kind NONE
 * if there is none, or if a view lies above it. */
struct seat_target shells_target_at(struct shells *shells, double lx, double ly);

/* A button went down on this surface, which is no view's; NULL: anywhere else. Layer surfaces that
 * take the keyboard on demand get it, or give it back. */
void shells_click(struct shells *shells, struct wlr_surface *surface);

/* The pointer moved: what is dragged follows. */
void shells_cursor_moved(struct shells *shells, double lx, double ly);

void shells_notify_activity(struct shells *shells);

/* What task bars are told of: views come, go, and change their title, place or focus. */
void shells_view_added(struct shells *shells, struct view *view);
void shells_view_removed(struct shells *shells, struct view *view);
void shells_view_changed(struct view *view);

/* What DISPLAY is to be for programs that we start; NULL: there are no X11 programs here. */
const char *shells_x11_display(const struct shells *shells);

#endif
