/* What a session shows: one console of a Display1 connection, followed through the loss of the
 * connection and its return. */
#ifndef REMOTE_VNC_DISPLAY_H
#define REMOTE_VNC_DISPLAY_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "remote/picture.h"
#include "vm-display/screen.h"

struct audio_mix_impl;
struct clipboard;
struct console;
struct display_client;
struct display_sound;

struct vnc_display_impl {
	void (*picture)(void *data); /* another frame, or the placeholder */
	void (*damage)(void *data); /* there is something for vnc_display_take_damage */
	void (*cursor_image)(void *data);
	void (*cursor_position)(void *data);
	void (*console)(void *data); /* another console (or none), or its LEDs changed */
	void (*missing)(void *data); /* there is no such head now; it may come */
	void (*lost)(void *data, const char *reason); /* the connection; the picture stays */
	/* A connection is there, for what else goes over it; NULL: it is about to go. May be NULL.
	 */
	void (*client)(void *data, struct display_client *client);
	/* There may be copied from now on; NULL text: nothing. NULL: there is no clipboard. */
	void (*text)(void *data, const char *text);
	const struct audio_mix_impl *sound; /* with the same data; NULL: never vnc_display_hear */
};

struct vnc_display {
	sd_event *event;
	const struct vnc_display_impl *impl;
	void *data;
	uint32_t head;
	struct picture picture;
	struct console *console; /* NULL: none now */
	/* private */
	struct display_client *client;
	bool is_ready; /* its consoles are known */
	struct screen_observer observer;
	struct clipboard *clipboard; /* NULL: none, or not connected */
	struct display_sound *sound; /* NULL: nobody hears, or not connected */
	bool hears;
};

/* False if memory is out. */
bool vnc_display_init(struct vnc_display *display, sd_event *event, uint32_t head,
	const struct vnc_display_impl *impl, void *data);
void vnc_display_finish(struct vnc_display *display);

/* Takes `fd` on every path. An earlier connection is ended without a word. False after a log line.
 */
bool vnc_display_open(struct vnc_display *display, int fd);

/* The damage since last time, with the picture brought up to date there; `out` is initialised by
 * the caller. */
void vnc_display_take_damage(struct vnc_display *display, pixman_region32_t *out);

/* What can be pasted there. Refused without a word where the connection may not. */
void vnc_display_set_text(struct vnc_display *display, const char *text);
void vnc_display_hear(struct vnc_display *display, bool hears);

const struct screen *vnc_display_screen(const struct vnc_display *display); /* NULL: none now */

#endif
