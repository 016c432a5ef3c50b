/* For the tests of vm-display: checks that can't be compiled out, an event loop that waits for a
 * condition, and an observer that counts. */
#ifndef TESTS_VM_DISPLAY_HARNESS_H
#define TESTS_VM_DISPLAY_HARNESS_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-event.h>

#include "vm-display/display_client.h"
#include "vm-display/frame.h"
#include "vm-display/screen.h"

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition);    \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

#define WAIT_MAX (60 * 1000 * 1000) /* us without any event, which is a failure */

#define WAIT_FOR(event, condition)                                                                 \
	while (!(condition)) {                                                                     \
		CHECK(sd_event_run(event, WAIT_MAX) > 0);                                          \
	}

/* Handles what is there and what follows from it, until nothing happens any more. */
void settle(sd_event *event);

struct watch {
	struct screen_observer observer;
	int frames, damages, cursors, positions;
	bool keeps_damage; /* set by tests that look at it themselves */
};
void watch_begin(struct watch *watch, struct screen *screen);
void watch_end(struct watch *watch);

/* A client of `fd` that has become ready. */
struct peer {
	struct display_client *client;
	bool is_ready, is_lost;
	int changes;
	char reason[128];
};
void peer_open(struct peer *peer, sd_event *event, int fd);
struct console *peer_console(struct peer *peer, uint32_t id); /* NULL if there is none */
void peer_close(struct peer *peer);

void fill(struct frame *frame, uint32_t seed); /* with a pattern that depends on `seed` */
bool same_pixels(const struct frame *a, const struct frame *b);

#endif
