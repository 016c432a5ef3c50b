#include "app.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void say(const char *format, ...) {
	va_list args;
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

void fail(const char *format, ...) {
	va_list args;
	va_start(args, format);
	fputs("error ", stdout);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	exit(EXIT_FAILURE);
}

struct item *item_find(struct app *app, const char *name) {
	struct item *item;
	wl_list_for_each (item, &app->items, link) {
		if (strcmp(item->name, name) == 0) {
			return item;
		}
	}
	fail("no item %s", name);
}

struct item *item_from_surface(struct app *app, struct wl_surface *surface) {
	struct item *item;
	wl_list_for_each (item, &app->items, link) {
		if (item->surface == surface) {
			return item;
		}
	}
	return NULL;
}

struct app_output *output_find(struct app *app, const char *name) {
	struct app_output *output;
	wl_list_for_each (output, &app->outputs, link) {
		if (strcmp(output->name, name) == 0) {
			return output;
		}
	}
	if (strcmp(name, "-") != 0) {
		fail("no output %s", name);
	}
	return NULL;
}

struct item *item_create(struct app *app, const char *name, enum item_kind kind, int width,
	int height, uint32_t color) {
	struct item *item = calloc(1, sizeof(*item));
	item->app = app;
	snprintf(item->name, sizeof(item->name), "%s", name);
	item->kind = kind;
	item->width = width;
	item->height = height;
	item->color = color;
	item->follows = width == 0 || height == 0;
	item->surface = wl_compositor_create_surface(app->compositor);
	wl_list_insert(app->items.prev, &item->link);
	return item;
}

static void handle_buffer_release(void *data, struct wl_buffer *buffer) {
	wl_buffer_destroy(buffer);
}

static const struct wl_buffer_listener buffer_listener = {.release = handle_buffer_release};

/* *file is the caller's to close. */
static struct wl_buffer *create_buffer(
	struct app *app, int width, int height, uint32_t color, int *file) {
	size_t size = (size_t)width * height * 4;
	int fd = memfd_create("buffer", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, size) < 0) {
		fail("no memory for %dx%d", width, height);
	}
	uint32_t *pixels = mmap(NULL, size, PROT_WRITE, MAP_SHARED, fd, 0);
	for (size_t i = 0; i < size / 4; i++) {
		pixels[i] = color;
	}
	munmap(pixels, size);
	struct wl_shm_pool *pool = wl_shm_create_pool(app->shm, fd, size);
	struct wl_buffer *buffer = wl_shm_pool_create_buffer(
		pool, 0, width, height, width * 4, WL_SHM_FORMAT_ARGB8888);
	wl_shm_pool_destroy(pool);
	wl_buffer_add_listener(buffer, &buffer_listener, NULL);
	*file = fd;
	return buffer;
}

static void draw(struct item *item, bool shrink) {
	int fd;
	struct wl_buffer *buffer =
		create_buffer(item->app, item->width, item->height, item->color, &fd);
	if (shrink && (wl_display_roundtrip(item->app->display) < 0 || ftruncate(fd, 0) < 0)) {
		fail("nothing to shrink");
	}
	wl_surface_attach(item->surface, buffer, 0, 0);
	wl_surface_damage_buffer(item->surface, 0, 0, item->width, item->height);
	wl_surface_commit(item->surface);
	close(fd);
}

void item_draw(struct item *item) {
	draw(item, false);
}

void item_draw_shrunk(struct item *item) {
	draw(item, true);
}

void item_destroy(struct item *item) {
	if (item->decoration) {
		zxdg_toplevel_decoration_v1_destroy(item->decoration);
	}
	if (item->toplevel) {
		xdg_toplevel_destroy(item->toplevel);
	}
	if (item->popup) {
		xdg_popup_destroy(item->popup);
	}
	if (item->xdg_surface) {
		xdg_surface_destroy(item->xdg_surface);
	}
	if (item->layer) {
		zwlr_layer_surface_v1_destroy(item->layer);
	}
	if (item->lock) {
		ext_session_lock_surface_v1_destroy(item->lock);
	}
	if (item->subsurface) {
		wl_subsurface_destroy(item->subsurface);
	}
	wl_surface_destroy(item->surface);
	wl_list_remove(&item->link);
	free(item);
}

static void handle_output_name(void *data, struct wl_output *wl, const char *name) {
	struct app_output *output = data;
	snprintf(output->name, sizeof(output->name), "%s", name);
	say("output %s", name);
}

static void handle_output_geometry(void *data, struct wl_output *wl, int32_t x, int32_t y,
	int32_t width, int32_t height, int32_t subpixel, const char *make, const char *model,
	int32_t transform) {
}

static void handle_output_mode(void *data, struct wl_output *wl, uint32_t flags, int32_t width,
	int32_t height, int32_t refresh) {
}

static void handle_output_done(void *data, struct wl_output *wl) {
}

static void handle_output_scale(void *data, struct wl_output *wl, int32_t factor) {
}

static void handle_output_description(void *data, struct wl_output *wl, const char *text) {
}

