/* A Wayland client that does what its standard input says, one command a line, and writes what
 * happens to it on standard output: the hands and eyes of the tests. See commands.c. */
#ifndef TESTS_CLIENTS_WAYLAND_APP_H
#define TESTS_CLIENTS_WAYLAND_APP_H

#include <stdbool.h>
#include <stdint.h>
#include <wayland-client.h>

#include "ext-idle-notify-v1-client.h"
#include "ext-session-lock-v1-client.h"
#include "idle-inhibit-unstable-v1-client.h"
#include "security-context-v1-client.h"
#include "virtual-keyboard-unstable-v1-client.h"
#include "wlr-layer-shell-unstable-v1-client.h"
#include "wlr-virtual-pointer-unstable-v1-client.h"
#include "xdg-decoration-unstable-v1-client.h"
#include "xdg-shell-client.h"

#define NAME_SIZE 32

struct app {
	struct wl_display *display;
	struct wl_registry *registry;
	struct wl_compositor *compositor;
	struct wl_subcompositor *subcompositor;
	struct wl_shm *shm;
	struct xdg_wm_base *wm_base;
	struct zxdg_decoration_manager_v1 *decorations;
	struct zwlr_layer_shell_v1 *layer_shell;
	struct ext_session_lock_manager_v1 *lock_manager;
	struct ext_session_lock_v1 *lock;
	struct zwp_idle_inhibit_manager_v1 *inhibit_manager;
	struct zwp_idle_inhibitor_v1 *inhibitor;
	struct ext_idle_notifier_v1 *notifier;
	struct wl_data_device_manager *data_manager;
	struct wp_security_context_manager_v1 *context_manager;
	struct devices *devices;
	uint32_t taskbar; /* the global's name */
	struct wl_list items; /* item.link */
	struct wl_list outputs; /* app_output.link */
	bool running;
};

struct app_output {
	struct wl_output *wl;
	uint32_t global;
	char name[NAME_SIZE];
	struct wl_list link;
};

enum item_kind { ITEM_TOPLEVEL, ITEM_POPUP, ITEM_SUBSURFACE, ITEM_LAYER, ITEM_LOCK };

/* A surface with a name, filled with one colour. */
struct item {
	struct app *app;
	char name[NAME_SIZE];
	enum item_kind kind;
	int width, height; /* as drawn, px */
	bool follows; /* takes the sizes that it is given */
	uint32_t color; /* 0xAARRGGBB */
	struct wl_surface *surface;
	struct wl_subsurface *subsurface;
	struct xdg_surface *xdg_surface;
	struct xdg_toplevel *toplevel;
	struct zxdg_toplevel_decoration_v1 *decoration;
	struct xdg_popup *popup;
	struct zwlr_layer_surface_v1 *layer;
	struct ext_session_lock_surface_v1 *lock;
	struct wl_list link; /* app.items */
};

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

struct item *item_find(struct app *app, const char *name); /* fails if there is none */
struct item *item_from_surface(struct app *app, struct wl_surface *surface); /* or NULL */
struct app_output *output_find(struct app *app, const char *name); /* NULL for "-" */

struct item *item_create(struct app *app, const char *name, enum item_kind kind, int width,
	int height, uint32_t color);
void item_draw(struct item *item); /* attaches and commits */
void item_draw_shrunk(struct item *item); /* likewise, a buffer whose file has become empty */
void item_destroy(struct item *item);

/* roles.c */
void make_toplevel(struct item *item, const char *title);
void make_popup(struct item *item, struct item *parent, int x, int y, bool grab);
void make_subsurface(struct item *item, struct item *parent, int x, int y);
void make_layer(struct item *item, uint32_t layer, uint32_t anchor, int zone, uint32_t keyboard,
	struct app_output *output);
void make_lock(struct item *item, struct app_output *output);
void lock_session(struct app *app);
void watch_idle(struct app *app, unsigned int ms);

/* devices.c: the seat, and virtual devices. */
void devices_bind(struct app *app, const char *interface, uint32_t name);
uint32_t devices_serial(struct app *app); /* of the last button or key */
struct wl_seat *devices_seat(struct app *app);
void devices_point(
	struct app *app, unsigned int x, unsigned int y, unsigned int width, unsigned int height);
void devices_button(struct app *app, uint32_t button, bool pressed);
void devices_key(struct app *app, uint32_t key, bool pressed);
void devices_drag(struct app *app, struct item *origin, struct item *icon);
void devices_destroy(struct app *app);

/* taskbar.c */
void taskbar_bind(struct app *app, const char *interface, uint32_t name);
void taskbar_open(struct app *app);
void taskbar_request(struct app *app, const char *what, const char *title);

/* context.c */
void open_context(struct app *app, const char *name);

/* commands.c */
void run_command(struct app *app, char *line);

#endif
