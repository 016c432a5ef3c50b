#include "fake_display.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "util/mem.h"
#include "vm-display/frame.h"
#include "vm-display/publisher.h"

#define SCREENS 5
#define START_TIME 300000 /* µs */
#define ANIMATION_STEPS 25
#define ANIMATION_STEP 40000 /* µs */

struct fake_screen {
	const char *name; /* in the lines about input */
	struct screen screen;
	struct published_console *console;
};

struct fake_display {
	sd_event *event;
	struct publisher *output, *debian, *uefi, *late, *off;
	struct fake_screen screens[SCREENS]; /* fake-1, debian:0, debian:1, uefi, late */
	unsigned int changes, steps;
	sd_event_source *animation;
	sd_event_source *start; /* of "late", whose console comes after it was asked for */
};

static void handle_key(void *data, uint32_t qnum, bool pressed) {
	struct fake_screen *screen = data;
	printf("%s key %#x %d\n", screen->name, qnum, pressed);
}

static void handle_button(void *data, enum console_button button, bool pressed) {
	struct fake_screen *screen = data;
	printf("%s button %d %d\n", screen->name, button, pressed);
}

static void handle_move_to(void *data, uint32_t x, uint32_t y) {
	struct fake_screen *screen = data;
	printf("%s move %u %u\n", screen->name, x, y);
}

static const struct published_console_impl console_impl = {
	.key = handle_key,
	.button = handle_button,
	.move_to = handle_move_to,
};

/* tests/unit/control/test_mullionctl.py knows this pattern too. */
static struct frame *paint_pattern(uint32_t width, uint32_t height) {
	struct frame *frame = frame_create_owned(width, height, PIXMAN_x8r8g8b8);
	for (uint32_t y = 0; y < height; y++) {
		uint32_t *row = (uint32_t *)(uintptr_t)(frame->data + y * frame->stride);
		for (uint32_t x = 0; x < width; x++) {
			row[x] = 0xff000000u | (x * 3) << 16 | (y * 4) << 8 | (width + x + y);
		}
	}
	return frame;
}

static void add_screen(struct fake_display *display, int index, struct publisher *publisher,
	const char *name, uint32_t head, uint32_t width, uint32_t height) {
	struct fake_screen *screen = &display->screens[index];
	screen->name = name;
	screen_init(&screen->screen);
	if (width > 0) {
		struct frame *frame = paint_pattern(width, height);
		screen_set_frame(&screen->screen, frame);
		frame_unref(frame);
	}
	struct published_console_info info = {
		.id = head, .label = name, .head = head, .mouse_absolute = index != 2};
	screen->console =
		publisher_add_console(publisher, &info, &screen->screen, &console_impl, screen);
}

static void add_cursor(struct screen *screen) {
	uint32_t pixels[4 * 4];
	for (size_t i = 0; i < 16; i++) {
		pixels[i] = i < 8 ? 0xffff0000u : 0x80800000u;
	}
	struct cursor_image *cursor = cursor_image_create(4, 4, 1, 2, pixels);
	screen_set_cursor(screen, cursor);
	cursor_image_unref(cursor);
	screen_move_cursor(screen, 20, 30, true);
}

struct fake_display *fake_display_create(sd_event *event) {
	struct fake_display *display = xcalloc(1, sizeof(*display));
	display->event = event;
	display->output = publisher_create(event, "fake-1", "00000000-0000-0000-0000-000000000001");
	display->debian = publisher_create(event, "debian", "00000000-0000-0000-0000-000000000002");
	display->uefi = publisher_create(event, "uefi", "00000000-0000-0000-0000-000000000003");
	add_screen(display, 0, display->output, "fake-1", 0, 64, 48);
	add_screen(display, 1, display->debian, "debian:0", 0, 80, 60);
	add_screen(display, 2, display->debian, "debian:1", 1, 40, 30);
	display->late = publisher_create(event, "late", "00000000-0000-0000-0000-000000000004");
	display->off = publisher_create(event, "off", "00000000-0000-0000-0000-000000000005");
	add_screen(display, 3, display->uefi, "uefi", 0, 0, 0);
	screen_init(&display->screens[4].screen);
	add_cursor(&display->screens[0].screen);
	return display;
}

void fake_display_destroy(struct fake_display *display) {
	sd_event_source_disable_unref(display->animation);
	sd_event_source_disable_unref(display->start);
	publisher_destroy(display->output);
	publisher_destroy(display->debian);
	publisher_destroy(display->uefi);
	publisher_destroy(display->late);
	publisher_destroy(display->off);
	for (int i = 0; i < SCREENS; i++) {
		screen_finish(&display->screens[i].screen);
	}
	free(display);
}

static int handle_start(sd_event_source *source, uint64_t usec, void *data) {
	struct fake_display *display = data;
	add_screen(display, 4, display->late, "late", 0, 32, 24);
	return 0;
}

int fake_display_open(
	struct fake_display *display, const char *target, unsigned int rights, char **error) {
	printf("open_display %s %u\n", target, rights);
	struct publisher *publisher = NULL;
	if (strcmp(target, "output:fake-1") == 0) {
		publisher = display->output;
	} else if (strcmp(target, "guest:debian") == 0) {
		publisher = display->debian;
	} else if (strcmp(target, "guest:uefi") == 0) {
		publisher = display->uefi;
	} else if (strcmp(target, "guest:late") == 0) {
		publisher = display->late;
		sd_event_add_time_relative(display->event, &display->start, CLOCK_MONOTONIC,
			START_TIME, 0, handle_start, display);
	} else if (strcmp(target, "guest:off") == 0) {
		publisher = display->off;
	}
	if (!publisher) {
		*error = xasprintf("there is no target \"%s\"", target);
		return -1;
	}
	return publisher_open(publisher, rights);
}

void fake_display_change(struct fake_display *display) {
	struct screen *screen = &display->screens[1].screen;
	display->changes++;
	for (uint32_t y = 10; y < 30; y++) {
		uint32_t *row =
			(uint32_t *)(uintptr_t)(screen->frame->data + y * screen->frame->stride);
		for (uint32_t x = 10; x < 30; x++) {
			row[x] = 0xff000000u | display->changes * 0x010305;
		}
	}
	screen_add_damage(screen, 10, 10, 20, 20);
}

void fake_display_damage(struct fake_display *display) {
	screen_add_damage(&display->screens[1].screen, 0, 0, 80, 60);
}

static int handle_animation(sd_event_source *source, uint64_t usec, void *data) {
	struct fake_display *display = data;
	fake_display_change(display);
	if (++display->steps < ANIMATION_STEPS) {
		sd_event_source_set_time_relative(source, ANIMATION_STEP);
		sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	} else {
		puts("animation ended");
	}
	return 0;
}

void fake_display_animate(struct fake_display *display) {
	display->steps = 0;
	display->animation = sd_event_source_disable_unref(display->animation);
	sd_event_add_time_relative(display->event, &display->animation, CLOCK_MONOTONIC,
		ANIMATION_STEP, 0, handle_animation, display);
}
