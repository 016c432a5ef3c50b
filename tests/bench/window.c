#include "tests/bench/window.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wayland-client.h>

#include "tests/bench/process.h"
#include "util/mem.h"
#include "xdg-shell-client.h"

#define SIDE 64 /* px */
#define POOL_SIZE (SIDE * SIDE * 4)

struct window {
	struct wl_display *display;
	struct wl_registry *registry;
	struct wl_compositor *compositor;
	struct wl_shm *shm;
	struct xdg_wm_base *wm_base;
	struct wl_surface *surface;
	struct xdg_surface *xdg_surface;
	struct xdg_toplevel *toplevel;
	bool configured, composed;
};

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version) {
	struct window *window = data;
	if (strcmp(interface, wl_compositor_interface.name) == 0) {
		window->compositor = wl_registry_bind(registry, name, &wl_compositor_interface, 4);
	} else if (strcmp(interface, wl_shm_interface.name) == 0) {
		window->shm = wl_registry_bind(registry, name, &wl_shm_interface, 1);
	} else if (strcmp(interface, xdg_wm_base_interface.name) == 0) {
		window->wm_base = wl_registry_bind(registry, name, &xdg_wm_base_interface, 1);
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name) {
}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

static void handle_ping(void *data, struct xdg_wm_base *wm_base, uint32_t serial) {
	xdg_wm_base_pong(wm_base, serial);
}

static const struct xdg_wm_base_listener wm_base_listener = {.ping = handle_ping};

static void handle_configure(void *data, struct xdg_surface *surface, uint32_t serial) {
	struct window *window = data;
	xdg_surface_ack_configure(surface, serial);
	window->configured = true;
}

static const struct xdg_surface_listener xdg_surface_listener = {.configure = handle_configure};

static void handle_toplevel_configure(void *data, struct xdg_toplevel *toplevel, int32_t width,
	int32_t height, struct wl_array *states) {
}

static void handle_toplevel_close(void *data, struct xdg_toplevel *toplevel) {
}

static const struct xdg_toplevel_listener toplevel_listener = {
	.configure = handle_toplevel_configure,
	.close = handle_toplevel_close,
};

static void handle_composed(void *data, struct wl_callback *callback, uint32_t time) {
	struct window *window = data;
	window->composed = true;
	wl_callback_destroy(callback);
}

static const struct wl_callback_listener composed_listener = {.done = handle_composed};

static bool wait_for(struct window *window, const bool *flag) {
	while (!*flag) {
		if (wl_display_dispatch(window->display) < 0) {
			return false;
		}
	}
	return true;
}

static bool open_toplevel(struct window *window) {
	if (!window->compositor || !window->shm || !window->wm_base) {
		return false;
	}
	xdg_wm_base_add_listener(window->wm_base, &wm_base_listener, window);
	window->surface = wl_compositor_create_surface(window->compositor);
	window->xdg_surface = xdg_wm_base_get_xdg_surface(window->wm_base, window->surface);
	xdg_surface_add_listener(window->xdg_surface, &xdg_surface_listener, window);
	window->toplevel = xdg_surface_get_toplevel(window->xdg_surface);
	xdg_toplevel_add_listener(window->toplevel, &toplevel_listener, window);
	xdg_toplevel_set_title(window->toplevel, "bench");
	wl_surface_commit(window->surface);
	return wait_for(window, &window->configured);
}

static bool paint(struct window *window) {
	int fd = memfd_create("bench", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, POOL_SIZE) < 0) {
		return false;
	}
	struct wl_shm_pool *pool = wl_shm_create_pool(window->shm, fd, POOL_SIZE);
	struct wl_buffer *buffer =
		wl_shm_pool_create_buffer(pool, 0, SIDE, SIDE, SIDE * 4, WL_SHM_FORMAT_XRGB8888);
	wl_shm_pool_destroy(pool);
	close(fd);
	wl_surface_attach(window->surface, buffer, 0, 0);
	wl_surface_damage(window->surface, 0, 0, SIDE, SIDE);
	wl_callback_add_listener(wl_surface_frame(window->surface), &composed_listener, window);
	wl_surface_commit(window->surface);
	return wait_for(window, &window->composed);
}

struct window *window_create(int fd, struct window_times *times) {
	struct wl_display *display = wl_display_connect_to_fd(fd);
	if (!display) {
		return NULL;
	}
	struct window *window = xcalloc(1, sizeof(*window));
	window->display = display;
	window->registry = wl_display_get_registry(display);
	wl_registry_add_listener(window->registry, &registry_listener, window);
	bool ok = wl_display_roundtrip(display) >= 0;
	times->answered = bench_now();
	ok = ok && open_toplevel(window) && paint(window);
	times->composed = bench_now();
	if (!ok) {
		window_destroy(window);
		return NULL;
	}
	return window;
}

void window_destroy(struct window *window) {
	if (window) {
		wl_display_disconnect(window->display);
		free(window);
	}
}
