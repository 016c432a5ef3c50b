#include "remote/vnc_display.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "remote/display_sound.h"
#include "util/log.h"
#include "util/mem.h"
#include "vm-display/clipboard.h"
#include "vm-display/display_client.h"
#include "vm-display/frame.h"

static struct vnc_display *display_of(struct screen_observer *observer) {
	return (struct vnc_display *)((char *)observer - offsetof(struct vnc_display, observer));
}

static void show_frame(struct vnc_display *display) {
	struct screen *screen = &display->console->screen;
	picture_set_frame(&display->picture, screen->frame);
	display->impl->picture(display->data);
}

static void handle_screen_frame(struct screen_observer *observer) {
	show_frame(display_of(observer));
}

static void handle_screen_damage(struct screen_observer *observer) {
	struct vnc_display *display = display_of(observer);
	display->impl->damage(display->data);
}

static void handle_screen_cursor_image(struct screen_observer *observer) {
	struct vnc_display *display = display_of(observer);
	display->impl->cursor_image(display->data);
}

static void handle_screen_cursor_position(struct screen_observer *observer) {
	struct vnc_display *display = display_of(observer);
	display->impl->cursor_position(display->data);
}

static const struct screen_observer_impl observer_impl = {
	.frame = handle_screen_frame,
	.damage = handle_screen_damage,
	.cursor_image = handle_screen_cursor_image,
	.cursor_position = handle_screen_cursor_position,
};

/* The graphic console of that head; for head 0 any will do. */
static struct console *find_console(struct display_client *client, uint32_t head) {
	struct console *console, *first = NULL;
	TAILQ_FOREACH (console, display_client_consoles(client), link) {
		if (console->graphic && console->head == head) {
			return console;
		}
		first = first ? first : console;
	}
	return head == 0 ? first : NULL;
}

static void look_for_console(struct vnc_display *display) {
	display->console = find_console(display->client, display->head);
	if (!display->console) {
		return;
	}
	screen_observe(&display->console->screen, &display->observer, &observer_impl);
	console_listen(display->console, true);
	if (display->console->screen.frame) {
		show_frame(display);
	}
	display->impl->console(display->data);
	display->impl->cursor_image(display->data);
}

static void handle_clipboard_text(void *data, const char *text, size_t size) {
	struct vnc_display *display = data;
	char *copy = text ? strndup(text, size) : NULL;
	display->impl->text(display->data, copy);
	free(copy);
}

static void handle_clipboard_grabbed(void *data, bool has_text) {
	struct vnc_display *display = data;
	if (has_text) {
		clipboard_ask(display->clipboard, handle_clipboard_text, display);
	} else {
		display->impl->text(display->data, NULL);
	}
}

static const struct clipboard_impl clipboard_impl = {.grabbed = handle_clipboard_grabbed};

static void update_sound(struct vnc_display *display) {
	bool wanted = display->is_ready && display->hears;
	if (wanted && !display->sound) {
		display->sound =
			display_sound_create(display->client, display->impl->sound, display->data);
	} else if (!wanted && display->sound) {
		display_sound_destroy(display->sound);
		display->sound = NULL;
		display->impl->sound->playing(display->data, false);
	}
}

/* What isn't the picture. */
static void connect_others(struct vnc_display *display) {
	display->is_ready = true;
	if (display->impl->text) {
		display->clipboard = clipboard_create(display->client, &clipboard_impl, display);
	}
	update_sound(display);
}

void vnc_display_set_text(struct vnc_display *display, const char *text) {
	if (display->clipboard) {
		clipboard_offer(display->clipboard, text, strlen(text));
	}
}

void vnc_display_hear(struct vnc_display *display, bool hears) {
	display->hears = hears;
	update_sound(display);
}

static void handle_client_ready(struct display_client *client, void *data) {
	struct vnc_display *display = data;
	connect_others(display);
	if (display->impl->client) {
		display->impl->client(display->data, client);
	}
	look_for_console(display);
	if (!display->console) {
		log_debug("head %u isn't there yet", display->head);
		display->impl->missing(display->data);
	}
}

/* A guest that is off has no consoles. */
static void handle_client_console_added(struct console *console, void *data) {
	struct vnc_display *display = data;
	if (!display->console) {
		look_for_console(display);
	}
}

static void handle_client_console_removed(struct console *console, void *data) {
	struct vnc_display *display = data;
	if (console != display->console) {
		return;
	}
	screen_unobserve(&display->observer);
	display->console = NULL;
	picture_set_frame(&display->picture, NULL);
	display->impl->picture(display->data);
	display->impl->console(display->data);
}

static void handle_client_console_changed(struct console *console, void *data) {
	struct vnc_display *display = data;
	if (console == display->console) {
		display->impl->console(display->data);
	}
}

static void close_client(struct vnc_display *display) {
	if (display->console) {
		screen_unobserve(&display->observer);
		display->console = NULL;
	}
	if (display->is_ready && display->impl->client) {
		display->impl->client(display->data, NULL);
	}
	display->is_ready = false;
	update_sound(display);
	clipboard_destroy(display->clipboard);
	display->clipboard = NULL;
	display_client_destroy(display->client);
	display->client = NULL;
}

static void handle_client_lost(struct display_client *client, const char *reason, void *data) {
	struct vnc_display *display = data;
	log_debug("the display connection is lost: %s", reason);
	close_client(display);
	display->impl->console(display->data);
	display->impl->lost(display->data, reason);
}

static const struct display_client_impl client_impl = {
	.ready = handle_client_ready,
	.console_added = handle_client_console_added,
	.console_removed = handle_client_console_removed,
	.console_changed = handle_client_console_changed,
	.lost = handle_client_lost,
};

bool vnc_display_init(struct vnc_display *display, sd_event *event, uint32_t head,
	const struct vnc_display_impl *impl, void *data) {
	*display = (struct vnc_display){.event = event, .head = head, .impl = impl, .data = data};
	return picture_init(&display->picture);
}

void vnc_display_finish(struct vnc_display *display) {
	close_client(display);
	picture_finish(&display->picture);
}

bool vnc_display_open(struct vnc_display *display, int fd) {
	close_client(display);
	display->client = display_client_create(display->event, fd, &client_impl, display);
	return display->client != NULL;
}

void vnc_display_take_damage(struct vnc_display *display, pixman_region32_t *out) {
	if (display->console) {
		screen_take_damage(&display->observer, out);
		picture_refresh(&display->picture, out);
	}
}

const struct screen *vnc_display_screen(const struct vnc_display *display) {
	return display->console ? &display->console->screen : NULL;
}
