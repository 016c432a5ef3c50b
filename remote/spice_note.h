/* The packets between the keeper, which holds the listening sockets and the passwords, and the
 * session, in which spice-server runs; over a socketpair of type SOCK_SEQPACKET. The keeper takes
 * the session's for hostile. */
#ifndef REMOTE_SPICE_NOTE_H
#define REMOTE_SPICE_NOTE_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "remote/packet.h"

#define SPICE_TICKET_MAX 60 /* bytes: the protocol's limit */

enum spice_note_kind {
	/* from the keeper */
	SPICE_NOTE_CLIENT = 1, /* id, number: whether it's TLS, text: the password; its socket */
	SPICE_NOTE_DISPLAY, /* number: of the head; a Display1 connection */
	/* from the session */
	SPICE_NOTE_READY, /* clients may come */
	SPICE_NOTE_DISPLAY_WANTED, /* number: of the head, id: whether it was lost */
	SPICE_NOTE_LOGGED_IN, /* id, number: 1 for the first connection of a client */
	SPICE_NOTE_GONE, /* id */
	SPICE_NOTE_STUCK, /* number: 1 when the library waits for its clients to read, 0 after */
};

struct spice_note {
	uint32_t kind; /* enum spice_note_kind */
	uint32_t id; /* of a connection, by the keeper */
	uint32_t number;
	char text[SPICE_TICKET_MAX + 4];
};
static_assert(sizeof(struct spice_note) == 76, "no padding in what is sent");

/* Doesn't take `passed`, which is -1 for none. False if the peer is gone or doesn't read. */
bool spice_note_send(int channel, const struct spice_note *note, int passed);

/* Never blocks. *passed is the fd that came along, the caller's, or -1; `text` is terminated.
 * PACKET_ENDED: the peer is gone, or sent what is no note. */
enum packet_result spice_note_receive(int channel, struct spice_note *note, int *passed);

#endif
