#include "compositor/guests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compositor/commands.h"
#include "compositor/config.h"
#include "compositor/guest_clipboard.h"
#include "compositor/guest_console.h"
#include "compositor/guest_view.h"
#include "compositor/loop.h"
#include "compositor/options.h"
#include "compositor/output.h"
#include "compositor/server.h"
#include "compositor/sound.h"
#include "compositor/state.h"
#include "util/log.h"
#include "util/mem.h"

#define RECONNECT_AFTER 10000000 /* us that a display connection must have lasted */
#define END_TIME 10000000 /* us; vmm kills a QEMU that doesn't end after half of it */

const char *console_path_name(enum console_path path) {
	static const char *const names[] = {
		[CONSOLE_PATH_NONE] = "none",
		[CONSOLE_PATH_MAP] = "map",
		[CONSOLE_PATH_BYTES] = "bytes",
		[CONSOLE_PATH_DMABUF] = "dmabuf",
	};
	return names[path];
}

static const char *guest_name(const struct managed_guest *guest) {
	return guest_config(guest->vmm)->name;
}

static struct guest_view *view_of_head(struct managed_guest *guest, unsigned int head) {
	struct guest_view *view;
	wl_list_for_each (view, &guest->views, link) {
		if (view->head == head) {
			return view;
		}
	}
	return guest_view_create(guest, head);
}

static void handle_display_ready(struct display_client *display, void *data) {
	struct managed_guest *guest = data;
	unsigned int head = 0;
	struct console *console;
	TAILQ_FOREACH (console, display_client_consoles(display), link) {
		if (console->graphic) {
			guest_console_create(guest, console, head);
			guest_view_attach(view_of_head(guest, head), console);
			head++;
		}
	}
	sound_guest_connect(guest->sound, display);
	guest_clipboard_connect(guest->clipboard, display);
}

static void handle_console_changed(struct console *console, void *data) {
	struct managed_guest *guest = data;
	seat_console_changed(guest->guests->server->seat, console);
	guest_console_changed(console);
}

static void disconnect(struct managed_guest *guest) {
	sound_guest_connect(guest->sound, NULL);
	guest_clipboard_connect(guest->clipboard, NULL);
	struct guest_view *view;
	wl_list_for_each (view, &guest->views, link) {
		guest_view_detach(view);
	}
	struct guest_console *console, *tmp;
	wl_list_for_each_safe (console, tmp, &guest->consoles, link) {
		guest_console_destroy(console);
	}
	display_client_destroy(guest->display);
	guest->display = NULL;
}

static void connect_display(struct managed_guest *guest) {
	char *error = NULL;
	guest->connecting = guest_open_display(guest->vmm, &error);
	if (!guest->connecting) {
		log_error("guest %s: no display: %s", guest_name(guest), error);
		free(error);
	}
}

static void handle_display_lost(struct display_client *display, const char *reason, void *data) {
	struct managed_guest *guest = data;
	log_info("guest %s: display connection ended: %s", guest_name(guest), reason);
	uint64_t lived = loop_now(guest->guests->server->event) - guest->connected_at;
	disconnect(guest);
	/* Once more, but not again and again to one that breaks the rules at once. */
	if (guest_state(guest->vmm) != GUEST_OFF && lived > RECONNECT_AFTER) {
		connect_display(guest);
	}
}

static const struct display_client_impl display_impl = {
	.ready = handle_display_ready,
	.console_changed = handle_console_changed,
	.lost = handle_display_lost,
};

static void handle_guest_display(struct guest *vmm, int fd, const char *error, void *data) {
	struct managed_guest *guest = data;
	guest->connecting = false;
	if (fd < 0) {
		log_error("guest %s: no display: %s", guest_name(guest), error);
		return;
	}
	disconnect(guest);
	guest->connected_at = loop_now(guest->guests->server->event);
	guest->display =
		display_client_create(guest->guests->server->event, fd, &display_impl, guest);
}

static void handle_guest_ready(struct guest *vmm, void *data) {
	connect_display(data);
}

static bool all_are_off(const struct guests *guests) {
	struct managed_guest *guest;
	wl_list_for_each (guest, &guests->list, link) {
		if (guest_state(guest->vmm) != GUEST_OFF) {
			return false;
		}
	}
	return true;
}

