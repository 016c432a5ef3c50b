#include "command.h"

#include <stddef.h>

#include "picture.h"
#include "target.h"
#include "vm-display/publisher.h"

#define TIMEOUT_DEFAULT 10.0 /* s */
#define TIMEOUT_MIN 0.001
#define TIMEOUT_MAX 1e6
#define CURSOR_TIMEOUT 0.5 /* s: a screen need not have a cursor */

struct screenshot {
	struct target_choice choice;
	bool cursor;
	double timeout; /* s */
	struct target target;
	struct screen_observer observer;
	bool has_frame, has_cursor;
};

static void look(struct screen_observer *observer) {
	struct screenshot *shot =
		(struct screenshot *)((char *)observer - offsetof(struct screenshot, observer));
	const struct screen *screen = observer->screen;
	shot->has_frame = screen->frame != NULL;
	shot->has_cursor = screen->cursor != NULL && screen->cursor_visible;
}

static const struct screen_observer_impl observer_impl = {
	.frame = look,
	.cursor_image = look,
	.cursor_position = look,
};

static enum ctl_exit write_picture(struct screenshot *shot, const char *path) {
	struct screen *screen = &shot->target.console->screen;
	pixman_image_t *picture = picture_copy(screen->frame);
	if (!picture) {
		return ctl_fail(CTL_FAILED, "%s: the picture can't be read", shot->target.name);
	}
	if (shot->cursor) {
		picture_add_cursor(picture, screen);
	}
	bool written = picture_write_png(picture, path);
	pixman_image_unref(picture);
	return written ? CTL_OK : CTL_FAILED;
}

static enum ctl_exit wait_for_picture(struct screenshot *shot) {
	target_set_timeout(&shot->target, shot->timeout);
	enum ctl_exit result = target_run(&shot->target, &shot->has_frame);
	if (result == CTL_TIMEOUT) {
		return ctl_fail(result, "%s shows nothing", shot->target.name);
	}
	if (result == CTL_OK && shot->cursor) {
		target_set_timeout(&shot->target, CURSOR_TIMEOUT);
		result = target_run(&shot->target, &shot->has_cursor);
		if (result == CTL_TIMEOUT) {
			result = shot->has_frame
				? CTL_OK
				: ctl_fail(result, "%s shows nothing", shot->target.name);
		}
	}
	return result;
}

static enum ctl_exit take(struct ctl *ctl, struct screenshot *shot, const char *path) {
	enum ctl_exit result =
		target_open(ctl, &shot->choice, PUBLISHER_VIEW, shot->timeout, &shot->target);
	if (result == CTL_OK) {
		struct console *console = shot->target.console;
		screen_observe(&console->screen, &shot->observer, &observer_impl);
		console_listen(console, true);
		look(&shot->observer);
		result = wait_for_picture(shot);
		if (result == CTL_OK) {
			result = write_picture(shot, path);
		}
		screen_unobserve(&shot->observer);
	}
	target_finish(&shot->target);
	return result;
}

static bool take_option(struct screenshot *shot, int option) {
	if (option == 'c') {
		shot->cursor = true;
		return true;
	}
	if (option == 't') {
		return parse_double(optarg, TIMEOUT_MIN, TIMEOUT_MAX, &shot->timeout);
	}
	return target_choice_take(&shot->choice, option);
}

static enum ctl_exit run_screenshot(struct ctl *ctl, struct invocation *in) {
	static const struct option options[] = {TARGET_OPTIONS, {"cursor", no_argument, NULL, 'c'},
		{"timeout", required_argument, NULL, 't'}, COMMAND_HELP_OPTION, {0}};
	struct screenshot shot = {.timeout = TIMEOUT_DEFAULT};
	int option;
	while ((option = command_next_option(in, options, false)) >= 0) {
		if (!take_option(&shot, option)) {
			return command_wrong(in, "the time-out is a number of seconds");
		}
	}
	if (option != COMMAND_OPTIONS_END || command_check_operands(in, 1, 1) != CTL_OK) {
		return command_exit(option);
	}
	enum ctl_exit result = target_choice_check(&shot.choice, in);
	return result == CTL_OK ? take(ctl, &shot, in->operands[0]) : result;
}

const struct command command_screenshot = {
	.name = "screenshot",
	.usage = "[--guest NAME[:HEAD] | --output NAME] [--cursor] FILE.png",
	.help = "Writes what a guest or an output (the focused one, if none is named) shows, as\n"
		"PNG; \"-\" is standard output.\n"
		"  --cursor     with the pointer\n"
		"  --timeout S  how long to wait for a picture (10)\n",
	.run = run_screenshot,
};
