/* A desktop to be served: paints a picture of flat areas, text and a noisy gradient into shared
 * memory, all of it new or a tenth of it, at a fixed pace; or it waits for keys. It stands in for
 * mullion, whose own work isn't measured here.
 *
 * usage: bench-vnc-load FOLDER full|tenth|still|key RATE */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/control.h"
#include "tests/bench/process.h"
#include "util/log.h"
#include "vm-display/frame.h"
#include "vm-display/publisher.h"

#define WIDTH 1920
#define HEIGHT 1080
#define KEY_SIDE 64 /* px: what a key inverts */

struct load {
	sd_event *event;
	struct publisher *publisher;
	struct screen screen;
	struct frame *frame;
	uint32_t *base; /* the picture before anything is added to it */
	uint64_t interval; /* us */
	pixman_box32_t area; /* px, that changes */
	uint32_t number; /* of pictures */
	uint32_t colour;
};

static uint32_t next_random(uint32_t *state) {
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static void paint_text(uint32_t *base, uint32_t *state) {
	for (int y = HEIGHT / 10 + 8; y + 14 < HEIGHT * 9 / 10; y += 16) {
		for (int x = WIDTH / 20 + 8; x + 9 < WIDTH * 11 / 20; x += 9) {
			if (next_random(state) % 6 == 0) {
				continue;
			}
			for (int row = 0; row < 12; row++) {
				uint32_t bits = next_random(state) & next_random(state);
				for (int column = 0; column < 7; column++) {
					if (bits >> column & 1) {
						base[(y + row) * WIDTH + x + column] = 0x101010;
					}
				}
			}
		}
	}
}

static void paint_gradient(uint32_t *base, uint32_t *state) {
	for (int y = HEIGHT * 3 / 10; y < HEIGHT * 7 / 10; y++) {
		for (int x = WIDTH * 6 / 10; x < WIDTH * 19 / 20; x++) {
			uint32_t noise = next_random(state);
			uint32_t red = 40 + x * 120 / WIDTH + (noise & 7);
			uint32_t green = 30 + y * 120 / HEIGHT + (noise >> 3 & 7);
			uint32_t blue = 60 + (x + y) * 60 / (WIDTH + HEIGHT) + (noise >> 6 & 7);
			base[y * WIDTH + x] = red << 16 | green << 8 | blue;
		}
	}
}

/* No channel is above 191, so that 63 can be added to each. */
static uint32_t *make_base(void) {
	uint32_t *base = calloc((size_t)WIDTH * HEIGHT, sizeof(*base)), state = 42;
	for (int i = 0; base && i < WIDTH * HEIGHT; i++) {
		int x = i % WIDTH, y = i / WIDTH;
		bool paper = y >= HEIGHT / 10 && y < HEIGHT * 9 / 10 && x >= WIDTH / 20 &&
			x < WIDTH * 11 / 20;
		base[i] = paper ? 0xb8b8b8 : 0x203040;
	}
	if (base) {
		paint_text(base, &state);
		paint_gradient(base, &state);
	}
	return base;
}

static void paint(struct load *load) {
	uint32_t add = load->number++ % 64 * 0x010101;
	for (int y = load->area.y1; y < load->area.y2; y++) {
		uint32_t *to = (uint32_t *)(load->frame->data + (size_t)y * load->frame->stride);
		const uint32_t *from = load->base + (size_t)y * WIDTH;
		for (int x = load->area.x1; x < load->area.x2; x++) {
			to[x] = from[x] + add;
		}
	}
	screen_add_damage(&load->screen, load->area.x1, load->area.y1,
		load->area.x2 - load->area.x1, load->area.y2 - load->area.y1);
}

static int handle_timer(sd_event_source *source, uint64_t time, void *data) {
	struct load *load = data;
	paint(load);
	sd_event_source_set_time(source, time + load->interval);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static void handle_key(void *data, uint32_t qnum, bool pressed) {
	struct load *load = data;
	load->colour ^= pressed ? 0xffffff : 0;
	for (int y = 0; y < KEY_SIDE && pressed; y++) {
		uint32_t *to = (uint32_t *)(load->frame->data + (size_t)y * load->frame->stride);
		for (int x = 0; x < KEY_SIDE; x++) {
			to[x] = load->colour;
		}
	}
	screen_add_damage(&load->screen, 0, 0, pressed ? KEY_SIDE : 0, KEY_SIDE);
}

static const struct published_console_impl console_impl = {.key = handle_key};

static int open_display(void *data, const char *target, unsigned int rights, char **error) {
	return publisher_open(((struct load *)data)->publisher, rights);
}

static int open_session(void *data, const struct control_session *session,
	char id[CONTROL_SESSION_ID_SIZE], char **error) {
	snprintf(id, CONTROL_SESSION_ID_SIZE, "1");
	return publisher_open(((struct load *)data)->publisher, session->rights);
}

static bool list_guests(void *data, sd_bus_message *reply) {
	return true;
}

static const struct control_impl control_impl = {
	.open_display = open_display, .open_session = open_session, .list_guests = list_guests};

static void set_mode(struct load *load, const char *mode, const char *rate) {
	load->area = (pixman_box32_t){0, 0, WIDTH, HEIGHT};
	if (strcmp(mode, "tenth") == 0) {
		int x = WIDTH * 2 / 5, y = HEIGHT * 7 / 20;
		load->area =
			(pixman_box32_t){x, y, x + WIDTH * 316 / 1000, y + HEIGHT * 316 / 1000};
	}
	bool moves = strcmp(mode, "full") == 0 || strcmp(mode, "tenth") == 0;
	load->interval = moves && atoi(rate) > 0 ? 1000000 / (uint64_t)atoi(rate) : 0;
}

static void run(struct load *load, const char *folder) {
	static const struct published_console_info info = {.label = "load", .mouse_absolute = true};
	pixman_box32_t area = load->area;
	load->area = (pixman_box32_t){0, 0, WIDTH, HEIGHT};
	screen_init(&load->screen);
	screen_set_frame(&load->screen, load->frame);
	paint(load);
	load->area = area;
	load->publisher =
		publisher_create(load->event, "load", "00000000-0000-0000-0000-000000000002");
	publisher_add_console(load->publisher, &info, &load->screen, &console_impl, load);
	struct control *control = control_create(load->event, folder, &control_impl, load);
	if (!control ||
		(load->interval > 0 &&
			sd_event_add_time_relative(load->event, NULL, CLOCK_MONOTONIC,
				load->interval, 1, handle_timer, load) < 0)) {
		bench_fail("bench-vnc-load: can't start");
	}
	sd_event_loop(load->event);
}

int main(int argc, char **argv) {
	struct load load = {
		.base = make_base(), .frame = frame_create_owned(WIDTH, HEIGHT, PIXMAN_x8r8g8b8)};
	if (argc != 4 || !load.base || !load.frame || sd_event_default(&load.event) < 0) {
		bench_fail("usage: bench-vnc-load FOLDER full|tenth|still|key RATE");
	}
	log_init("bench-vnc-load", LOG_LEVEL_INFO);
	signal(SIGPIPE, SIG_IGN);
	set_mode(&load, argv[2], argv[3]);
	run(&load, argv[1]);
	return 0;
}
