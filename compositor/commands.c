#include "compositor/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_output.h>

#include "compositor/desktop.h"
#include "compositor/guest_console.h"
#include "compositor/guest_view.h"
#include "compositor/guests.h"
#include "compositor/output.h"
#include "compositor/publish.h"
#include "compositor/remotes.h"
#include "compositor/server.h"
#include "compositor/sessions.h"
#include "compositor/state.h"
#include "compositor/view.h"
#include "control/control.h"
#include "util/mem.h"
#include "vm-display/frame.h"

struct commands {
	struct server *server;
	struct control *control;
};

static void put_string(sd_bus_message *reply, const char *key, const char *value) {
	sd_bus_message_append(reply, "{sv}", key, "s", value ? value : "");
}

static void put_int(sd_bus_message *reply, const char *key, int value) {
	sd_bus_message_append(reply, "{sv}", key, "i", value);
}

static void put_uint(sd_bus_message *reply, const char *key, unsigned int value) {
	sd_bus_message_append(reply, "{sv}", key, "u", value);
}

static void put_double(sd_bus_message *reply, const char *key, double value) {
	sd_bus_message_append(reply, "{sv}", key, "d", value);
}

static void put_bool(sd_bus_message *reply, const char *key, bool value) {
	sd_bus_message_append(reply, "{sv}", key, "b", value);
}

static void put_color(sd_bus_message *reply, uint32_t color) {
	char text[8];
	snprintf(text, sizeof(text), "#%06x", color & 0xffffff);
	put_string(reply, "label", text);
}

static void put_console(sd_bus_message *reply, const struct console *console) {
	put_string(reply, "path", console ? console_path_name(console->path) : "none");
	const struct frame *frame = console ? console->screen.frame : NULL;
	put_uint(reply, "width", frame ? frame->width : 0);
	put_uint(reply, "height", frame ? frame->height : 0);
}

static void put_consoles(sd_bus_message *reply, struct managed_guest *guest) {
	sd_bus_message_open_container(reply, 'e', "sv");
	sd_bus_message_append(reply, "s", "consoles");
	sd_bus_message_open_container(reply, 'v', "aa{sv}");
	sd_bus_message_open_container(reply, 'a', "a{sv}");
	struct guest_console *console;
	wl_list_for_each (console, &guest->consoles, link) {
		sd_bus_message_open_container(reply, 'a', "{sv}");
		put_uint(reply, "head", console->head);
		put_string(reply, "name", console->console->label);
		put_console(reply, console->console);
		sd_bus_message_close_container(reply);
	}
	sd_bus_message_close_container(reply);
	sd_bus_message_close_container(reply);
	sd_bus_message_close_container(reply);
}

static void put_guest(sd_bus_message *reply, struct managed_guest *guest) {
	const struct guest_config *config = guest_config(guest->vmm);
	put_string(reply, "name", config->name);
	put_string(reply, "title", config->title);
	put_string(reply, "state", guest_state_name(guest_state(guest->vmm)));
	put_uint(reply, "pid", guest_pid(guest->vmm));
	put_string(reply, "reason", guest_reason(guest->vmm));
	put_color(reply, config->label_color);
	put_string(reply, "accel", guest_accel(guest->vmm));
	put_string(reply, "keyboard", config->keyboard);
	put_string(reply, "file", config->path);
	struct guest_console *first = NULL;
	if (!wl_list_empty(&guest->consoles)) {
		first = wl_container_of(guest->consoles.next, first, link);
	}
	put_console(reply, first ? first->console : NULL);
	put_consoles(reply, guest);
}

static bool list_guests(void *data, sd_bus_message *reply) {
	struct commands *commands = data;
	struct managed_guest *guest;
	wl_list_for_each (guest, &commands->server->guests->list, link) {
		sd_bus_message_open_container(reply, 'a', "{sv}");
		put_guest(reply, guest);
		sd_bus_message_close_container(reply);
	}
	return true;
}

static void put_view(sd_bus_message *reply, struct view *view, int number) {
	put_int(reply, "number", number);
	put_string(reply, "id", view->id);
	put_string(reply, "kind", view->impl->kind);
	put_string(reply, "title", view->title);
	put_string(reply, "app", view->impl->app_id ? view->impl->app_id(view) : "");
	put_color(reply, view->label_color);
	put_string(reply, "output", view->output ? view->output->wlr->name : "");
	put_int(reply, "x", view->box.x);
	put_int(reply, "y", view->box.y);
	put_int(reply, "width", view->box.width);
	put_int(reply, "height", view->box.height);
	const struct wlr_box *content = &view->content_box;
	sd_bus_message_append(reply, "{sv}", "content", "ai", 4, content->x, content->y,
		content->width, content->height);
	put_double(reply, "opacity", view->opacity);
	put_bool(reply, "focused", view->desktop->focused == view);
	put_bool(reply, "visible", view->shown);
	put_string(reply, "path", view->impl->path ? view->impl->path(view) : "");
}

