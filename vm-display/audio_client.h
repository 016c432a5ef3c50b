/* The sound of a display, at its client: listens to it while it exists.
 *
 * A display without sound, or one whose listening place is taken, is silence and nothing else: the
 * picture's connection goes on. QEMU has one place for a connection; while it hasn't noticed yet
 * that the last listener has gone, it is asked again, AUDIO_CLIENT_TRIES times. */
#ifndef VM_DISPLAY_AUDIO_CLIENT_H
#define VM_DISPLAY_AUDIO_CLIENT_H

#include "vm-display/audio.h"
#include "vm-display/display_client.h"

#define AUDIO_CLIENT_TRIES 20
#define AUDIO_CLIENT_PAUSE 100000 /* us */

struct audio_client;

/* When the display is ready; destroyed before the display is. NULL after a log line. */
struct audio_client *audio_client_create(
	struct display_client *display, const struct audio_sink *sink, void *data);
/* The sink's streams end. NULL is legal. */
void audio_client_destroy(struct audio_client *client);
/* What plays now; NULL: nothing. */
const struct audio_streams *audio_client_streams(const struct audio_client *client);

#endif
