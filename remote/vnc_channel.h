/* The packets between the listener and a session, over a socketpair of type SOCK_SEQPACKET. Both
 * ends are the same program, yet the listener takes a session's for hostile. */
#ifndef REMOTE_VNC_CHANNEL_H
#define REMOTE_VNC_CHANNEL_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#define VNC_CHALLENGE_SIZE 16 /* bytes, as VNC authentication has it */

enum vnc_note_kind {
	/* from the listener */
	VNC_NOTE_START = 1, /* flags, head, bytes: the challenge, text: the desktop's name */
	VNC_NOTE_ACCEPTED, /* text: the keyboard layout; carries a Display1 connection */
	VNC_NOTE_REFUSED, /* text: what the client is told */
	VNC_NOTE_DISPLAY, /* carries a Display1 connection in place of a lost one */
	/* from the session */
	VNC_NOTE_RESPONSE, /* bytes: to the challenge; also sent when there is no password */
	VNC_NOTE_DISPLAY_WANTED, /* the Display1 connection is gone */
};

enum vnc_note_flag {
	VNC_FLAG_PASSWORD = 1,
	VNC_FLAG_VIEW_ONLY = 2,
	VNC_FLAG_RESIZE = 4, /* the client may change the size of what it sees */
	VNC_FLAG_VERBOSE = 8,
};

struct vnc_note {
	uint32_t kind; /* enum vnc_note_kind */
	uint32_t flags; /* enum vnc_note_flag */
	uint32_t head; /* which console of the target */
	uint8_t bytes[VNC_CHALLENGE_SIZE];
	char text[128];
};
static_assert(sizeof(struct vnc_note) == 156, "no padding in what is sent");

/* Doesn't take `passed`, which is -1 for none. False if the peer is gone or doesn't read. */
bool vnc_note_send(int channel, const struct vnc_note *note, int passed);

enum vnc_note_result { VNC_NOTE_READ, VNC_NOTE_NONE, VNC_NOTE_ENDED };
/* Never blocks. *passed is the fd that came along, the caller's, or -1; `text` is terminated.
 * VNC_NOTE_ENDED: the peer is gone, or sent what is no note. */
enum vnc_note_result vnc_note_receive(int channel, struct vnc_note *note, int *passed);

#endif
