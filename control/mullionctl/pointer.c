/* The commands "click" and "scroll". */
#include "command.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "target.h"
#include "vm-display/frame.h"
#include "vm-display/publisher.h"

#define GAP 30000 /* µs: programs tell a press from the motion before it, and from the next */
#define SCROLL_MAX 1000
#define PICTURE_TIMEOUT 10 /* s */

struct pointing {
	struct target_choice choice;
	enum console_button button;
	bool twice;
	struct target target;
	struct screen_observer observer;
	bool has_picture;
};

static bool parse_button(const char *name, enum console_button *button) {
	static const char *const names[] = {[CONSOLE_BUTTON_LEFT] = "left",
		[CONSOLE_BUTTON_MIDDLE] = "middle",
		[CONSOLE_BUTTON_RIGHT] = "right"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], name) == 0) {
			*button = (enum console_button)i;
			return true;
		}
	}
	return false;
}

static enum ctl_exit open_pointer(struct ctl *ctl, struct pointing *pointing) {
	enum ctl_exit result = target_open(ctl, &pointing->choice,
		PUBLISHER_VIEW | PUBLISHER_CONTROL, TARGET_OPEN_TIMEOUT, &pointing->target);
	if (result == CTL_OK && !pointing->target.console->has_mouse) {
		result = ctl_fail(CTL_FAILED, "%s has no pointer", pointing->target.name);
	}
	return result;
}

static void finish(struct pointing *pointing) {
	screen_unobserve(&pointing->observer);
	target_finish(&pointing->target);
}

static void look(struct screen_observer *observer) {
	struct pointing *pointing =
		(struct pointing *)((char *)observer - offsetof(struct pointing, observer));
	pointing->has_picture = observer->screen->frame != NULL;
}

static const struct screen_observer_impl observer_impl = {.frame = look};

/* A place means something only in a picture of known size, which exists while somebody looks. */
static enum ctl_exit check_place(struct pointing *pointing, int x, int y) {
	struct target *target = &pointing->target;
	struct screen *screen = &target->console->screen;
	if (!pointing->observer.screen) {
		screen_observe(screen, &pointing->observer, &observer_impl);
		console_listen(target->console, true);
		look(&pointing->observer);
	}
	target_set_timeout(target, PICTURE_TIMEOUT);
	enum ctl_exit result = target_run(target, &pointing->has_picture);
	if (result == CTL_TIMEOUT) {
		return ctl_fail(result, "%s shows nothing", target->name);
	}
	if (result == CTL_OK &&
		(x >= (int)screen->frame->width || y >= (int)screen->frame->height)) {
		return ctl_fail(CTL_FAILED, "%d,%d is outside of %s, which has %ux%u pixels", x, y,
			target->name, screen->frame->width, screen->frame->height);
	}
	return result;
}

static enum ctl_exit move_to(struct pointing *pointing, int x, int y) {
	enum ctl_exit result = check_place(pointing, x, y);
	if (result != CTL_OK) {
		return result;
	}
	if (!pointing->target.console->mouse_absolute) {
		return ctl_fail(CTL_FAILED,
			"%s can't be told where the pointer is to go (no tablet)",
			pointing->target.name);
	}
	console_move_to(pointing->target.console, (uint32_t)x, (uint32_t)y);
	return target_settle(&pointing->target, GAP);
}

static enum ctl_exit press(struct pointing *pointing, enum console_button button, uint64_t gap) {
	struct console *console = pointing->target.console;
	console_button(console, button, true);
	enum ctl_exit result = target_settle(&pointing->target, gap);
	console_button(console, button, false);
	return result == CTL_OK ? target_settle(&pointing->target, gap) : result;
}

static bool take_click_option(struct pointing *pointing, int option) {
	if (option == 'b') {
		return parse_button(optarg, &pointing->button);
	}
	if (option == 'd') {
		pointing->twice = true;
		return true;
	}
	return target_choice_take(&pointing->choice, option);
}

static bool parse_place(char **operands, int *x, int *y) {
	return parse_int(operands[0], 0, FRAME_SIDE_MAX - 1, x) &&
		parse_int(operands[1], 0, FRAME_SIDE_MAX - 1, y);
}

