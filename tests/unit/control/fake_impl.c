#include "fake_mullion.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_display.h"
#include "util/mem.h"

bool fake_knows(const char *name, char **error) {
	if (strcmp(name, "missing") == 0) {
		*error = xasprintf("there is no \"%s\"", name);
		return false;
	}
	return true;
}

static void append(sd_bus_message *reply, const char *key, const char *type, ...) {
	va_list args;
	va_start(args, type);
	sd_bus_message_open_container(reply, 'e', "sv");
	sd_bus_message_append(reply, "s", key);
	sd_bus_message_open_container(reply, 'v', type);
	sd_bus_message_appendv(reply, type, args);
	sd_bus_message_close_container(reply);
	sd_bus_message_close_container(reply);
	va_end(args);
}

static void append_guest(
	sd_bus_message *reply, const char *name, const char *state, const char *file) {
	sd_bus_message_open_container(reply, 'a', "{sv}");
	append(reply, "name", "s", name);
	append(reply, "title", "s", "A title");
	append(reply, "state", "s", state);
	append(reply, "pid", "u", 4242);
	append(reply, "reason", "s", "");
	append(reply, "label", "s", "#3070c0");
	append(reply, "accel", "s", "tcg");
	append(reply, "keyboard", "s", "de");
	append(reply, "file", "s", file);
	append(reply, "path", "s", "map");
	append(reply, "width", "u", 320);
	append(reply, "height", "u", 200);
	sd_bus_message_close_container(reply);
}

static bool list_guests(void *data, sd_bus_message *reply) {
	struct fake_mullion *fake = data;
	append_guest(reply, "debian", "running", "/debian.ini");
	append_guest(reply, "uefi", "off", "/uefi.ini");
	append_guest(reply, "off", "off", "/off.ini");
	if (fake->added_file) {
		append_guest(reply, "added", "off", fake->added_file);
	}
	return true;
}

static bool list_views(void *data, sd_bus_message *reply) {
	sd_bus_message_open_container(reply, 'a', "{sv}");
	append(reply, "id", "s", "debian");
	append(reply, "kind", "s", "guest");
	append(reply, "title", "s", "A title");
	append(reply, "app", "s", "");
	append(reply, "label", "s", "#3070c0");
	append(reply, "output", "s", "fake-1");
	append(reply, "x", "i", -5);
	append(reply, "y", "i", 7);
	append(reply, "width", "i", 330);
	append(reply, "height", "i", 230);
	append(reply, "content", "ai", 4, -4, 8, 328, 228);
	append(reply, "opacity", "d", 0.5);
	append(reply, "focused", "b", 1);
	append(reply, "visible", "b", 1);
	append(reply, "path", "s", "map");
	sd_bus_message_close_container(reply);
	return true;
}

static bool list_outputs(void *data, sd_bus_message *reply) {
	sd_bus_message_open_container(reply, 'a', "{sv}");
	append(reply, "name", "s", "fake-1");
	append(reply, "width", "i", 640);
	append(reply, "height", "i", 480);
	append(reply, "refresh", "d", 60.0);
	append(reply, "scale", "d", 1.5);
	append(reply, "x", "i", 0);
	append(reply, "y", "i", 0);
	append(reply, "transform", "s", "normal");
	append(reply, "layout", "s", "grid");
	append(reply, "focused", "b", 1);
	append(reply, "enabled", "b", 1);
	sd_bus_message_close_container(reply);
	return true;
}

static bool add_guest(void *data, const char *path, char **error) {
	struct fake_mullion *fake = data;
	printf("add_guest %s\n", path);
	free(fake->added_file);
	fake->added_file = xstrdup(path);
	return true;
}

static bool remove_guest(void *data, const char *guest, char **error) {
	printf("remove_guest %s\n", guest);
	return fake_knows(guest, error);
}

/* The power's changes of "debian" stand for what a guest may paint. */
static void paint(struct fake_mullion *fake, enum control_power power) {
	switch (power) {
	case CONTROL_RESET:
		fake_display_damage(fake->display);
		break;
	case CONTROL_PAUSE:
		fake_display_animate(fake->display);
		break;
	case CONTROL_RESUME:
		fake_display_change(fake->display);
		break;
	default:
		break;
	}
}

static bool power(void *data, const char *guest, enum control_power power, char **error) {
	struct fake_mullion *fake = data;
	printf("power %s %d\n", guest, power);
	if (!fake_knows(guest, error)) {
		return false;
	}
	paint(fake, power);
	control_emit(fake->control, "guest-state", guest, "running");
	return true;
}

