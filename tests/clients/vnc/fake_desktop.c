/* A mullion of which only the displays are there, for tests of programs that show them: it answers
 * OpenDisplay and OpenSession for "desktop" and "guest:alpha" (whose keyboard is German), paints
 * what standard input says, and writes the input that comes back to standard output. */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "control/control.h"
#include "util/log.h"
#include "util/mem.h"
#include "vm-display/frame.h"
#include "vm-display/published_audio.h"
#include "vm-display/publisher.h"

struct fake_desktop {
	sd_event *event;
	struct control *control;
	struct publisher *publisher;
	struct published_console *console;
	struct screen screen;
	unsigned int sessions; /* opened so far */
	struct published_client *session; /* the last one; NULL: it is over */
	char kicked[CONTROL_SESSION_ID_SIZE];
	struct published_audio *sound;
	sd_event_source *piece; /* of a tone, when it is time for it */
	double angle, step; /* of the tone: radians, and for each frame */
	unsigned int pieces; /* to come */
};

#define TONE 7 /* the stream's id */
#define PIECE 480 /* frames: 10 ms */

static void handle_key(void *data, uint32_t qnum, bool pressed) {
	printf("key %u %d\n", qnum, pressed);
}

static void handle_button(void *data, enum console_button button, bool pressed) {
	printf("button %d %d\n", button, pressed);
}

static void handle_move_to(void *data, uint32_t x, uint32_t y) {
	printf("move %u %u\n", x, y);
}

static void handle_move_by(void *data, int dx, int dy) {
	printf("move-by %d %d\n", dx, dy);
}

static void handle_set_ui_info(
	void *data, uint16_t width_mm, uint16_t height_mm, uint32_t width, uint32_t height) {
	printf("size %u %u\n", width, height);
}

static void handle_listening(void *data, bool anybody) {
	printf("listening %d\n", anybody);
}

static const struct published_console_impl console_impl = {
	.key = handle_key,
	.button = handle_button,
	.move_to = handle_move_to,
	.move_by = handle_move_by,
	.set_ui_info = handle_set_ui_info,
	.listening = handle_listening,
};

static int open_display(void *data, const char *target, unsigned int rights, char **error) {
	struct fake_desktop *fake = data;
	printf("open %s %u\n", target, rights);
	if (strcmp(target, "desktop") != 0 && strcmp(target, "guest:alpha") != 0) {
		*error = xasprintf("there is no %s", target);
		return -1;
	}
	return publisher_open(fake->publisher, rights);
}

static void handle_session_ended(void *data, bool by_peer) {
	struct fake_desktop *fake = data;
	fake->session = NULL;
}

static int open_session(void *data, const struct control_session *session,
	char id[CONTROL_SESSION_ID_SIZE], char **error) {
	struct fake_desktop *fake = data;
	int fd;
	printf("session %s %s %s %s %s %s\n", session->server, session->protocol, session->user,
		session->address, session->target, session->renew);
	printf("open %s %u\n", session->target, session->rights);
	if (strcmp(session->target, "desktop") != 0 &&
		strcmp(session->target, "guest:alpha") != 0) {
		*error = xasprintf("there is no %s", session->target);
		return -1;
	}
	if (fake->kicked[0] && strcmp(session->renew, fake->kicked) == 0) {
		*error = xstrdup("kicked");
		return -1;
	}
	fake->session = publisher_open_watched(
		fake->publisher, session->rights, handle_session_ended, fake, &fd);
	snprintf(id, CONTROL_SESSION_ID_SIZE, "%08x", ++fake->sessions);
	return fake->session ? fd : -1;
}

/* The last session. */
static void kick(struct fake_desktop *fake) {
	snprintf(fake->kicked, sizeof(fake->kicked), "%08x", fake->sessions);
	published_client_hang_up(fake->session);
}

static bool list_guests(void *data, sd_bus_message *reply) {
	return sd_bus_message_append(
		       reply, "a{sv}", 2, "name", "s", "beta", "keyboard", "s", "fr") >= 0 &&
		sd_bus_message_append(reply, "a{sv}", 3, "pid", "u", 1, "name", "s", "alpha",
			"keyboard", "s", "de") >= 0;
}

static const struct control_impl control_impl = {
	.open_display = open_display,
	.open_session = open_session,
	.list_guests = list_guests,
};

