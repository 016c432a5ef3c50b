/* The receiving end of a display's sound: serves org.qemu.Display1.AudioOutListener on a socket
 * whose other end was given to RegisterOutListener, and hands it to a sink.
 *
 * Nothing that comes is trusted: a number out of its limit (audio.h), wrong types, or a message
 * about a stream that isn't there ends the listener. The sink's streams have ended by then. */
#ifndef VM_DISPLAY_AUDIO_LISTENER_H
#define VM_DISPLAY_AUDIO_LISTENER_H

#include <systemd/sd-event.h>

#include "vm-display/audio.h"

#define AUDIO_OUT_LISTENER_PATH "/org/qemu/Display1/AudioOutListener"
#define AUDIO_OUT_LISTENER_INTERFACE "org.qemu.Display1.AudioOutListener"

struct audio_listener;

/* *peer_fd becomes the other end of the socket, the caller's. `ended`: no more sound will come;
 * `violation` is NULL if the peer just closed the connection; the callee may destroy the listener.
 * NULL after a log line. */
struct audio_listener *audio_listener_create(sd_event *event, int *peer_fd,
	const struct audio_sink *sink, void *sink_data,
	void (*ended)(void *data, const char *violation), void *data);
void audio_listener_destroy(struct audio_listener *listener); /* NULL is legal; silent */
const struct audio_streams *audio_listener_streams(const struct audio_listener *listener);

#endif
