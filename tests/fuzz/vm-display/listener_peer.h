/* The display side of a listener, for fuzzing: what a target sends arrives at a real listener in
 * the same process, whose screen is read by an observer to the last pixel. */
#ifndef TESTS_FUZZ_LISTENER_PEER_H
#define TESTS_FUZZ_LISTENER_PEER_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "vm-display/listener.h"

struct listener_peer {
	sd_event *event;
	struct screen screen;
	struct screen_observer observer;
	struct listener *listener;
	int fd; /* the display's end, the target's */
	bool has_ended;
	unsigned int sum; /* of all pixels */
};

void listener_peer_begin(struct listener_peer *peer);
/* Turns the loop until nothing is left to do. */
void listener_peer_settle(struct listener_peer *peer);
void listener_peer_end(struct listener_peer *peer);

#endif