/* Who starts us again at once must not meet the old processes. */
static void end_if_all_are_off(struct guests *guests) {
	if (guests->end_limit && all_are_off(guests)) {
		server_quit(guests->server, EXIT_SUCCESS);
	}
}

static void handle_guest_state(struct guest *vmm, void *data) {
	struct managed_guest *guest = data;
	enum guest_state state = guest_state(vmm);
	if (state == GUEST_OFF && guest->display) {
		disconnect(guest);
	}
	struct guest_view *view;
	wl_list_for_each (view, &guest->views, link) {
		guest_view_update(view);
	}
	commands_emit(guest->guests->server->commands, "guest-state", guest_name(guest),
		guest_state_name(state));
	state_changed(guest->guests->server->state);
	end_if_all_are_off(guest->guests);
}

static void handle_guest_event(struct guest *vmm, const char *name, const char *json, void *data) {
	struct managed_guest *guest = data;
	char *detail = xasprintf("%s %s", name, json ? json : "{}");
	commands_emit(guest->guests->server->commands, "qemu", guest_name(guest), detail);
	free(detail);
}

static const struct guest_impl guest_impl = {
	.state_changed = handle_guest_state,
	.ready = handle_guest_ready,
	.display = handle_guest_display,
	.event = handle_guest_event,
};

struct managed_guest *guests_find(struct guests *guests, const char *name) {
	struct managed_guest *guest;
	wl_list_for_each (guest, &guests->list, link) {
		if (strcmp(guest_name(guest), name) == 0) {
			return guest;
		}
	}
	return NULL;
}

static struct guest_config *load(const char *path, char **error) {
	size_t size = 0;
	FILE *errors = open_memstream(error, &size);
	struct guest_config *config = guest_config_load(path, errors);
	fclose(errors);
	if (config) {
		free(*error);
		*error = NULL;
	} else if (size > 0 && (*error)[size - 1] == '\n') {
		(*error)[size - 1] = '\0';
	}
	return config;
}

struct managed_guest *guests_add(struct guests *guests, const char *path, char **error) {
	struct guest_config *config = load(path, error);
	if (!config) {
		return NULL;
	}
	struct managed_guest *same = guests_find(guests, config->name);
	if (same) {
		bool same_file = strcmp(guest_config(same->vmm)->path, config->path) == 0;
		if (!same_file) {
			*error = xasprintf("there is a guest '%s' already, from %s", config->name,
				guest_config(same->vmm)->path);
		}
		guest_config_destroy(config);
		return same_file ? same : NULL;
	}
	struct managed_guest *guest = xcalloc(1, sizeof(*guest));
	guest->guests = guests;
	wl_list_init(&guest->views);
	wl_list_init(&guest->consoles);
	struct guest_options options = {
		.runtime = guests->server->runtime, .user = guests->server->config->guest_user};
	guest->vmm = guest_create(guests->server->event, &options, config, &guest_impl, guest);
	if (!guest->vmm) {
		*error = xasprintf("%s: the guest can't be taken over; see mullion's log", path);
		free(guest);
		return NULL;
	}
	if (guest_config(guest->vmm)->sound != GUEST_SOUND_NO) {
		guest->sound = sound_guest_create(guests->server->sound);
	}
	if (guest_config(guest->vmm)->clipboard != GUEST_CLIPBOARD_NO) {
		guest->clipboard = guest_clipboard_create(guests->server, guest_config(guest->vmm));
	}
	wl_list_insert(guests->list.prev, &guest->link);
	guest_view_create(guest, 0);
	commands_emit(guests->server->commands, "guest-added", guest_name(guest), path);
	state_changed(guests->server->state);
	return guest;
}

static void managed_guest_destroy(struct managed_guest *guest) {
	disconnect(guest);
	publisher_destroy(guest->publisher);
	sound_guest_destroy(guest->sound);
	guest_clipboard_destroy(guest->clipboard);
	struct guest_view *view, *tmp;
	wl_list_for_each_safe (view, tmp, &guest->views, link) {
		guest_view_destroy(view);
	}
	wl_list_remove(&guest->link);
	guest_destroy(guest->vmm);
	free(guest);
}

struct managed_guest *guests_find_by_view(struct guests *guests, const struct view *base) {
	struct managed_guest *guest;
	wl_list_for_each (guest, &guests->list, link) {
		struct guest_view *view;
		wl_list_for_each (view, &guest->views, link) {
			if (&view->base == base) {
				return guest;
			}
		}
	}
	return NULL;
}

