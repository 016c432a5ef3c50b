/* A compositor in this process, without a screen, for tests of the whole. */
#ifndef TESTS_COMPOSITOR_WORLD_H
#define TESTS_COMPOSITOR_WORLD_H

#include <systemd/sd-event.h>

#include "compositor/options.h"
#include "compositor/server.h"

/* Of the group of tests: a runtime folder of its own. */
int world_set_up(void **state);
int world_tear_down(void **state);

/* Two outputs beside each other: LEFT, 640x480, and RIGHT, 800x600. */
struct options world_options(void);
struct server *world_start(sd_event *event, struct options *options);
void world_settle(sd_event *event); /* until nothing is left to do */
void world_add_guest(struct server *server, const char *name); /* one that is off */

#endif
