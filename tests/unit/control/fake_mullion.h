/* A server of the control bus with nothing behind it: it writes the calls that it gets to standard
 * output, one a line, for the tests of mullionctl and of the bus. */
#ifndef TESTS_UNIT_CONTROL_FAKE_MULLION_H
#define TESTS_UNIT_CONTROL_FAKE_MULLION_H

#include "control/control.h"

struct fake_mullion {
	sd_event *event;
	struct control *control;
	struct fake_display *display;
	char *added_file; /* of the guest "added"; NULL: there is none */
};

extern const struct control_impl fake_impl;

/* Fails for the name "missing", as the real one does for a name that isn't there. */
bool fake_knows(const char *name, char **error);

#endif
