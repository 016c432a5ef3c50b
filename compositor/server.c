#include "compositor/server.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wlr/backend.h>
#include <wlr/backend/session.h>
#include <wlr/render/allocator.h>
#include <wlr/render/wlr_renderer.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_subcompositor.h>
#include <wlr/util/log.h>

#include "compositor/backend.h"
#include "compositor/commands.h"
#include "compositor/config.h"
#include "compositor/desktop.h"
#include "compositor/desktop_clipboard.h"
#include "compositor/guests.h"
#include "compositor/hangup.h"
#include "compositor/loop.h"
#include "compositor/options.h"
#include "compositor/output.h"
#include "compositor/publish.h"
#include "compositor/remotes.h"
#include "compositor/sessions.h"
#include "compositor/shells.h"
#include "compositor/sound.h"
#include "compositor/state.h"
#include "compositor/text.h"
#include "control/control.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/runtime.h"
#include "vm-display/guard.h"

static int handle_renewal(sd_event_source *source, void *data) {
	struct server *server = data;
	server->renewal = sd_event_source_unref(server->renewal);
	log_info("the GPU was reset: renewing the renderer");
	wl_list_remove(&server->renderer_lost.link);
	wl_list_init(&server->renderer_lost.link);
	if (!backend_renew_renderer(server)) {
		server_quit(server, EXIT_FAILURE);
		return 0;
	}
	wl_signal_add(&server->renderer->events.lost, &server->renderer_lost);
	return 0;
}

/* It is told in the middle of drawing with what is to be destroyed. */
static void handle_renderer_lost(struct wl_listener *listener, void *data) {
	struct server *server = wl_container_of(listener, server, renderer_lost);
	if (!server->renewal) {
		sd_event_add_defer(server->event, &server->renewal, handle_renewal, server);
	}
}

static void create_layers(struct server *server) {
	struct wlr_scene_tree **trees[] = {&server->layers.background, &server->layers.bottom,
		&server->layers.views, &server->layers.popups, &server->layers.guests,
		&server->layers.top, &server->layers.overlay, &server->layers.layer_popups,
		&server->layers.labels, &server->layers.drag, &server->layers.lock};
	for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++) {
		*trees[i] = wlr_scene_tree_create(&server->scene->tree);
	}
}

struct wlr_scene_node *server_node_at(
	struct server *server, double lx, double ly, double *nx, double *ny) {
	const struct wlr_scene_node *labels = &server->layers.labels->node;
	struct wlr_scene_node *layer;
	wl_list_for_each_reverse (layer, &server->scene->tree.children, link) {
		struct wlr_scene_node *node =
			layer != labels ? wlr_scene_node_at(layer, lx, ly, nx, ny) : NULL;
		if (node) {
			return node;
		}
	}
	return NULL;
}

static bool create_display(struct server *server, const struct options *options) {
	server->display = wl_display_create();
	if (!server->display || !backend_init(server, options)) {
		return false;
	}
	server->renderer_lost.notify = handle_renderer_lost;
	wl_signal_add(&server->renderer->events.lost, &server->renderer_lost);
	if (!wlr_renderer_init_wl_shm(server->renderer, server->display)) {
		return false;
	}
	server->compositor = wlr_compositor_create(server->display, 6, server->renderer);
	wlr_subcompositor_create(server->display);
	server->scene = wlr_scene_create();
	server->hangups = hangups_create(server->event, server->display);
	server->wayland_source = loop_nest_wayland(server->event, server->display);
	return server->compositor && server->scene && server->wayland_source;
}

static bool create_rooms(struct server *server) {
	create_layers(server);
	server->text = text_create(server->config->font);
	server->state = state_create(server);
	server->outputs = outputs_create(server);
	server->sound = sound_create();
	server->publish = publish_create(server);
	server->sessions = sessions_create(server);
	server->desktop = desktop_create(server);
	struct seat_config seat_config = config_seat(server->config);
	server->seat = seat_create(server->display, server->backend, server->outputs->layout,
		&seat_config, &desktop_seat_impl, server->desktop);
	if (!server->seat) {
		return false;
	}
	server->clipboard = desktop_clipboard_create(server);
	server->guests = guests_create(server);
	server->shells = shells_create(server);
	return server->shells;
}

struct server *server_create(
	sd_event *event, const struct options *options, struct config *config) {
	struct server *server = xcalloc(1, sizeof(*server));
	server->event = sd_event_ref(event);
	server->options = options;
	wl_list_init(&server->renderer_lost.link);
	server->config = config;
	if (options->layout) {
		layout_mode_parse(options->layout, &config->layout);
	}
	server->runtime = runtime_folder();
	if (!server->runtime || !create_display(server, options) || !create_rooms(server)) {
		server_destroy(server);
		return NULL;
	}
	/* libwayland installs its handler with the first shm access; ours chains to it. */
	guard_install();
	return server;
}