static uint32_t pattern(uint32_t x, uint32_t y, uint32_t seed) {
	return ((x * 3 + seed * 31) & 255) << 16 | ((y * 5 + seed * 7) & 255) << 8 |
		((x / 8 ^ y / 8) & 255);
}

static void paint(struct frame *frame, uint32_t x, uint32_t y, uint32_t width, uint32_t height,
	uint32_t seed) {
	for (uint32_t row = y; row < y + height && row < frame->height; row++) {
		uint8_t *line = (uint8_t *)frame->data + (size_t)row * frame->stride;
		for (uint32_t column = x; column < x + width && column < frame->width; column++) {
			uint32_t pixel = pattern(column, row, seed);
			if (frame->format == PIXMAN_r5g6b5) {
				((uint16_t *)line)[column] = (pixel >> 19 & 31) << 11 |
					(pixel >> 10 & 63) << 5 | (pixel >> 3 & 31);
			} else {
				((uint32_t *)line)[column] = pixel;
			}
		}
	}
}

static uint32_t mixed(uint32_t x, uint32_t y, const char *kind, uint32_t count) {
	uint32_t index = strcmp(kind, "bars") == 0 ? (x / 9 + y / 3) % count
		: strcmp(kind, "dots") == 0        ? (x * 7 + y * 13 + x * y) % count
						   : (x * 2654435761u + y * 40503u) >> 8;
	return (index * 0x050b13) & 0xffffff;
}

/* `count` colours in bars or dots, or noise. */
static void draw(struct frame *frame, uint32_t x, uint32_t y, uint32_t width, uint32_t height,
	uint32_t count, const char *kind) {
	for (uint32_t row = y; row < y + height && row < frame->height; row++) {
		uint32_t *line = (uint32_t *)(frame->data + (size_t)row * frame->stride);
		for (uint32_t column = x; column < x + width && column < frame->width; column++) {
			line[column] = mixed(column, row, kind, count);
		}
	}
}

static void show(struct fake_desktop *fake, uint32_t width, uint32_t height, uint32_t seed,
	pixman_format_code_t format) {
	struct frame *frame = frame_create_owned(width, height, format);
	if (!frame) {
		fprintf(stderr, "no frame of %ux%u\n", width, height);
		exit(1);
	}
	paint(frame, 0, 0, width, height, seed);
	screen_set_frame(&fake->screen, frame);
	frame_unref(frame);
}

static void show_cursor(
	struct fake_desktop *fake, int width, int height, int hot_x, int hot_y, uint32_t pixel) {
	uint32_t pixels[CURSOR_SIDE_MAX * CURSOR_SIDE_MAX];
	for (int i = 0; i < width * height && i < CURSOR_SIDE_MAX * CURSOR_SIDE_MAX; i++) {
		pixels[i] = i == 0 ? 0 : pixel;
	}
	struct cursor_image *cursor = cursor_image_create(width, height, hot_x, hot_y, pixels);
	screen_set_cursor(&fake->screen, cursor);
	cursor_image_unref(cursor);
}

static int handle_piece(sd_event_source *source, uint64_t time, void *data) {
	struct fake_desktop *fake = data;
	int16_t samples[2 * PIECE];
	if (fake->pieces-- == 0) {
		published_audio_sink.end(fake->sound, TONE);
		fake->piece = sd_event_source_disable_unref(fake->piece);
		return 0;
	}
	for (int i = 0; i < PIECE; i++, fake->angle += fake->step) {
		samples[2 * i] = samples[2 * i + 1] = (int16_t)(10000 * sin(fake->angle));
	}
	published_audio_sink.write(fake->sound, TONE, samples, sizeof(samples));
	sd_event_source_set_time(source, time + 10000);
	sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	return 0;
}

static void play(struct fake_desktop *fake, unsigned int frequency, unsigned int pieces) {
	static const struct audio_format format = {.bits = 16,
		.is_signed = true,
		.big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__,
		.rate = 48000,
		.channels = 2};
	fake->step = 2 * M_PI * frequency / format.rate;
	fake->pieces = pieces;
	published_audio_sink.begin(fake->sound, TONE, &format);
	published_audio_sink.enable(fake->sound, TONE, true);
	sd_event_add_time_relative(
		fake->event, &fake->piece, CLOCK_MONOTONIC, 0, 1, handle_piece, fake);
}

