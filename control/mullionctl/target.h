/* What is photographed, typed into or waited for: one console of a Display1 connection that mullion
 * opened for us. */
#ifndef MULLIONCTL_TARGET_H
#define MULLIONCTL_TARGET_H

#include <stdint.h>
#include <systemd/sd-event.h>

#include "command.h"
#include "vm-display/display_client.h"

struct target_choice { /* neither: the focused output */
	const char *guest; /* NAME or NAME:HEAD */
	const char *output;
};

/* Options "guest" and "output" have the values 'g' and 'o'. */
#define TARGET_OPTIONS                                                                             \
	{"guest", required_argument, NULL, 'g'}, {                                                 \
		"output", required_argument, NULL, 'o'                                             \
	}
/* Takes an option's value; false if it isn't one of the two. */
bool target_choice_take(struct target_choice *choice, int option);
/* CTL_USAGE after a line if both were given. */
enum ctl_exit target_choice_check(const struct target_choice *choice, const struct invocation *in);
/* The guest's name without a head, to be freed; NULL for an output. */
char *target_choice_guest(const struct target_choice *choice);

struct target {
	sd_event *event;
	struct display_client *client;
	const struct target_choice *choice;
	struct console *console; /* the one that is meant */
	char *name; /* for messages */
	bool ready, found, lost, timed_out;
	sd_event_source *timer;
};

#define TARGET_OPEN_TIMEOUT 10.0 /* s; enough for anything that runs */

/* Waits `timeout` seconds at most for the console of a guest that is just starting. `target` is
 * zeroed before; target_finish is legal after a failure. */
enum ctl_exit target_open(struct ctl *ctl, const struct target_choice *choice, unsigned int rights,
	double timeout, struct target *target);
void target_finish(struct target *target);

/* From now on, for all of target_run together; 0: no limit. */
void target_set_timeout(struct target *target, double seconds);
/* Handles events until *done: CTL_OK. CTL_TIMEOUT without a line; CTL_FAILED with one if the
 * connection is lost. */
enum ctl_exit target_run(struct target *target, const bool *done);

/* Lets the peer have handled all input, and then `usec` more pass by. */
enum ctl_exit target_settle(struct target *target, uint64_t usec);

#endif
