/* The compositor: everything that one desktop is made of. It has no global state but what
 * libwayland and the SIGBUS guard need, and can be created and destroyed many times in one process.
 */
#ifndef COMPOSITOR_SERVER_H
#define COMPOSITOR_SERVER_H

#include <stdbool.h>
#include <systemd/sd-event.h>
#include <wayland-server-core.h>

struct config;
struct options;
struct wlr_scene_node;

/* Scene layers, back to front. */
struct layers {
	struct wlr_scene_tree *background; /* our colour, then layer-shell's background */
	struct wlr_scene_tree *bottom;
	struct wlr_scene_tree *views;
	struct wlr_scene_tree *popups; /* of windows */
	struct wlr_scene_tree *guests; /* views of guests that no other view overlaps */
	struct wlr_scene_tree *top;
	struct wlr_scene_tree *overlay;
	struct wlr_scene_tree *layer_popups; /* of layer surfaces */
	struct wlr_scene_tree *labels; /* of views that fill a screen: nothing covers them */
	struct wlr_scene_tree *drag;
	struct wlr_scene_tree *lock;
};

struct server {
	sd_event *event;
	const struct options *options;
	sd_event_source *wayland_source;
	struct wl_display *display;
	struct wlr_backend *backend;
	struct wlr_backend *headless; /* where run-time outputs come from; within `backend` */
	struct wlr_session *session; /* NULL when nested or headless */
	struct wlr_renderer *renderer;
	struct wlr_allocator *allocator;
	struct wlr_compositor *compositor;
	struct hangups *hangups;
	struct wlr_scene *scene;
	struct layers layers;
	struct config *config;
	struct text *text;
	struct outputs *outputs;
	struct desktop *desktop;
	struct seat *seat;
	struct guests *guests;
	struct sound *sound;
	struct desktop_clipboard *clipboard;
	struct publish *publish;
	struct shells *shells;
	struct state *state;
	struct commands *commands;
	struct remotes *remotes;
	struct sessions *sessions; /* of remote servers */
	char *runtime; /* the runtime folder */
	const char *socket; /* WAYLAND_DISPLAY */
	const char *renderer_name; /* as asked for */
	bool draws_on_processor; /* GLES2 without a GPU: see backend_finish_drawing */
	struct wl_listener renderer_lost;
	sd_event_source *renewal; /* of the lost renderer, pending; or NULL */
};

/* Takes `config` on every path; `options` must live as long as the server. NULL after a log line.
 */
struct server *server_create(sd_event *event, const struct options *options, struct config *config);
/* Starts the backend, restores the layout, starts guests. False after a log line. */
bool server_start(struct server *server);
void server_destroy(struct server *server); /* NULL is legal; guests go on */
/* Reads the configuration again; the old one stays if there is a mistake (*error is allocated). */
bool server_reload(struct server *server, char **error);
/* The scene's node there, and the point within it; labels are looked through. NULL: none. */
struct wlr_scene_node *server_node_at(
	struct server *server, double lx, double ly, double *nx, double *ny);
/* Runs `sh -c command` with WAYLAND_DISPLAY set, on its own. */
void server_exec(struct server *server, const char *command);
/* Leaves the event loop with this exit status. */
void server_quit(struct server *server, int status);

#endif