static enum ctl_exit click(struct ctl *ctl, struct pointing *pointing, int x, int y) {
	enum ctl_exit result = open_pointer(ctl, pointing);
	if (result == CTL_OK) {
		result = move_to(pointing, x, y);
	}
	for (int i = 0; result == CTL_OK && i < (pointing->twice ? 2 : 1); i++) {
		result = press(pointing, pointing->button, GAP);
	}
	finish(pointing);
	return result;
}

static enum ctl_exit run_click(struct ctl *ctl, struct invocation *in) {
	static const struct option options[] = {TARGET_OPTIONS,
		{"button", required_argument, NULL, 'b'}, {"double", no_argument, NULL, 'd'},
		COMMAND_HELP_OPTION, {0}};
	struct pointing pointing = {.button = CONSOLE_BUTTON_LEFT};
	int option, x, y;
	while ((option = command_next_option(in, options, false)) >= 0) {
		if (!take_click_option(&pointing, option)) {
			return command_wrong(in, "the buttons are left, middle and right");
		}
	}
	if (option != COMMAND_OPTIONS_END || command_check_operands(in, 2, 2) != CTL_OK) {
		return command_exit(option);
	}
	if (!parse_place(in->operands, &x, &y)) {
		return command_wrong(in, "the place is two whole numbers");
	}
	enum ctl_exit result = target_choice_check(&pointing.choice, in);
	return result == CTL_OK ? click(ctl, &pointing, x, y) : result;
}

const struct command command_click = {
	.name = "click",
	.usage = "[--guest NAME[:HEAD] | --output NAME] [--button B] [--double] X Y",
	.help = "Moves the pointer and presses a button (left, middle, right), in the target's\n"
		"pixels. Without a target it is the focused output.\n",
	.run = run_click,
};

static enum ctl_exit scroll(
	struct ctl *ctl, struct pointing *pointing, int amount, const int *place) {
	enum ctl_exit result = open_pointer(ctl, pointing);
	if (result == CTL_OK && place) {
		result = move_to(pointing, place[0], place[1]);
	}
	for (int i = 0; result == CTL_OK && i < amount; i++) {
		result = press(pointing, pointing->button, 0);
	}
	finish(pointing);
	return result;
}

static enum ctl_exit run_scroll(struct ctl *ctl, struct invocation *in) {
	static const struct option options[] = {TARGET_OPTIONS, COMMAND_HELP_OPTION, {0}};
	struct pointing pointing = {0};
	int option, amount = 1, place[2];
	while ((option = command_next_option(in, options, false)) >= 0) {
		target_choice_take(&pointing.choice, option);
	}
	if (option != COMMAND_OPTIONS_END || command_check_operands(in, 1, 4) != CTL_OK) {
		return command_exit(option);
	}
	bool up = strcmp(in->operands[0], "up") == 0;
	if (!up && strcmp(in->operands[0], "down") != 0) {
		return command_wrong(in, "it's up or down, not \"%s\"", in->operands[0]);
	}
	pointing.button = up ? CONSOLE_BUTTON_WHEEL_UP : CONSOLE_BUTTON_WHEEL_DOWN;
	if (in->operand_count > 1 && !parse_int(in->operands[1], 1, SCROLL_MAX, &amount)) {
		return command_wrong(in, "the amount is a whole number up to %d", SCROLL_MAX);
	}
	bool has_place = in->operand_count > 2;
	if (has_place &&
		(in->operand_count != 4 || !parse_place(in->operands + 2, &place[0], &place[1]))) {
		return command_wrong(in, "the place is two whole numbers");
	}
	enum ctl_exit result = target_choice_check(&pointing.choice, in);
	return result == CTL_OK ? scroll(ctl, &pointing, amount, has_place ? place : NULL) : result;
}

const struct command command_scroll = {
	.name = "scroll",
	.usage = "[--guest NAME[:HEAD] | --output NAME] up|down [AMOUNT [X Y]]",
	.help = "Turns the wheel by so many notches (1), where the pointer is or at X Y.\n",
	.run = run_scroll,
};