static const struct wl_output_listener output_listener = {
	.geometry = handle_output_geometry,
	.mode = handle_output_mode,
	.done = handle_output_done,
	.scale = handle_output_scale,
	.name = handle_output_name,
	.description = handle_output_description,
};

static void handle_wm_base_ping(void *data, struct xdg_wm_base *wm_base, uint32_t serial) {
	xdg_wm_base_pong(wm_base, serial);
}

static const struct xdg_wm_base_listener wm_base_listener = {.ping = handle_wm_base_ping};

static void bind_output(struct app *app, uint32_t name) {
	struct app_output *output = calloc(1, sizeof(*output));
	output->global = name;
	output->wl = wl_registry_bind(app->registry, name, &wl_output_interface, 4);
	wl_output_add_listener(output->wl, &output_listener, output);
	wl_list_insert(app->outputs.prev, &output->link);
}

static void handle_registry_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version) {
	struct app *app = data;
	const struct {
		const struct wl_interface *interface;
		uint32_t version;
		void *place;
	} wanted[] = {{&wl_compositor_interface, 4, &app->compositor},
		{&wl_subcompositor_interface, 1, &app->subcompositor},
		{&wl_shm_interface, 1, &app->shm}, {&xdg_wm_base_interface, 5, &app->wm_base},
		{&zxdg_decoration_manager_v1_interface, 1, &app->decorations},
		{&zwlr_layer_shell_v1_interface, 4, &app->layer_shell},
		{&ext_session_lock_manager_v1_interface, 1, &app->lock_manager},
		{&zwp_idle_inhibit_manager_v1_interface, 1, &app->inhibit_manager},
		{&ext_idle_notifier_v1_interface, 1, &app->notifier},
		{&wl_data_device_manager_interface, 3, &app->data_manager},
		{&wp_security_context_manager_v1_interface, 1, &app->context_manager}};
	say("global %s %u", interface, version);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (strcmp(interface, wanted[i].interface->name) == 0) {
			void **place = wanted[i].place;
			*place = wl_registry_bind(
				registry, name, wanted[i].interface, wanted[i].version);
		}
	}
	if (strcmp(interface, wl_output_interface.name) == 0) {
		bind_output(app, name);
	}
	devices_bind(app, interface, name);
	taskbar_bind(app, interface, name);
}

static void handle_registry_global_remove(void *data, struct wl_registry *registry, uint32_t name) {
	struct app *app = data;
	struct app_output *output, *next;
	wl_list_for_each_safe (output, next, &app->outputs, link) {
		if (output->global == name) {
			say("output-gone %s", output->name);
			wl_list_remove(&output->link);
			wl_output_release(output->wl);
			free(output);
		}
	}
}

static const struct wl_registry_listener registry_listener = {
	.global = handle_registry_global,
	.global_remove = handle_registry_global_remove,
};

static void connect_to_server(struct app *app) {
	app->display = wl_display_connect(NULL);
	if (!app->display) {
		fail("no Wayland server");
	}
	app->registry = wl_display_get_registry(app->display);
	wl_registry_add_listener(app->registry, &registry_listener, app);
	wl_display_roundtrip(app->display);
	wl_display_roundtrip(app->display);
	if (!app->compositor || !app->shm || !app->wm_base) {
		fail("globals are missing");
	}
	xdg_wm_base_add_listener(app->wm_base, &wm_base_listener, app);
	say("ready");
}

/* What stands complete in the buffer is run; the rest stays. */
static bool read_commands(struct app *app) {
	static char buffer[4096];
	static size_t used;
	ssize_t count = read(STDIN_FILENO, buffer + used, sizeof(buffer) - used - 1);
	if (count <= 0) {
		return false;
	}
	used += count;
	buffer[used] = '\0';
	char *line = buffer, *end;
	while ((end = strchr(line, '\n'))) {
		*end = '\0';
		run_command(app, line);
		line = end + 1;
	}
	used -= line - buffer;
	memmove(buffer, line, used);
	return true;
}

static void check_connection(struct app *app) {
	if (wl_display_get_error(app->display) == EPROTO) {
		const struct wl_interface *interface;
		uint32_t id;
		uint32_t code = wl_display_get_protocol_error(app->display, &interface, &id);
		fail("protocol %s %u", interface ? interface->name : "?", code);
	}
	fail("connection lost");
}

static void run(struct app *app) {
	struct pollfd fds[] = {{.fd = wl_display_get_fd(app->display), .events = POLLIN},
		{.fd = STDIN_FILENO, .events = POLLIN}};
	while (app->running) {
		wl_display_flush(app->display);
		if (poll(fds, 2, -1) < 0) {
			fail("poll: %s", strerror(errno));
		}
		if (fds[0].revents && wl_display_dispatch(app->display) < 0) {
			check_connection(app);
		}
		if (fds[1].revents && !read_commands(app)) {
			return;
		}
	}
}

int main(void) {
	struct app app = {.running = true};
	wl_list_init(&app.items);
	wl_list_init(&app.outputs);
	connect_to_server(&app);
	run(&app);
	wl_display_disconnect(app.display);
	_exit(EXIT_SUCCESS); /* without a leak check: what is left goes with the process */
}