static bool set_layout(void *data, const char *layout, const char *output, char **error) {
	printf("set_layout %s %s\n", layout, output ? output : "-");
	return true;
}

static bool focus(void *data, const char *view, char **error) {
	struct fake_mullion *fake = data;
	printf("focus %s\n", view);
	if (!fake_knows(view, error)) {
		return false;
	}
	control_emit(fake->control, "focus", view, "");
	return true;
}

static bool set_opacity(void *data, const char *view, double opacity, char **error) {
	printf("set_opacity %s %g\n", view, opacity);
	return fake_knows(view, error);
}

static bool move(void *data, const char *view, int x, int y, int width, int height, char **error) {
	printf("move %s %d %d %d %d\n", view, x, y, width, height);
	return fake_knows(view, error);
}

static bool move_to_output(void *data, const char *view, const char *output, char **error) {
	printf("move_to_output %s %s\n", view, output);
	return fake_knows(view, error);
}

static bool close_view(void *data, const char *view, char **error) {
	printf("close %s\n", view);
	return fake_knows(view, error);
}

static bool create_output(void *data, const char *name, int width, int height, char **error) {
	printf("create_output %s %d %d\n", name, width, height);
	return true;
}

static bool remove_output(void *data, const char *name, char **error) {
	printf("remove_output %s\n", name);
	return fake_knows(name, error);
}

static bool configure_output(
	void *data, const char *name, const struct control_output_change *change, char **error) {
	printf("configure_output %s enabled=%d mode=%dx%d@%g scale=%g at=%d,%d transform=%s\n",
		name, change->enabled, change->width, change->height, change->refresh,
		change->scale, change->x, change->y, change->transform ? change->transform : "-");
	return fake_knows(name, error);
}

static int open_display(void *data, const char *target, unsigned int rights, char **error) {
	struct fake_mullion *fake = data;
	return fake_display_open(fake->display, target, rights, error);
}

static int open_session(void *data, const struct control_session *session,
	char id[CONTROL_SESSION_ID_SIZE], char **error) {
	struct fake_mullion *fake = data;
	printf("open_session %s %s %s %s %u %s\n", session->server, session->protocol,
		session->user, session->address, session->rights,
		session->renew[0] ? session->renew : "-");
	snprintf(id, CONTROL_SESSION_ID_SIZE, "0123abcd");
	return fake_display_open(fake->display, session->target, session->rights, error);
}

static bool list_sessions(void *data, sd_bus_message *reply) {
	sd_bus_message_open_container(reply, 'a', "{sv}");
	append(reply, "id", "s", "0123abcd");
	append(reply, "server", "s", "web");
	append(reply, "protocol", "s", "vnc");
	append(reply, "user", "s", "anna");
	append(reply, "address", "s", "127.0.0.1");
	append(reply, "target", "s", "guest:debian");
	append(reply, "rights", "u", 7);
	append(reply, "since", "x", (int64_t)1700000000);
	append(reply, "connected", "b", 1);
	sd_bus_message_close_container(reply);
	return true;
}

static bool kick_session(void *data, const char *id, char **error) {
	printf("kick_session %s\n", id);
	return fake_knows(id, error);
}

static bool list_remotes(void *data, sd_bus_message *reply) {
	sd_bus_message_open_container(reply, 'a', "{sv}");
	append(reply, "name", "s", "web");
	append(reply, "protocol", "s", "vnc");
	append(reply, "state", "s", "running");
	append(reply, "pid", "u", 4343);
	append(reply, "reason", "s", "");
	append(reply, "restarts", "u", 1);
	append(reply, "sessions", "u", 1);
	append(reply, "command", "as", 2, "/bin/mullion-vnc", "--server-name=web");
	sd_bus_message_close_container(reply);
	return true;
}

static bool start_remote(void *data, const char *name, char **error) {
	printf("start_remote %s\n", name);
	return fake_knows(name, error);
}

static bool stop_remote(void *data, const char *name, char **error) {
	printf("stop_remote %s\n", name);
	return fake_knows(name, error);
}

static bool reload(void *data, char **error) {
	puts("reload");
	return true;
}

static void quit(void *data, bool stop_guests) {
	struct fake_mullion *fake = data;
	printf("quit %d\n", stop_guests);
	sd_event_exit(fake->event, 0);
}

const struct control_impl fake_impl = {
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
