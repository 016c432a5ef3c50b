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
#include "tests/bench/pattern.h"
#include "tests/bench/process.h"
#include "util/log.h"
#include "vm-display/frame.h"
#include "vm-display/publisher.h"

#define KEY_SIDE 64 /* px: what a key inverts */

struct load {
	sd_event *event;
	struct publisher *publisher;
	struct screen screen;
	struct frame *frame;
	uint32_t *pattern;
	uint64_t interval; /* us */
	struct pattern_area area;
	uint32_t number; /* of pictures */
	uint32_t colour;
};

static void paint(struct load *load) {
	const struct pattern_area *area = &load->area;
	pattern_paint(load->pattern, area, load->number++, (uint8_t *)load->frame->data,
		load->frame->stride);
	screen_add_damage(&load->screen, area->x, area->y, area->width, area->height);
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

static void run(struct load *load, const char *folder) {
	static const struct published_console_info info = {.label = "load", .mouse_absolute = true};
	struct pattern_area area = load->area;
	load->area = pattern_area("full");
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
	struct load load = {.pattern = pattern_create(),
		.frame = frame_create_owned(PATTERN_WIDTH, PATTERN_HEIGHT, PIXMAN_x8r8g8b8)};
	if (argc != 4 || !load.pattern || !load.frame || sd_event_default(&load.event) < 0) {
		bench_fail("usage: bench-vnc-load FOLDER full|tenth|still|key RATE");
	}
	log_init("bench-vnc-load", LOG_LEVEL_INFO);
	signal(SIGPIPE, SIG_IGN);
	load.area = pattern_area(argv[2]);
	load.interval = pattern_moves(argv[2]) ? 1000000 / strtoul(argv[3], NULL, 10) : 0;
	run(&load, argv[1]);
	return 0;
}
