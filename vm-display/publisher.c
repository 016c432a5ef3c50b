#include "vm-display/publisher.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/log.h"
#include "util/mem.h"
#include "vm-display/frame.h"
#include "vm-display/publisher_private.h"

struct publisher *publisher_create(sd_event *event, const char *name, const char *uuid) {
	struct publisher *publisher = xcalloc(1, sizeof(*publisher));
	publisher->event = sd_event_ref(event);
	publisher->name = xstrdup(name);
	publisher->uuid = xstrdup(uuid);
	TAILQ_INIT(&publisher->consoles);
	TAILQ_INIT(&publisher->clients);
	return publisher;
}

void publisher_destroy(struct publisher *publisher) {
	if (!publisher) {
		return;
	}
	struct published_client *client;
	while ((client = TAILQ_FIRST(&publisher->clients))) {
		published_client_destroy(client);
	}
	struct published_console *console;
	while ((console = TAILQ_FIRST(&publisher->consoles))) {
		publisher_remove_console(console);
	}
	published_audio_destroy(publisher->audio);
	published_clipboard_destroy(publisher->clipboard);
	sd_event_unref(publisher->event);
	free(publisher->name);
	free(publisher->uuid);
	free(publisher);
}

static void tell_clients(
	struct published_console *console, const char *interface, const char *property) {
	struct published_client *client;
	TAILQ_FOREACH (client, &console->publisher->clients, client_link) {
		published_client_tell(client, console, interface, property);
	}
}

static void note_size(struct published_console *console) {
	const struct frame *frame = console->screen->frame;
	console->width = frame ? frame->width : 0;
	console->height = frame ? frame->height : 0;
}

static void handle_console_frame(struct screen_observer *observer) {
	struct published_console *console = (struct published_console *)((char *)observer -
		offsetof(struct published_console, observer));
	uint32_t width = console->width, height = console->height;
	note_size(console);
	if (console->width != width) {
		tell_clients(console, DISPLAY_CONSOLE_INTERFACE, "Width");
	}
	if (console->height != height) {
		tell_clients(console, DISPLAY_CONSOLE_INTERFACE, "Height");
	}
}

static const struct screen_observer_impl console_observer_impl = {
	.frame = handle_console_frame,
};

static void insert_console(struct publisher *publisher, struct published_console *console) {
	struct published_console *before;
	TAILQ_FOREACH (before, &publisher->consoles, link) {
		if (before->id > console->id) {
			TAILQ_INSERT_BEFORE(before, console, link);
			return;
		}
	}
	TAILQ_INSERT_TAIL(&publisher->consoles, console, link);
}

struct published_console *publisher_add_console(struct publisher *publisher,
	const struct published_console_info *info, struct screen *screen,
	const struct published_console_impl *impl, void *data) {
	struct published_console *console = xcalloc(1, sizeof(*console));
	console->publisher = publisher;
	console->id = info->id;
	console->head = info->head;
	console->label = xstrdup(info->label);
	console->mouse_absolute = info->mouse_absolute;
	console->keeps_memory = info->keeps_memory;
	console->screen = screen;
	console->impl = impl;
	console->data = data;
	snprintf(console->path, sizeof(console->path), DISPLAY_ROOT "/Console_%u", info->id);
	note_size(console);
	screen_observe(screen, &console->observer, &console_observer_impl);
	insert_console(publisher, console);
	struct published_client *client;
	TAILQ_FOREACH (client, &publisher->clients, client_link) {
		published_client_add_console(client, console);
	}
	return console;
}

void publisher_remove_console(struct published_console *console) {
	if (!console) {
		return;
	}
	TAILQ_REMOVE(&console->publisher->consoles, console, link);
	struct published_client *client;
	TAILQ_FOREACH (client, &console->publisher->clients, client_link) {
		published_client_remove_console(client, console);
	}
	screen_unobserve(&console->observer);
	free(console->label);
	free(console);
}

bool published_console_has_mouse(const struct published_console *console) {
	return console->impl->button || console->impl->move_to || console->impl->move_by;
}

void published_console_set_mouse_absolute(struct published_console *console, bool absolute) {
	if (console->mouse_absolute != absolute) {
		console->mouse_absolute = absolute;
		if (published_console_has_mouse(console)) {
			tell_clients(console, DISPLAY_MOUSE_INTERFACE, "IsAbsolute");
		}
	}
}

void published_console_set_leds(struct published_console *console, uint32_t leds) {
	if (console->leds != leds) {
		console->leds = leds;
		if (console->impl->key) {
			tell_clients(console, DISPLAY_KEYBOARD_INTERFACE, "Modifiers");
		}
	}
}

/* Takes `fd`. */
static struct published_client *serve(struct publisher *publisher, int fd, unsigned int rights) {
	if (publisher->client_count >= PUBLISHER_CLIENTS_MAX) {
		log_error("\"%s\" has too many connections already", publisher->name);
		close(fd);
		return NULL;
	}
	return published_client_create(publisher, fd, rights);
}

bool publisher_serve(struct publisher *publisher, int fd, unsigned int rights) {
	return serve(publisher, fd, rights) != NULL;
}

struct published_client *publisher_open_watched(struct publisher *publisher, unsigned int rights,
	void (*ended)(void *data, bool by_peer), void *data, int *fd) {
	int fds[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0) {
		log_error("can't make a socket for a display");
		return NULL;
	}
	struct published_client *client = serve(publisher, fds[0], rights);
	if (!client) {
		close(fds[1]);
		return NULL;
	}
	client->ended = ended;
	client->ended_data = data;
	*fd = fds[1];
	return client;
}

int publisher_open(struct publisher *publisher, unsigned int rights) {
	int fd;
	return publisher_open_watched(publisher, rights, NULL, NULL, &fd) ? fd : -1;
}

int publisher_connection_count(const struct publisher *publisher) {
	return publisher->client_count;
}