static void plug(struct fake_desktop *fake) {
	static const struct published_console_info info = {.label = "fake", .mouse_absolute = true};
	fake->console =
		publisher_add_console(fake->publisher, &info, &fake->screen, &console_impl, fake);
}

static void obey(struct fake_desktop *fake, const char *line) {
	unsigned int a, b, c, d, e;
	char kind[8];
	if (sscanf(line, "show %u %u %u", &a, &b, &c) == 3) {
		show(fake, a, b, c, PIXMAN_x8r8g8b8);
	} else if (sscanf(line, "rgb16 %u %u %u", &a, &b, &c) == 3) {
		show(fake, a, b, c, PIXMAN_r5g6b5);
	} else if (sscanf(line, "paint %u %u %u %u %u", &a, &b, &c, &d, &e) == 5) {
		paint(fake->screen.frame, a, b, c, d, e);
		screen_add_damage(&fake->screen, a, b, c, d);
	} else if (sscanf(line, "draw %u %u %u %u %u %7s", &a, &b, &c, &d, &e, kind) == 6) {
		draw(fake->screen.frame, a, b, c, d, e, kind);
		screen_add_damage(&fake->screen, a, b, c, d);
	} else if (sscanf(line, "cursor %u %u %u %u %x", &a, &b, &c, &d, &e) == 5) {
		show_cursor(fake, a, b, c, d, e);
	} else if (sscanf(line, "at %u %u", &a, &b) == 2) {
		screen_move_cursor(&fake->screen, a, b, true);
	} else if (sscanf(line, "leds %u", &a) == 1) {
		published_console_set_leds(fake->console, a);
	} else if (sscanf(line, "absolute %u", &a) == 1) {
		published_console_set_mouse_absolute(fake->console, a);
	} else if (sscanf(line, "tone %u %u", &a, &b) == 2) {
		play(fake, a, b);
	} else if (strncmp(line, "off", 3) == 0) {
		screen_set_frame(&fake->screen, NULL);
	} else if (strncmp(line, "kick", 4) == 0) {
		kick(fake);
	} else if (strncmp(line, "unplug", 6) == 0) {
		publisher_remove_console(fake->console);
		fake->console = NULL;
	} else if (strncmp(line, "plug", 4) == 0) {
		plug(fake);
	} else {
		fprintf(stderr, "what is \"%s\"?\n", line);
		exit(1);
	}
	puts("done");
}

static int handle_command(sd_event_source *source, int fd, uint32_t events, void *data) {
	char line[256];
	if (!fgets(line, sizeof(line), stdin)) {
		return sd_event_exit(sd_event_source_get_event(source), 0);
	}
	obey(data, line);
	return 0;
}

static const struct published_audio_impl sound_impl = {0};

static void run(const char *folder) {
	struct fake_desktop fake = {0};
	sd_event_source *commands = NULL;
	screen_init(&fake.screen);
	if (sd_event_new(&fake.event) < 0 ||
		sd_event_add_io(fake.event, &commands, 0, EPOLLIN, handle_command, &fake) < 0) {
		exit(1);
	}
	fake.publisher =
		publisher_create(fake.event, "fake", "00000000-0000-0000-0000-000000000001");
	fake.sound = publisher_add_audio(fake.publisher, &sound_impl, NULL);
	plug(&fake);
	show(&fake, 640, 400, 1, PIXMAN_x8r8g8b8);
	fake.control = control_create(fake.event, folder, &control_impl, &fake);
	if (!fake.control) {
		exit(1);
	}
	puts("ready");
	sd_event_loop(fake.event);
	control_destroy(fake.control);
	publisher_destroy(fake.publisher);
	screen_set_frame(&fake.screen, NULL);
	screen_set_cursor(&fake.screen, NULL);
	screen_finish(&fake.screen);
	sd_event_source_unref(commands);
	sd_event_source_disable_unref(fake.piece);
	sd_event_unref(fake.event);
}

int main(int argc, char **argv) {
	if (argc != 2) {
		fputs("usage: fake_desktop FOLDER\n", stderr);
		return 2;
	}
	log_init("fake_desktop", LOG_LEVEL_INFO);
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdin, NULL, _IONBF, 0); /* else lines would wait in it unseen by the event loop */
	setvbuf(stdout, NULL, _IOLBF, 0);
	run(argv[1]);
	return 0;
}