static bool list_views(void *data, sd_bus_message *reply) {
	struct commands *commands = data;
	struct view *view;
	int number = 1;
	wl_list_for_each (view, &commands->server->desktop->views, link) {
		sd_bus_message_open_container(reply, 'a', "{sv}");
		put_view(reply, view, number++);
		sd_bus_message_close_container(reply);
	}
	return true;
}

static void put_output(sd_bus_message *reply, struct output *output, bool focused) {
	const struct wlr_output *wlr = output->wlr;
	put_string(reply, "name", wlr->name);
	put_string(reply, "description", wlr->description);
	put_int(reply, "width", wlr->width);
	put_int(reply, "height", wlr->height);
	put_double(reply, "refresh", wlr->refresh / 1000.0);
	put_double(reply, "scale", wlr->scale);
	put_int(reply, "x", output->box.x);
	put_int(reply, "y", output->box.y);
	put_string(reply, "transform", output_transform_name(wlr->transform));
	put_string(reply, "layout", layout_mode_name(output->layout));
	put_bool(reply, "focused", focused);
	put_bool(reply, "enabled", output->placed && wlr->enabled);
	put_bool(reply, "headless", output_is_headless(output));
}

static bool list_outputs(void *data, sd_bus_message *reply) {
	struct commands *commands = data;
	struct output *focused = desktop_focused_output(commands->server->desktop);
	struct output *output;
	wl_list_for_each (output, &commands->server->outputs->list, link) {
		sd_bus_message_open_container(reply, 'a', "{sv}");
		put_output(reply, output, output == focused);
		sd_bus_message_close_container(reply);
	}
	return true;
}

static bool add_guest(void *data, const char *path, char **error) {
	struct commands *commands = data;
	return guests_add(commands->server->guests, path, error) != NULL;
}

static struct managed_guest *need_guest(struct commands *commands, const char *name, char **error) {
	struct managed_guest *guest = guests_find(commands->server->guests, name);
	if (!guest) {
		*error = xasprintf("there is no guest '%s'", name);
	}
	return guest;
}

static bool remove_guest(void *data, const char *name, char **error) {
	struct managed_guest *guest = need_guest(data, name, error);
	return guest && guests_remove(guest, error);
}

static bool power(void *data, const char *name, enum control_power power, char **error) {
	struct managed_guest *guest = need_guest(data, name, error);
	if (!guest) {
		return false;
	}
	switch (power) {
	case CONTROL_START:
		return guests_power_on(guest, error);
	case CONTROL_SHUT_DOWN:
		return guest_shut_down(guest->vmm, error);
	case CONTROL_POWER_OFF:
		return guest_power_off(guest->vmm, error);
	case CONTROL_RESET:
		return guest_reset(guest->vmm, error);
	case CONTROL_PAUSE:
		return guest_pause(guest->vmm, error);
	case CONTROL_RESUME:
		return guest_resume(guest->vmm, error);
	}
	return false;
}

static struct view *need_view(struct commands *commands, const char *id, char **error) {
	struct view *view = view_by_id(commands->server->desktop, id);
	if (!view) {
		*error = xasprintf("there is no view '%s'", id);
	}
	return view;
}

static struct output *need_output(struct commands *commands, const char *name, char **error) {
	struct output *output = output_by_name(commands->server->outputs, name);
	if (!output) {
		*error = xasprintf("there is no output '%s'", name);
	}
	return output;
}

static bool set_layout(void *data, const char *layout, const char *name, char **error) {
	struct commands *commands = data;
	struct desktop *desktop = commands->server->desktop;
	struct output *output =
		name ? need_output(commands, name, error) : desktop_focused_output(desktop);
	enum layout_mode mode;
	if (!output) {
		*error = *error ? *error : xstrdup("there is no output");
		return false;
	}
	if (!layout_mode_parse(layout, &mode)) {
		*error = xasprintf("'%s' is no layout: expected grid, single or free", layout);
		return false;
	}
	desktop_set_layout(desktop, output, mode);
	return true;
}

static bool focus(void *data, const char *id, char **error) {
	struct view *view = need_view(data, id, error);
	if (!view) {
		return false;
	}
	desktop_focus(view->desktop, view);
	return true;
}

static bool set_opacity(void *data, const char *id, double opacity, char **error) {
	struct view *view = need_view(data, id, error);
	if (!view) {
		return false;
	}
	if (!(opacity >= 0 && opacity <= 1)) {
		*error = xstrdup("an opacity is a number from 0 to 1");
		return false;
	}
	view_set_opacity(view, opacity);
	return true;
}

