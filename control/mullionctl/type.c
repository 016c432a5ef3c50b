/* The commands "key" and "type". */
#include "command.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyboard.h"
#include "util/mem.h"
#include "vm-display/publisher.h"

#define LAYOUT_DEFAULT "us"
#define GAP_DEFAULT 20 /* ms; see docs/mullionctl.1.scd */
#define GAP_MAX 10000
#define TEXT_MAX (1 << 20) /* bytes, from standard input */

struct typing {
	struct target_choice choice;
	const char *layout; /* NULL: the guest's */
	int gap; /* ms */
	struct target target;
	struct keyboard keyboard;
};

static bool take_option(struct typing *typing, int option) {
	if (option == 'l') {
		typing->layout = optarg;
		return true;
	}
	if (option == 'd') {
		return parse_int(optarg, 0, GAP_MAX, &typing->gap);
	}
	return target_choice_take(&typing->choice, option);
}

/* CTL_OK with in->operands: go on; else *result is the exit code. */
static bool parse_options(
	struct typing *typing, struct invocation *in, bool in_order, enum ctl_exit *result) {
	static const struct option options[] = {TARGET_OPTIONS,
		{"layout", required_argument, NULL, 'l'}, {"delay", required_argument, NULL, 'd'},
		COMMAND_HELP_OPTION, {0}};
	*typing = (struct typing){.gap = GAP_DEFAULT};
	int option;
	while ((option = command_next_option(in, options, in_order)) >= 0) {
		if (!take_option(typing, option)) {
			*result = command_wrong(
				in, "the delay is a number of milliseconds up to %d", GAP_MAX);
			return false;
		}
	}
	if (option != COMMAND_OPTIONS_END) {
		*result = command_exit(option);
		return false;
	}
	*result = command_check_operands(in, 1, INT_MAX);
	if (*result == CTL_OK) {
		*result = target_choice_check(&typing->choice, in);
	}
	return *result == CTL_OK;
}

/* The layout that the guest's file names; to be freed. */
static enum ctl_exit find_layout_name(struct ctl *ctl, struct typing *typing, char **name) {
	char *guest = target_choice_guest(&typing->choice);
	if (typing->layout || !guest) {
		*name = xstrdup(typing->layout ? typing->layout : LAYOUT_DEFAULT);
		free(guest);
		return CTL_OK;
	}
	struct json_object *guests = NULL;
	enum ctl_exit result = ctl_list(ctl, "ListGuests", &guests);
	if (result == CTL_OK) {
		struct json_object *found = ctl_find(guests, "name", guest);
		const char *layout = found ? ctl_string(found, "keyboard") : "";
		*name = xstrdup(layout[0] ? layout : LAYOUT_DEFAULT);
	}
	json_object_put(guests);
	free(guest);
	return result;
}

static enum ctl_exit start(struct ctl *ctl, struct typing *typing) {
	char *name = NULL;
	enum ctl_exit result = find_layout_name(ctl, typing, &name);
	if (result == CTL_OK) {
		typing->keyboard.layout = layout_create(name);
		result = typing->keyboard.layout ? CTL_OK : CTL_FAILED;
	}
	free(name);
	if (result == CTL_OK) {
		result = target_open(ctl, &typing->choice, PUBLISHER_CONTROL, TARGET_OPEN_TIMEOUT,
			&typing->target);
	}
	if (result == CTL_OK && !typing->target.console->has_keyboard) {
		result = ctl_fail(CTL_FAILED, "%s has no keyboard", typing->target.name);
	}
	typing->keyboard.target = &typing->target;
	typing->keyboard.gap = (uint64_t)typing->gap * 1000;
	return result;
}

static void finish(struct typing *typing) {
	target_finish(&typing->target);
	layout_destroy(typing->keyboard.layout);
}

static bool parse_combo(struct invocation *in, const char *text, struct combo *combo) {
	const char *error;
	if (!combo_parse(text, COMBO_SUPER, combo, &error)) {
		command_wrong(in, "\"%s\": %s", text, error);
		return false;
	}
	if (combo->wheel != 0) {
		command_wrong(in, "\"%s\": the wheel is turned by \"scroll\"", text);
		return false;
	}
	return true;
}

static enum ctl_exit run_key(struct ctl *ctl, struct invocation *in) {
	struct typing typing;
	enum ctl_exit result;
	if (!parse_options(&typing, in, false, &result)) {
		return result;
	}
	struct combo *combos = xcalloc((size_t)in->operand_count, sizeof(*combos));
	for (int i = 0; i < in->operand_count; i++) {
		if (!parse_combo(in, in->operands[i], &combos[i])) {
			free(combos);
			return CTL_USAGE;
		}
	}
	result = start(ctl, &typing);
	for (int i = 0; result == CTL_OK && i < in->operand_count; i++) {
		result = keyboard_press_combo(&typing.keyboard, &combos[i], in->operands[i]);
	}
	finish(&typing);
	free(combos);
	return result;
}

const struct command command_key = {
	.name = "key",
	.usage = "[--guest NAME[:HEAD] | --output NAME] COMBO...",
	.help = "Presses keys, one combination after the other: \"ctrl+alt+Delete\", \"F2\",\n"
		"\"super+1\". Names are those of XKB, in any case. Without a target the keys go\n"
		"to the desktop, and mullion's own bindings work.\n"
		"  --layout L  the keyboard layout (the guest's; us for the desktop)\n"
		"  --delay MS  from one combination to the next (20)\n",
	.run = run_key,
};

static char *join(char **words) {
	size_t len = 1;
	for (char **word = words; *word; word++) {
		len += strlen(*word) + 1;
	}
	char *text = xcalloc(len, 1), *end = text;
	for (char **word = words; *word; word++) {
		if (word != words) {
			*end++ = ' ';
		}
		size_t word_len = strlen(*word);
		memcpy(end, *word, word_len);
		end += word_len;
	}
	return text;
}

static char *read_input(void) {
	char *text = xcalloc(TEXT_MAX + 1, 1);
	size_t len = fread(text, 1, TEXT_MAX, stdin);
	if (len == TEXT_MAX || memchr(text, '\0', len)) {
		free(text);
		return NULL;
	}
	return text;
}

static enum ctl_exit run_type(struct ctl *ctl, struct invocation *in) {
	struct typing typing;
	enum ctl_exit result;
	if (!parse_options(&typing, in, true, &result)) {
		return result;
	}
	bool from_input = in->operand_count == 1 && strcmp(in->operands[0], "-") == 0;
	char *text = from_input ? read_input() : join(in->operands);
	if (!text) {
		return command_wrong(in, "standard input is too long or no text");
	}
	result = start(ctl, &typing);
	if (result == CTL_OK) {
		result = keyboard_type(&typing.keyboard, text);
	}
	finish(&typing);
	free(text);
	return result;
}

const struct command command_type = {
	.name = "type",
	.usage = "[--guest NAME[:HEAD] | --output NAME] TEXT...",
	.help = "Types text by the guest's keyboard layout; a new line is Return. \"-\" is "
		"standard\n"
		"input. Options stand before the text.\n"
		"  --layout L  the keyboard layout (the guest's; us for the desktop)\n"
		"  --delay MS  from one key to the next (20)\n",
	.run = run_type,
};