bool guests_remove(struct managed_guest *guest, char **error) {
	if (guest_state(guest->vmm) != GUEST_OFF) {
		*error = xasprintf("guest '%s' is %s; stop it first", guest_name(guest),
			guest_state_name(guest_state(guest->vmm)));
		return false;
	}
	struct server *server = guest->guests->server;
	commands_emit(server->commands, "guest-removed", guest_name(guest), "");
	managed_guest_destroy(guest);
	state_changed(server->state);
	return true;
}

bool guests_power_on(struct managed_guest *guest, char **error) {
	int width = 0, height = 0;
	if (guest->guests->end_limit) {
		*error = xstrdup("mullion is about to end");
		return false;
	}
	if (!wl_list_empty(&guest->views)) {
		struct guest_view *view = wl_container_of(guest->views.next, view, link);
		guest_view_wanted_size(view, &width, &height);
	}
	return guest_start(guest->vmm, width, height, error);
}

static void power_on_logged(struct managed_guest *guest) {
	char *error = NULL;
	if (!guests_power_on(guest, &error)) {
		log_error("guest %s: %s", guest_name(guest), error);
		free(error);
	}
}

void guests_close(struct managed_guest *guest) {
	char *error = NULL;
	if (!guest_shut_down(guest->vmm, &error)) {
		log_info("guest %s: %s", guest_name(guest), error);
		free(error);
	}
}

void guests_start_by_click(struct managed_guest *guest) {
	if (guest_state(guest->vmm) == GUEST_OFF) {
		power_on_logged(guest);
	}
}

void guests_describe(struct managed_guest *guest, char *headline, size_t size, char *detail,
	size_t detail_size) {
	enum guest_state state = guest_state(guest->vmm);
	const char *reason = guest_reason(guest->vmm);
	if (state == GUEST_OFF && reason[0]) {
		snprintf(headline, size, "Ended");
		snprintf(detail, detail_size, "%s — click, or 'mullionctl start %s'", reason,
			guest_name(guest));
	} else if (state == GUEST_OFF) {
		snprintf(headline, size, "Off");
		snprintf(detail, detail_size, "click, or 'mullionctl start %s'", guest_name(guest));
	} else if (state == GUEST_STARTING || guest->connecting) {
		snprintf(headline, size, "Starting …");
	} else {
		snprintf(headline, size, "No picture");
		snprintf(detail, detail_size, "the guest shows nothing on this screen");
	}
}

void guests_update_listening(struct managed_guest *guest, struct console *console) {
	bool wanted = false;
	struct guest_view *view;
	wl_list_for_each (view, &guest->views, link) {
		wanted |= view->console == console && view->listening;
	}
	struct guest_console *published;
	wl_list_for_each (published, &guest->consoles, link) {
		wanted |= published->console == console && published->listened;
	}
	if (wanted) {
		console_listen(console, true);
	} else if (console) {
		console_unlisten(console);
	}
}

void guests_renew_size(struct managed_guest *guest, struct console *console) {
	struct guest_view *view;
	wl_list_for_each (view, &guest->views, link) {
		if (view->console == console) {
			guest_view_renew_size(view);
		}
	}
}

static int handle_review(sd_event_source *source, void *data) {
	struct guests *guests = data;
	guests->review = sd_event_source_unref(guests->review);
	struct managed_guest *guest;
	wl_list_for_each (guest, &guests->list, link) {
		struct guest_view *view;
		wl_list_for_each (view, &guest->views, link) {
			guest_view_update_listening(view);
		}
	}
	return 0;
}

/* Later, as the scene tells of outputs while it is being changed. */
void guests_review_listening(struct guests *guests) {
	if (!guests->review && !guests->closing) {
		sd_event_add_defer(guests->server->event, &guests->review, handle_review, guests);
	}
}

struct publisher *guests_publisher(struct managed_guest *guest) {
	if (!guest->publisher) {
		guest->publisher =
			publisher_create(guest->guests->server->event, guest_name(guest), "");
		sound_guest_publish(guest->sound, guest->publisher);
		guest_clipboard_publish(guest->clipboard, guest->publisher);
		struct guest_console *console;
		wl_list_for_each (console, &guest->consoles, link) {
			guest_console_publish(console);
		}
	}
	return guest->publisher;
}