static bool move(void *data, const char *id, int x, int y, int width, int height, char **error) {
	struct view *view = need_view(data, id, error);
	if (!view) {
		return false;
	}
	if (abs(x) > FRAME_SIDE_MAX || abs(y) > FRAME_SIDE_MAX || width > FRAME_SIDE_MAX ||
		height > FRAME_SIDE_MAX || width < 0 || height < 0) {
		*error = xasprintf("places and sizes are at most %d px", FRAME_SIDE_MAX);
		return false;
	}
	struct wlr_box box = {.x = x, .y = y, .width = width, .height = height};
	desktop_move_view(view->desktop, view, &box);
	return true;
}

static bool move_to_output(void *data, const char *id, const char *name, char **error) {
	struct view *view = need_view(data, id, error);
	struct output *output = view ? need_output(data, name, error) : NULL;
	if (!output) {
		return false;
	}
	if (!output->placed) {
		*error = xasprintf("output '%s' is disabled", name);
		return false;
	}
	desktop_move_to_output(view->desktop, view, output);
	return true;
}

static bool close_view(void *data, const char *id, char **error) {
	struct view *view = need_view(data, id, error);
	if (!view) {
		return false;
	}
	view->impl->close(view);
	return true;
}

static bool create_output(void *data, const char *name, int width, int height, char **error) {
	struct commands *commands = data;
	return outputs_create_headless(commands->server->outputs, name, width, height, error);
}

static bool remove_output(void *data, const char *name, char **error) {
	struct output *output = need_output(data, name, error);
	return output && output_remove(output, error);
}

static bool configure_output(
	void *data, const char *name, const struct control_output_change *change, char **error) {
	struct output *output = need_output(data, name, error);
	return output && output_configure(output, change, error);
}

static int open_display(void *data, const char *target, unsigned int rights, char **error) {
	struct commands *commands = data;
	return publish_open(commands->server->publish, target, rights, error);
}

static int open_session(void *data, const struct control_session *session,
	char id[CONTROL_SESSION_ID_SIZE], char **error) {
	struct commands *commands = data;
	return sessions_open(commands->server->sessions, session, id, error);
}

static bool list_sessions(void *data, sd_bus_message *reply) {
	struct commands *commands = data;
	sessions_list(commands->server->sessions, reply);
	return true;
}

static bool kick_session(void *data, const char *id, char **error) {
	struct commands *commands = data;
	return sessions_kick(commands->server->sessions, id, error);
}

static bool list_remotes(void *data, sd_bus_message *reply) {
	struct commands *commands = data;
	remotes_list(commands->server->remotes, reply);
	return true;
}

static bool start_remote(void *data, const char *name, char **error) {
	struct commands *commands = data;
	return remotes_start(commands->server->remotes, name, error);
}

static bool stop_remote(void *data, const char *name, char **error) {
	struct commands *commands = data;
	return remotes_stop(commands->server->remotes, name, error);
}

static bool reload(void *data, char **error) {
	struct commands *commands = data;
	return server_reload(commands->server, error);
}

static void quit(void *data, bool stop_guests) {
	struct commands *commands = data;
	if (stop_guests) {
		state_forget(commands->server->state);
		guests_end(commands->server->guests);
	} else {
		server_quit(commands->server, EXIT_SUCCESS);
	}
}

static const struct control_impl control_impl = {
	.list_guests = list_guests,
	.list_views = list_views,
	.list_outputs = list_outputs,
	.add_guest = add_guest,
	.remove_guest = remove_guest,
	.power = power,
	.set_layout = set_layout,
	.focus = focus,
	.set_opacity = set_opacity,
	.move = move,
	.move_to_output = move_to_output,
	.close = close_view,
	.create_output = create_output,
	.remove_output = remove_output,
	.configure_output = configure_output,
	.open_display = open_display,
	.open_session = open_session,
	.list_sessions = list_sessions,
	.kick_session = kick_session,
	.list_remotes = list_remotes,
	.start_remote = start_remote,
	.stop_remote = stop_remote,
	.reload = reload,
	.quit = quit,
};

struct commands *commands_create(struct server *server) {
	struct commands *commands = xcalloc(1, sizeof(*commands));
	commands->server = server;
	commands->control = control_create(server->event, server->runtime, &control_impl, commands);
	if (!commands->control) {
		free(commands);
		return NULL;
	}
	return commands;
}

void commands_destroy(struct commands *commands) {
	if (commands) {
		control_destroy(commands->control);
		free(commands);
	}
}

bool commands_open_door(struct commands *commands, const char *folder, uid_t user) {
	return control_open_door(commands->control, folder, user);
}

void commands_emit(
	struct commands *commands, const char *kind, const char *object, const char *detail) {
	if (commands) {
		control_emit(commands->control, kind, object, detail);
	}
}