static void run_command(struct server *server, const char *command) {
	pid_t pid = fork();
	if (pid == 0) {
		setsid();
		sigset_t none;
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		setenv("WAYLAND_DISPLAY", server->socket, 1);
		const char *x11_display = shells_x11_display(server->shells);
		if (x11_display) {
			setenv("DISPLAY", x11_display, 1);
		} else {
			unsetenv("DISPLAY"); /* a host's, where we are only a window */
		}
		/* Twice, so that the command is nobody's child to wait for. */
		if (fork() == 0) {
			execl("/bin/sh", "sh", "-c", command, (char *)NULL);
			_exit(127);
		}
		_exit(0);
	}
	if (pid > 0) {
		waitpid(pid, NULL, 0);
	}
}

void server_exec(struct server *server, const char *command) {
	log_debug("exec: %s", command);
	run_command(server, command);
}

bool server_start(struct server *server) {
	const struct options *options = server->options;
	server->commands = commands_create(server);
	if (!server->commands) {
		return false;
	}
	server->socket = wl_display_add_socket_auto(server->display);
	if (!server->socket) {
		log_error("can't open a Wayland socket in $XDG_RUNTIME_DIR");
		return false;
	}
	if (!wlr_backend_start(server->backend)) {
		log_error("can't start the backend");
		return false;
	}
	if (!outputs_create_initial(server->outputs)) {
		return false;
	}
	guests_start(server->guests);
	server->remotes = remotes_create(server);
	log_info("ready: WAYLAND_DISPLAY=%s, control socket %s/%s", server->socket, server->runtime,
		CONTROL_SOCKET_NAME);
	if (options->exec) {
		server_exec(server, options->exec);
	}
	return true;
}

bool server_reload(struct server *server, char **error) {
	char *text = NULL;
	size_t size = 0;
	FILE *errors = open_memstream(&text, &size);
	struct config *config = config_find(server->options->config, errors);
	fclose(errors);
	if (!config) {
		text[strcspn(text, "\n")] = '\0';
		*error = text;
		return false;
	}
	free(text);
	struct seat_config seat_config = config_seat(config);
	seat_configure(server->seat, &seat_config);
	config_destroy(server->config);
	server->config = config;
	text_set_font(server->text, config->font);
	desktop_reconfigure(server->desktop);
	outputs_reconfigure(server->outputs);
	remotes_configure(server->remotes);
	return true;
}

void server_quit(struct server *server, int status) {
	sd_event_exit(server->event, status);
}

static void destroy_display(struct server *server) {
	if (server->outputs) {
		server->outputs->closing = true;
	}
	if (server->display) {
		wl_display_destroy_clients(server->display);
	}
	hangups_destroy(server->hangups);
	/* Held remote keys are released through the seat, which asks the shells. */
	sessions_destroy(server->sessions);
	publish_destroy(server->publish);
	server->publish = NULL;
	guests_destroy(server->guests);
	sound_destroy(server->sound);
	desktop_clipboard_destroy(server->clipboard);
	shells_destroy(server->shells);
	server->shells = NULL;
	seat_destroy(server->seat);
	server->seat = NULL; /* outputs that go with their backend look for it */
	desktop_destroy(server->desktop);
	wl_list_remove(&server->renderer_lost.link);
	sd_event_source_unref(server->renewal);
	if (server->backend) {
		wlr_backend_destroy(server->backend);
	}
	outputs_destroy(server->outputs);
	if (server->scene) {
		wlr_scene_node_destroy(&server->scene->tree.node);
	}
	if (server->allocator) {
		wlr_allocator_destroy(server->allocator);
	}
	if (server->renderer) {
		wlr_renderer_destroy(server->renderer);
	}
	sd_event_source_unref(server->wayland_source);
	if (server->display) {
		wl_display_destroy(server->display);
	}
}

void server_destroy(struct server *server) {
	if (!server) {
		return;
	}
	/* What follows isn't told to anybody, but the control socket closes last: then all is free
	 * for the next mullion. */
	struct commands *commands = server->commands;
	server->commands = NULL;
	state_freeze(server->state);
	remotes_destroy(server->remotes);
	destroy_display(server);
	commands_destroy(commands);
	text_destroy(server->text);
	state_destroy(server->state);
	config_destroy(server->config);
	free(server->runtime);
	sd_event_unref(server->event);
	free(server);
}