void guests_renew_renderer(struct guests *guests) {
	struct managed_guest *guest;
	wl_list_for_each (guest, &guests->list, link) {
		struct guest_view *view;
		wl_list_for_each (view, &guest->views, link) {
			bridge_set_renderer(&view->bridge, guests->server->renderer);
		}
	}
}

static int handle_end_limit(sd_event_source *source, uint64_t usec, void *data) {
	struct guests *guests = data;
	log_error("a guest doesn't end; see \"mullionctl list\" of the next mullion");
	server_quit(guests->server, EXIT_FAILURE);
	return 0;
}

void guests_end(struct guests *guests) {
	struct managed_guest *guest;
	if (guests->end_limit ||
		sd_event_add_time_relative(guests->server->event, &guests->end_limit,
			CLOCK_MONOTONIC, END_TIME, 0, handle_end_limit, guests) < 0) {
		return;
	}
	wl_list_for_each (guest, &guests->list, link) {
		char *error = NULL;
		if (guest_state(guest->vmm) != GUEST_OFF && !guest_power_off(guest->vmm, &error)) {
			log_error("guest %s: %s", guest_name(guest), error);
			free(error);
		}
	}
	end_if_all_are_off(guests);
}

static void handle_output_frame(struct wl_listener *listener, void *data) {
	struct guests *guests = wl_container_of(listener, guests, output_frame);
	struct guest_view *view, *tmp;
	wl_list_for_each_safe (view, tmp, &guests->dirty, dirty_link) {
		guest_view_flush(view);
	}
}

static void handle_output_composed(struct wl_listener *listener, void *data) {
	struct guests *guests = wl_container_of(listener, guests, output_composed);
	struct guest_view *view, *tmp;
	wl_list_for_each_safe (view, tmp, &guests->held, held_link) {
		guest_view_let_go(view);
	}
}

struct guests *guests_create(struct server *server) {
	struct guests *guests = xcalloc(1, sizeof(*guests));
	guests->server = server;
	wl_list_init(&guests->list);
	wl_list_init(&guests->dirty);
	wl_list_init(&guests->held);
	guests->output_frame.notify = handle_output_frame;
	wl_signal_add(&server->outputs->events.frame, &guests->output_frame);
	guests->output_composed.notify = handle_output_composed;
	wl_signal_add(&server->outputs->events.composed, &guests->output_composed);
	return guests;
}

static struct managed_guest *add_logged(struct guests *guests, const char *path) {
	char *error = NULL;
	struct managed_guest *guest = guests_add(guests, path, &error);
	if (!guest) {
		log_error("%s", error);
		free(error);
	}
	return guest;
}

/* Not what was off when the last session ended: then somebody had stopped it. */
static void start_unless_stopped(struct managed_guest *guest) {
	struct server *server = guest->guests->server;
	if (guest_state(guest->vmm) == GUEST_OFF && !server->options->no_autostart &&
		!state_guest_was_known(server->state, guest_name(guest))) {
		power_on_logged(guest);
	}
}

/* Those of the last session, of the configuration, and of the command line, which are there to be
 * started. */
void guests_start(struct guests *guests) {
	struct server *server = guests->server;
	state_restore_guests(server->state);
	for (size_t i = 0; i < server->config->guest_count; i++) {
		add_logged(guests, server->config->guests[i]);
	}
	struct managed_guest *guest;
	wl_list_for_each (guest, &guests->list, link) {
		if (guest_config(guest->vmm)->autostart) {
			start_unless_stopped(guest);
		}
	}
	for (char **path = server->options->guests; *path; path++) {
		guest = add_logged(guests, *path);
		if (guest) {
			start_unless_stopped(guest);
		}
	}
}

void guests_destroy(struct guests *guests) {
	if (!guests) {
		return;
	}
	guests->closing = true;
	guests->review = sd_event_source_unref(guests->review);
	guests->end_limit = sd_event_source_unref(guests->end_limit);
	struct managed_guest *guest, *tmp;
	wl_list_for_each_safe (guest, tmp, &guests->list, link) {
		managed_guest_destroy(guest);
	}
	wl_list_remove(&guests->output_frame.link);
	wl_list_remove(&guests->output_composed.link);
	free(guests);
}
