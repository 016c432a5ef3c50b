/* Shared by bad.c (the connections), bad_messages.c (what is sent to the listener) and bad_raw.c
 * (what isn't D-Bus). */
#ifndef TESTS_SYNTHETIC_BAD_PRIVATE_H
#define TESTS_SYNTHETIC_BAD_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "tests/synthetic/bad.h"

#define BAD_LISTENER "org.qemu.Display1.Listener"
#define BAD_MAP "org.qemu.Display1.Listener.Unix.Map"
#define BAD_DMABUF2 "org.qemu.Display1.Listener.Unix.ScanoutDMABUF2"

struct bad_behaviour {
	const char *name;
	/* Sends to the listener; `round` counts from 0, and false ends the rounds. Each comes when
	 * the one before has been written. NULL: nothing is ever sent. */
	bool (*round)(sd_bus *listener, unsigned int round);
	enum {
		BAD_LISTENER_MESSAGES, /* nothing else is wrong */
		BAD_NO_AUTH, /* the display's socket stays silent */
		BAD_LISTENER_NO_AUTH, /* the listener's does */
		BAD_NO_ANSWER, /* questions are left unanswered */
		BAD_PROPERTIES, /* of wrong types */
		BAD_MANY_CONSOLES,
		BAD_TRUNCATE, /* half a message, then the end */
		BAD_HALF, /* half a message, then silence */
		BAD_GARBAGE, /* no D-Bus at all after the handshake */
		BAD_FDS, /* file descriptors without end, in messages that aren't valid */
		BAD_PINGS, /* a flood of questions whose answers are never read */
	} kind;
};

/* Serves a listener's socket by hand, for what a D-Bus library wouldn't write. Takes fd. */
struct bad_raw;
struct bad_raw *bad_raw_create(sd_event *event, int fd, int kind);
void bad_raw_destroy(struct bad_raw *raw); /* NULL is legal */

bool bad_is_waiting(void); /* for an answer, before the next round */

/* A NULL name ends them. */
extern const struct bad_behaviour bad_behaviours[];
extern const struct bad_behaviour bad_dmabuf_behaviours[];

#endif
