#include "compositor/publish.h"

#include <linux/input-event-codes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_output.h>

#include "compositor/config.h"
#include "compositor/desktop_clipboard.h"
#include "compositor/guests.h"
#include "compositor/mirror.h"
#include "compositor/output.h"
#include "compositor/server.h"
#include "compositor/sound.h"
#include "keys/qnum.h"
#include "util/log.h"
#include "util/mem.h"
#include "vm-display/publisher.h"

#define SIDE_MAX 8192 /* px, of what a listener may ask for */

struct publish {
	struct server *server;
	struct publisher *desktop; /* NULL until somebody asked for it */
	struct cursor_image *cursor; /* NULL: hidden */
	double cursor_lx, cursor_ly; /* logical px */
	struct wl_list outputs; /* published_output.link */
	struct wl_listener output_added, output_removed;
};

struct published_output;

/* One place where an output's mirror is published. */
struct outlet {
	struct published_output *output;
	struct published_console *console;
	bool listened;
};

struct published_output {
	struct publish *publish;
	struct output *output;
	unsigned int id; /* console number on the desktop */
	struct publisher *own; /* NULL until somebody asked for it */
	struct outlet own_outlet, desktop_outlet;
	struct wl_list link; /* publish.outputs */
};

static void handle_key(void *data, uint32_t qnum, bool pressed) {
	struct outlet *outlet = data;
	uint32_t evdev = evdev_from_qnum(qnum);
	if (evdev) {
		seat_remote_key(outlet->output->publish->server->seat, evdev, pressed);
	}
}

static void handle_button(void *data, enum console_button button, bool pressed) {
	static const uint32_t codes[] = {
		[CONSOLE_BUTTON_LEFT] = BTN_LEFT,
		[CONSOLE_BUTTON_MIDDLE] = BTN_MIDDLE,
		[CONSOLE_BUTTON_RIGHT] = BTN_RIGHT,
		[CONSOLE_BUTTON_SIDE] = BTN_SIDE,
		[CONSOLE_BUTTON_EXTRA] = BTN_EXTRA,
	};
	struct outlet *outlet = data;
	struct seat *seat = outlet->output->publish->server->seat;
	if (button == CONSOLE_BUTTON_WHEEL_UP || button == CONSOLE_BUTTON_WHEEL_DOWN) {
		if (pressed) {
			seat_remote_wheel(seat, button == CONSOLE_BUTTON_WHEEL_UP ? 1 : -1);
		}
		return;
	}
	seat_remote_button(seat, codes[button], pressed);
}

static void handle_move_to(void *data, uint32_t x, uint32_t y) {
	struct outlet *outlet = data;
	const struct output *output = outlet->output->output;
	seat_remote_move_to(outlet->output->publish->server->seat,
		output->box.x + x / output->wlr->scale, output->box.y + y / output->wlr->scale);
}

static void handle_move_by(void *data, int dx, int dy) {
	struct outlet *outlet = data;
	seat_remote_move_by(outlet->output->publish->server->seat, dx, dy);
}

/* A listener's window has another size: its headless output follows, and no other. */
static void handle_set_ui_info(
	void *data, uint16_t width_mm, uint16_t height_mm, uint32_t width, uint32_t height) {
	struct outlet *outlet = data;
	struct output *output = outlet->output->output;
	if (width < 1 || height < 1 || width > SIDE_MAX || height > SIDE_MAX) {
		return;
	}
	struct control_output_change change = config_no_output_change();
	change.width = width;
	change.height = height;
	char *error = NULL;
	if (!output_configure(output, &change, &error)) {
		log_info("output %s: %s", output->wlr->name, error);
		free(error);
	}
}

static void place_cursor(struct published_output *output) {
	struct publish *publish = output->publish;
	const struct wlr_box *box = &output->output->box;
	double x = publish->cursor_lx - box->x, y = publish->cursor_ly - box->y;
	bool inside = x >= 0 && y >= 0 && x < box->width && y < box->height;
	float scale = output->output->wlr->scale;
	struct screen *screen = &output->output->mirror->screen;
	screen_move_cursor(screen, inside ? lround(x * scale) : screen->cursor_x,
		inside ? lround(y * scale) : screen->cursor_y, inside && publish->cursor);
}

static void handle_listening(void *data, bool anybody) {
	struct outlet *outlet = data;
	if (outlet->listened == anybody) {
		return;
	}
	outlet->listened = anybody;
	struct mirror *mirror = outlet->output->output->mirror;
	if (anybody) {
		mirror_add_listener(mirror);
	} else {
		mirror_remove_listener(mirror);
	}
}

/* Whoever sits before a monitor, or has the window, decides on its size: SetUIInfo is refused. */
static const struct published_console_impl monitor_impl = {
	.key = handle_key,
	.button = handle_button,
	.move_to = handle_move_to,
	.move_by = handle_move_by,
	.listening = handle_listening,
};

static const struct published_console_impl headless_impl = {
	.key = handle_key,
	.button = handle_button,
	.move_to = handle_move_to,
	.move_by = handle_move_by,
	.set_ui_info = handle_set_ui_info,
	.listening = handle_listening,
};

static void open_outlet(struct outlet *outlet, struct published_output *output,
	struct publisher *publisher, unsigned int id) {
	struct published_console_info info = {
		.id = id, .label = output->output->wlr->name, .head = id, .mouse_absolute = true};
	outlet->output = output;
	outlet->console = publisher_add_console(publisher, &info, &output->output->mirror->screen,
		output_is_headless(output->output) ? &headless_impl : &monitor_impl, outlet);
}

