/* One peer-to-peer D-Bus connection over a socket, in an event loop.
 *
 * Never blocks. A peer that floods us gets a bounded share of each turn of the loop; what we don't
 * read stays in the socket, so the peer waits and our memory doesn't grow. A peer that doesn't read
 * is dropped when BUS_LINK_QUEUE_MAX messages wait for it, and one that doesn't authenticate to us
 * after BUS_LINK_AUTH_MAX, nor one whose file descriptors get lost (fd_check.h). */
#ifndef VM_DISPLAY_BUS_LINK_H
#define VM_DISPLAY_BUS_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#define BUS_LINK_BATCH 64 /* messages handled in one turn of the loop */
#define BUS_LINK_SLICE 2000 /* us, after which a turn handles no further message */
#define BUS_LINK_QUEUE_MAX 1024 /* messages */
#define BUS_LINK_AUTH_MAX 10000000 /* us */

struct bus_link;

struct bus_link_impl {
	/* The connection ended, or bus_link_fail was called; once. No code of the bus is on the
	 * stack, and the callee may destroy the link. `failed` tells a failure of the peer from
	 * an ordinary end. */
	void (*closed)(struct bus_link *link, const char *reason, bool failed, void *data);
	/* All that was queued has been written; may be NULL. */
	void (*drained)(struct bus_link *link, void *data);
};

enum bus_link_role {
	BUS_LINK_CLIENT, /* authenticates to the peer */
	BUS_LINK_SERVER, /* lets the peer authenticate */
};

/* Takes `fd` on every path. NULL after a log line. The connection begins with bus_link_start, so
 * that objects can be added to the bus before. */
struct bus_link *bus_link_create(sd_event *event, int fd, enum bus_link_role role,
	const struct bus_link_impl *impl, void *data);
bool bus_link_start(struct bus_link *link); /* false after a log line */

/* Legal at any time, also from within a handler of the bus's messages. NULL is legal. */
void bus_link_destroy(struct bus_link *link);

sd_bus *bus_link_bus(struct bus_link *link);

/* The peer broke a rule: nothing more is handled, and `closed` comes soon. `reason` is a static
 * string; only the first one counts. */
void bus_link_fail(struct bus_link *link, const char *reason);

/* To be called first by whoever handles an answer (other messages are seen anyhow). */
void bus_link_note_answer(struct bus_link *link);

size_t bus_link_queued(const struct bus_link *link); /* messages not yet wholly written */

#endif
