/* The sound of a publisher, as QEMU offers it: org.qemu.Display1.Audio on each connection, one
 * listener a connection. What the sink takes goes to all listeners; one that is behind by more than
 * PUBLISHED_AUDIO_QUEUE messages loses sound and delays nobody. */
#ifndef VM_DISPLAY_PUBLISHED_AUDIO_H
#define VM_DISPLAY_PUBLISHED_AUDIO_H

#include "vm-display/audio.h"
#include "vm-display/publisher.h"

#define PUBLISHED_AUDIO_QUEUE 16 /* messages; beside what the socket holds */
#define PUBLISHED_AUDIO_SOCKET 16384 /* bytes that the socket is asked to hold */

struct published_audio;

struct published_audio_impl { /* each may be NULL */
	/* The number of listeners went from none to some, or back. */
	void (*listening)(void *data, bool anybody);
	/* With its publisher; nothing is called any more. */
	void (*destroyed)(void *data);
};

/* Before the publisher has connections; the publisher destroys it. */
struct published_audio *publisher_add_audio(
	struct publisher *publisher, const struct published_audio_impl *impl, void *data);

extern const struct audio_sink published_audio_sink; /* its data is a published_audio */

#endif
