#include "tests/synthetic/head.h"

#include <stdio.h>
#include <string.h>

#include "tests/synthetic/dmabuf.h"
#include "vm-display/frame.h"

static struct frame *create_frame(struct head *head, uint32_t width, uint32_t height) {
	if (head->options->path == SYNTHETIC_DMABUF) {
		return dmabuf_create(width, height, &head->pixels);
	}
	struct frame *frame = frame_create_owned(width, height, PIXMAN_x8r8g8b8);
	head->pixels = frame ? frame->map : NULL;
	return frame;
}

static bool set_mode(struct head *head, uint32_t width, uint32_t height) {
	struct frame *frame = create_frame(head, width, height);
	if (!frame) {
		fprintf(stderr, "synthetic-guest: no memory for %ux%u\n", width, height);
		return false;
	}
	head->frame = frame;
	head->picture.width = width;
	head->picture.height = height;
	struct pattern_rect all = {0, 0, width, height};
	pattern_paint(&head->options->pattern, &head->picture, &all, head->pixels,
		frame->planes[0].stride);
	screen_set_frame(&head->screen, frame);
	frame_unref(frame);
	return true;
}

static void set_cursor(struct head *head) {
	uint32_t pixels[16 * 16];
	for (int i = 0; i < 16 * 16; i++) {
		pixels[i] = i % 16 <= i / 16 ? 0xffff0000u : 0;
	}
	struct cursor_image *cursor = cursor_image_create(16, 16, 1, 2, pixels);
	screen_set_cursor(&head->screen, cursor);
	cursor_image_unref(cursor);
	screen_move_cursor(&head->screen, 20, 30, true);
}

bool head_init(struct head *head, const struct options *options, struct record *record,
	unsigned int index) {
	*head = (struct head){.options = options, .record = record, .index = index};
	head->picture.head = index;
	screen_init(&head->screen);
	if (options->cursor) {
		set_cursor(head);
	}
	return set_mode(head, options->modes[0].width, options->modes[0].height);
}

void head_finish(struct head *head) {
	screen_finish(&head->screen);
}

void head_paint_next(struct head *head) {
	const struct options *options = head->options;
	struct pattern_rect rects[2];
	head->picture.number++;
	if (options->mode_every && head->picture.number % options->mode_every == 0) {
		head->mode = (head->mode + 1) % options->mode_count;
		const struct synthetic_mode *mode = &options->modes[head->mode];
		set_mode(head, mode->width, mode->height);
		return;
	}
	int count = pattern_changes(&options->pattern, &head->picture, rects);
	for (int i = 0; i < count; i++) {
		pattern_paint(&options->pattern, &head->picture, &rects[i], head->pixels,
			head->frame->planes[0].stride);
	}
	for (int i = 0; i < count; i++) {
		screen_add_damage(
			&head->screen, rects[i].x, rects[i].y, rects[i].width, rects[i].height);
	}
	if (options->cursor) {
		screen_move_cursor(
			&head->screen, head->picture.number % 100, head->picture.number % 90, true);
	}
}

static void handle_key(void *data, uint32_t qnum, bool pressed) {
	struct head *head = data;
	record_write(head->record, "%u key %u %d", head->index, qnum, pressed);
}

static void handle_button(void *data, enum console_button button, bool pressed) {
	struct head *head = data;
	record_write(head->record, "%u button %d %d", head->index, button, pressed);
}

static void handle_move_to(void *data, uint32_t x, uint32_t y) {
	struct head *head = data;
	record_write(head->record, "%u move %u %u", head->index, x, y);
}

static void handle_move_by(void *data, int dx, int dy) {
	struct head *head = data;
	record_write(head->record, "%u motion %d %d", head->index, dx, dy);
}

static void handle_touch(void *data, enum console_touch kind, uint64_t slot, double x, double y) {
	struct head *head = data;
	record_write(head->record, "%u touch %d %u %.1f %.1f", head->index, kind,
		(unsigned int)slot, x, y);
}

static void handle_set_ui_info(
	void *data, uint16_t width_mm, uint16_t height_mm, uint32_t width, uint32_t height) {
	struct head *head = data;
	record_write(
		head->record, "%u ui %u %u %u %u", head->index, width, height, width_mm, height_mm);
	if (head->options->follow && width > 0 && height > 0 &&
		(width != head->picture.width || height != head->picture.height)) {
		set_mode(head, width, height);
	}
}

static void handle_listening(void *data, bool anybody) {
	struct head *head = data;
	record_write(head->record, "%u listening %d", head->index, anybody);
}

static const struct published_console_impl console_impl = {
	.key = handle_key,
	.button = handle_button,
	.move_to = handle_move_to,
	.move_by = handle_move_by,
	.touch = handle_touch,
	.set_ui_info = handle_set_ui_info,
	.listening = handle_listening,
};

void head_publish(struct head *head, struct publisher *publisher) {
	char label[32];
	snprintf(label, sizeof(label), "synthetic %u", head->index);
	struct published_console_info info = {
		.id = head->index,
		.label = label,
		.head = head->index,
		.mouse_absolute = !head->options->relative,
		.keeps_memory = head->options->path == SYNTHETIC_BYTES,
	};
	head->console = publisher_add_console(publisher, &info, &head->screen, &console_impl, head);
}

void head_unpublish(struct head *head) {
	publisher_remove_console(head->console);
	head->console = NULL;
}
