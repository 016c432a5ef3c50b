/* Where SPICE clients come in: accepts and counts their connections, holds back those from
 * addresses that failed to log in, and hands them to the session once they have begun to speak
 * SPICE. It keeps a copy of each socket, so that it can end what takes too long to log in, and who
 * stopped to read, even while the session waits for that client. */
#ifndef REMOTE_SPICE_DOOR_H
#define REMOTE_SPICE_DOOR_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#define SPICE_STRANGERS_MAX 24 /* that haven't logged in; the oldest goes when another comes */
#define SPICE_STRANGERS_PER_ADDRESS_MAX 12 /* likewise */
#define SPICE_CONNECTIONS_MAX 64 /* that have; a client has about five */
#define SPICE_LOGIN_SECONDS 15
/* Without reading a byte of what waits, while the library waits for it; if others wait too, or not.
 */
#define SPICE_STALL_SECONDS 3
#define SPICE_STALL_SECONDS_ALONE 10

struct spice_door;
struct spice_listen;

struct spice_door_impl {
	/* The socket stays the door's. False if there is no session. */
	bool (*client)(void *data, uint32_t id, int fd, bool tls);
};

struct spice_door *spice_door_create(
	sd_event *event, const struct spice_door_impl *impl, void *data);
void spice_door_destroy(struct spice_door *door); /* NULL is legal */

/* False after a log line. */
bool spice_door_listen(struct spice_door *door, const struct spice_listen *listen);
/* Says on standard output where it listens, and lets clients in. */
void spice_door_open(struct spice_door *door);

/* Of whoever came first and is still there; "" if nobody is. */
const char *spice_door_first_address(const struct spice_door *door);

/* What the session says; ids that aren't known are passed over. A client's first connection is
 * followed by others. */
void spice_door_logged_in(struct spice_door *door, uint32_t id, bool is_first);
void spice_door_gone(struct spice_door *door, uint32_t id);
void spice_door_set_stuck(struct spice_door *door, bool stuck);
/* All that were handed over are dropped. */
void spice_door_clear(struct spice_door *door, const char *why);

#endif
