#include "command.h"

#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include "picture.h"
#include "target.h"
#include "vm-display/publisher.h"

#define TIMEOUT_DEFAULT 30.0 /* s */
#define TIMEOUT_MIN 0.001
#define TIMEOUT_MAX 1e6
#define STILL_MAX 3600000 /* ms */

struct wait {
	struct target_choice choice;
	int still; /* ms; 0: for a change instead */
	bool changed;
	bool has_area;
	pixman_box32_t area; /* px, frame space */
	double timeout; /* s */
	struct target target;
	struct screen_observer observer;
	pixman_image_t *first; /* the picture that a change is told from */
	sd_event_source *timer; /* goes off when it was still for long enough */
	bool done, unreadable;
};

static struct wait *wait_of(struct screen_observer *observer) {
	return (struct wait *)((char *)observer - offsetof(struct wait, observer));
}

static int handle_still(sd_event_source *source, uint64_t usec, void *data) {
	struct wait *wait = data;
	wait->done = true;
	return 0;
}

static void start_still_timer(struct wait *wait) {
	if (!wait->timer) {
		sd_event_add_time_relative(wait->target.event, &wait->timer, CLOCK_MONOTONIC,
			(uint64_t)wait->still * 1000, 1000, handle_still, wait);
		return;
	}
	sd_event_source_set_time_relative(wait->timer, (uint64_t)wait->still * 1000);
	sd_event_source_set_enabled(wait->timer, SD_EVENT_ONESHOT);
}

/* Moves the damage that counts into `region`. */
static void take_damage(struct wait *wait, pixman_region32_t *region) {
	screen_take_damage(&wait->observer, region);
	if (wait->has_area) {
		pixman_region32_intersect_rect(region, region, wait->area.x1, wait->area.y1,
			(unsigned int)(wait->area.x2 - wait->area.x1),
			(unsigned int)(wait->area.y2 - wait->area.y1));
	}
}

static bool differs(struct wait *wait, pixman_region32_t *region) {
	int count;
	const pixman_box32_t *boxes = pixman_region32_rectangles(region, &count);
	for (int i = 0; i < count; i++) {
		if (picture_differs(wait->first, wait->observer.screen->frame, &boxes[i])) {
			return true;
		}
	}
	return false;
}

static void handle_damage(struct screen_observer *observer) {
	struct wait *wait = wait_of(observer);
	pixman_region32_t region;
	pixman_region32_init(&region);
	take_damage(wait, &region);
	if (wait->changed) {
		wait->done = wait->done || (wait->first && differs(wait, &region));
	} else if (pixman_region32_not_empty(&region)) {
		start_still_timer(wait);
	}
	pixman_region32_fini(&region);
}

static bool has_size(pixman_image_t *picture, const struct frame *frame) {
	return pixman_image_get_width(picture) == (int)frame->width &&
		pixman_image_get_height(picture) == (int)frame->height;
}

static void handle_frame(struct screen_observer *observer) {
	struct wait *wait = wait_of(observer);
	const struct frame *frame = observer->screen->frame;
	if (!frame) {
		/* Nothing is shown: that is no stillness. */
		wait->timer = sd_event_source_disable_unref(wait->timer);
		return;
	}
	if (wait->changed && !wait->first) {
		wait->first = picture_copy(frame);
	}
	if (wait->changed && (!wait->first || !has_size(wait->first, frame))) {
		wait->unreadable = !wait->first;
		wait->done = true;
		return;
	}
	handle_damage(observer);
}

static const struct screen_observer_impl observer_impl = {
	.frame = handle_frame,
	.damage = handle_damage,
};

static enum ctl_exit run_until_done(struct wait *wait) {
	target_set_timeout(&wait->target, wait->timeout);
	enum ctl_exit result = target_run(&wait->target, &wait->done);
	if (wait->unreadable) {
		return ctl_fail(CTL_FAILED, "%s: the picture can't be read", wait->target.name);
	}
	if (result != CTL_TIMEOUT) {
		return result;
	}
	const char *what = wait->changed ? "didn't change" : "was never still for so long";
	if (!wait->target.console->screen.frame) {
		what = "shows nothing";
	}
	return ctl_fail(result, "%s %s", wait->target.name, what);
}

static enum ctl_exit wait_on(struct ctl *ctl, struct wait *wait) {
	enum ctl_exit result =
		target_open(ctl, &wait->choice, PUBLISHER_VIEW, wait->timeout, &wait->target);
	if (result == CTL_OK) {
		struct console *console = wait->target.console;
		screen_observe(&console->screen, &wait->observer, &observer_impl);
		console_listen(console, true);
		result = run_until_done(wait);
		screen_unobserve(&wait->observer);
	}
	sd_event_source_disable_unref(wait->timer);
	if (wait->first) {
		pixman_image_unref(wait->first);
	}
	target_finish(&wait->target);
	return result;
}

/* "X,Y,WIDTH,HEIGHT" */
static bool parse_area(const char *text, struct wait *wait) {
	int x, y, width, height, end = 0;
	if (sscanf(text, "%5d,%5d,%5d,%5d%n", &x, &y, &width, &height, &end) != 4 ||
		text[end] != '\0' || x < 0 || y < 0 || width < 1 || height < 1) {
		return false;
	}
	wait->has_area = true;
	wait->area = (pixman_box32_t){x, y, x + width, y + height};
	return true;
}

static bool take_option(struct wait *wait, int option) {
	switch (option) {
	case 's':
		return parse_int(optarg, 1, STILL_MAX, &wait->still);
	case 'c':
		wait->changed = true;
		return true;
	case 'a':
		return parse_area(optarg, wait);
	case 't':
		return parse_double(optarg, TIMEOUT_MIN, TIMEOUT_MAX, &wait->timeout);
	default:
		return target_choice_take(&wait->choice, option);
	}
}

static enum ctl_exit run_wait(struct ctl *ctl, struct invocation *in) {
	static const struct option options[] = {TARGET_OPTIONS,
		{"still", required_argument, NULL, 's'}, {"changed", no_argument, NULL, 'c'},
		{"area", required_argument, NULL, 'a'}, {"timeout", required_argument, NULL, 't'},
		COMMAND_HELP_OPTION, {0}};
	struct wait wait = {.timeout = TIMEOUT_DEFAULT};
	int option;
	while ((option = command_next_option(in, options, false)) >= 0) {
		if (!take_option(&wait, option)) {
			return command_wrong(in, "%s doesn't fit", in->argv[optind - 1]);
		}
	}
	if (option != COMMAND_OPTIONS_END || command_check_operands(in, 0, 0) != CTL_OK) {
		return command_exit(option);
	}
	if (wait.changed == (wait.still > 0)) {
		return command_wrong(in, "either --still or --changed");
	}
	enum ctl_exit result = target_choice_check(&wait.choice, in);
	return result == CTL_OK ? wait_on(ctl, &wait) : result;
}

const struct command command_wait = {
	.name = "wait",
	.usage = "--still MS | --changed [--guest NAME[:HEAD] | --output NAME] [--timeout S]",
	.help = "Waits until a guest or an output (the focused one, if none is named) has shown\n"
		"the same for so many milliseconds, or until it shows something else than now.\n"
		"  --area X,Y,W,H  only this part counts, in pixels\n"
		"  --timeout S     give up after so many seconds, with exit status 3 (30)\n",
	.run = run_wait,
};
