/* A VNC server for one client whose handshake is done. It never waits: for the rest of a message,
 * nor for the client to read. What changed is sent when the client asked for it, as it is when the
 * socket takes it, so that a slow client gets the newest picture and not a queue of old ones.
 * libvncserver is behind it (rfb_library.h); one per process. */
#ifndef REMOTE_RFB_SERVER_H
#define REMOTE_RFB_SERVER_H

#include <pixman.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RFB_SERVER_STALL_SECONDS 10 /* then a client that takes nothing is to be given up */

struct cursor_image;
struct picture;
struct rfb_server;

struct rfb_server_impl {
	void (*keysym)(void *data, uint32_t keysym, bool pressed);
	/* From a client with QEMU's extended key events. */
	void (*qnum)(void *data, uint32_t qnum, bool pressed);
	/* `buttons`: bit 0 is the left one, 3 and 4 the wheel, 5 and 6 the horizontal one, 7 and 8
	 * go back and forward, as RFB has it. */
	void (*pointer)(void *data, unsigned int buttons, uint32_t x, uint32_t y);
	/* False: it can't be done. */
	bool (*resize)(void *data, uint32_t width, uint32_t height);
	/* The client copied a text: UTF-8, at most RFB_CLIPBOARD_MAX bytes. May be NULL. */
	void (*got_text)(void *data, const char *text);
	/* The client wants to hear, or not any more. May be NULL. */
	void (*hear)(void *data, bool wanted);
};

/* Takes `fd` on every path; its next byte is the client's ClientInit. `picture` must stay. NULL
 * after a log line. */
struct rfb_server *rfb_server_create(int fd, const struct picture *picture, const char *name,
	const struct rfb_server_impl *impl, void *data);
void rfb_server_destroy(struct rfb_server *server); /* NULL is legal; closes the fd */

void rfb_server_set_view_only(struct rfb_server *server, bool view_only);
int rfb_server_fd(const struct rfb_server *server); /* the server's */

/* Handles what the client sent; to be called when the fd gets readable (edge-triggered) and again
 * while *more is set. False if the client is gone or was given up, with the reason in *why (a
 * static string). */
bool rfb_server_dispatch(struct rfb_server *server, bool *more, const char **why);

/* The picture shows another frame. */
void rfb_server_set_picture(struct rfb_server *server);
void rfb_server_add_damage(struct rfb_server *server, const pixman_region32_t *damage);
void rfb_server_set_cursor(struct rfb_server *server, struct cursor_image *cursor); /* NULL: none */
void rfb_server_move_cursor(struct rfb_server *server, int x, int y);
void rfb_server_set_leds(struct rfb_server *server, uint32_t leds);
/* What the client may paste; NULL: nothing. Longer texts than RFB_CLIPBOARD_MAX are nothing too.
 * An update is to be scheduled then. */
void rfb_server_set_text(struct rfb_server *server, const char *text);

/* Something plays that the client may hear, and what it is (audio_mix.h's format); what the client
 * doesn't read in time is dropped. An update is to be scheduled then, too. */
void rfb_server_set_playing(struct rfb_server *server, bool playing);
void rfb_server_add_sound(struct rfb_server *server, const int16_t *samples, size_t frames);

/* True while there is something to be sent, or the client waits for something new. */
bool rfb_server_is_wanted(const struct rfb_server *server);
/* Sends what is new, if the client asked for it. *blocked: the socket takes nothing now; call again
 * when it does. False as above. */
bool rfb_server_update(struct rfb_server *server, bool *blocked, const char **why);

#endif