static void close_outlet(struct outlet *outlet) {
	publisher_remove_console(outlet->console);
	outlet->console = NULL;
	if (outlet->listened) {
		handle_listening(outlet, false);
	}
}

static unsigned int free_id(struct publish *publish) {
	for (unsigned int id = 0;; id++) {
		bool taken = false;
		struct published_output *output;
		wl_list_for_each (output, &publish->outputs, link) {
			taken |= output->id == id;
		}
		if (!taken) {
			return id;
		}
	}
}

static void handle_output_added(struct wl_listener *listener, void *data) {
	struct publish *publish = wl_container_of(listener, publish, output_added);
	struct published_output *output = xcalloc(1, sizeof(*output));
	output->publish = publish;
	output->output = data;
	output->id = free_id(publish);
	wl_list_insert(publish->outputs.prev, &output->link);
	screen_set_cursor(&output->output->mirror->screen, publish->cursor);
	if (publish->desktop) {
		open_outlet(&output->desktop_outlet, output, publish->desktop, output->id);
	}
}

static void published_output_destroy(struct published_output *output) {
	if (output->desktop_outlet.console) {
		close_outlet(&output->desktop_outlet);
	}
	if (output->own_outlet.console) {
		close_outlet(&output->own_outlet);
	}
	publisher_destroy(output->own);
	wl_list_remove(&output->link);
	free(output);
}

static struct published_output *find_output(struct publish *publish, const struct output *output) {
	struct published_output *published;
	wl_list_for_each (published, &publish->outputs, link) {
		if (published->output == output) {
			return published;
		}
	}
	return NULL;
}

static void handle_output_removed(struct wl_listener *listener, void *data) {
	struct publish *publish = wl_container_of(listener, publish, output_removed);
	struct published_output *output = find_output(publish, data);
	if (output) {
		published_output_destroy(output);
	}
}

struct publish *publish_create(struct server *server) {
	struct publish *publish = xcalloc(1, sizeof(*publish));
	publish->server = server;
	wl_list_init(&publish->outputs);
	publish->output_added.notify = handle_output_added;
	wl_signal_add(&server->outputs->events.added, &publish->output_added);
	publish->output_removed.notify = handle_output_removed;
	wl_signal_add(&server->outputs->events.removed, &publish->output_removed);
	return publish;
}

void publish_destroy(struct publish *publish) {
	if (!publish) {
		return;
	}
	struct published_output *output, *tmp;
	wl_list_for_each_safe (output, tmp, &publish->outputs, link) {
		published_output_destroy(output);
	}
	publisher_destroy(publish->desktop);
	wl_list_remove(&publish->output_added.link);
	wl_list_remove(&publish->output_removed.link);
	cursor_image_unref(publish->cursor);
	free(publish);
}

static struct publisher *need_desktop(struct publish *publish) {
	if (!publish->desktop) {
		publish->desktop = publisher_create(publish->server->event, "desktop", "");
		sound_publish(publish->server->sound, publish->desktop);
		desktop_clipboard_publish(publish->server->clipboard, publish->desktop);
		struct published_output *output;
		wl_list_for_each (output, &publish->outputs, link) {
			open_outlet(&output->desktop_outlet, output, publish->desktop, output->id);
		}
	}
	return publish->desktop;
}

static struct publisher *need_output(struct publish *publish, const char *name, char **error) {
	struct output *wanted = output_by_name(publish->server->outputs, name);
	struct published_output *output = wanted ? find_output(publish, wanted) : NULL;
	if (!output) {
		*error = xasprintf("there is no output '%s'", name);
		return NULL;
	}
	if (!output->own) {
		output->own = publisher_create(publish->server->event, name, "");
		sound_publish(publish->server->sound, output->own);
		desktop_clipboard_publish(publish->server->clipboard, output->own);
		open_outlet(&output->own_outlet, output, output->own, 0);
	}
	return output->own;
}

struct publisher *publish_find(struct publish *publish, const char *target, char **error) {
	if (strcmp(target, "desktop") == 0) {
		return need_desktop(publish);
	}
	if (strncmp(target, "output:", 7) == 0) {
		return need_output(publish, target + 7, error);
	}
	if (strncmp(target, "guest:", 6) == 0) {
		struct managed_guest *guest = guests_find(publish->server->guests, target + 6);
		if (guest) {
			return guests_publisher(guest);
		}
		*error = xasprintf("there is no guest '%s'", target + 6);
		return NULL;
	}
	*error =
		xasprintf("'%s' is no target: expected desktop, output:NAME or guest:NAME", target);
	return NULL;
}

int publish_open(struct publish *publish, const char *target, unsigned int rights, char **error) {
	struct publisher *publisher = publish_find(publish, target, error);
	int fd = publisher ? publisher_open(publisher, rights) : -1;
	if (publisher && fd < 0) {
		*error = xstrdup("the display can't be opened; see mullion's log");
	}
	return fd;
}

void publish_cursor_image(struct publish *publish, struct cursor_image *image) {
	if (!publish) {
		return;
	}
	cursor_image_ref(image);
	cursor_image_unref(publish->cursor);
	publish->cursor = image;
	struct published_output *output;
	wl_list_for_each (output, &publish->outputs, link) {
		if (image) {
			screen_set_cursor(&output->output->mirror->screen, image);
		}
		place_cursor(output);
	}
}

void publish_cursor_position(struct publish *publish, double lx, double ly) {
	if (!publish) {
		return;
	}
	publish->cursor_lx = lx;
	publish->cursor_ly = ly;
	struct published_output *output;
	wl_list_for_each (output, &publish->outputs, link) {
		place_cursor(output);
	}
}
