/* The client of a Display1 server (QEMU, or mullion's own publisher) over one peer-to-peer D-Bus
 * connection: its consoles, a listener for each, and input to them.
 *
 * Never blocks after create. Nothing that the peer sends is trusted: see frame.h and screen.h for
 * the limits; a message that breaks one ends the connection, with the reason in `lost`. */
#ifndef VM_DISPLAY_DISPLAY_CLIENT_H
#define VM_DISPLAY_DISPLAY_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <systemd/sd-event.h>

#include "vm-display/screen.h"

#define DISPLAY_CONSOLES_MAX 16
#define DISPLAY_READY_MAX 30000000 /* us until `ready`, or the connection is lost */
#define DISPLAY_QUEUE_MAX                                                                          \
	256 /* messages to a peer that doesn't read; further presses are dropped */
#define DISPLAY_LABEL_MAX 64 /* bytes, of a console's label; longer ones are cut */

struct display_client;
struct console;

enum console_path { /* how the frames come now */
	CONSOLE_PATH_NONE,
	CONSOLE_PATH_MAP,
	CONSOLE_PATH_BYTES,
	CONSOLE_PATH_DMABUF,
};

struct display_client_impl { /* each may be NULL but `lost` */
	/* The consoles are known, in the order of their ids; called once. */
	void (*ready)(struct display_client *client, void *data);
	/* A console that came later, or one that is about to go and must be let go of. Without
	 * these functions the consoles stay those of `ready`. */
	void (*console_added)(struct console *console, void *data);
	void (*console_removed)(struct console *console, void *data);
	/* The absolute/relative mode of the mouse, or the LEDs, changed. */
	void (*console_changed)(struct console *console, void *data);
	/* The connection is gone, once; the callee may destroy the client. Frames of the consoles
	 * stay until then. */
	void (*lost)(struct display_client *client, const char *reason, void *data);
};

/* Takes `fd` on every path. NULL after a log line. */
struct display_client *display_client_create(
	sd_event *event, int fd, const struct display_client_impl *impl, void *data);
void display_client_destroy(struct display_client *client); /* NULL is legal */

const char *display_client_vm_name(const struct display_client *client);

struct console {
	struct display_client *client;
	uint32_t id;
	char label[DISPLAY_LABEL_MAX + 1]; /* printable */
	uint32_t head;
	bool graphic; /* else one of QEMU's text consoles */
	bool has_keyboard, has_mouse, has_touch;
	bool mouse_absolute;
	uint32_t leds; /* 1 scroll, 2 num, 4 caps */
	enum console_path path;
	struct screen screen;
	void *data; /* the user's */
	TAILQ_ENTRY(console) link; /* in id order */
	struct console_private *private;
};
TAILQ_HEAD(console_list, console);
struct console_list *display_client_consoles(struct display_client *client);

/* Starts and stops the frames. While nobody listens QEMU need not wake up; the screen keeps its
 * last frame. Both are idempotent. QEMU 10 keeps a listener that hung up, wakes up and works for it
 * for good, so from a peer that shows this once the frames go on after console_unlisten. A peer
 * that ends a listener alone (its console is gone) leaves the screen without a frame. With
 * `share_memory` false the Unix.Map interface isn't offered, and frames come as bytes. */
void console_listen(struct console *console, bool share_memory);
void console_unlisten(struct console *console);
bool console_is_listening(const struct console *console);

/* Input. Fire and forget; nothing is queued beyond the connection's bounded buffer, in which motion
 * is coalesced. Positions are in px of the frame. */
void console_key(struct console *console, uint32_t qnum, bool pressed);
enum console_button {
	CONSOLE_BUTTON_LEFT,
	CONSOLE_BUTTON_MIDDLE,
	CONSOLE_BUTTON_RIGHT,
	CONSOLE_BUTTON_WHEEL_UP,
	CONSOLE_BUTTON_WHEEL_DOWN,
	CONSOLE_BUTTON_SIDE,
	CONSOLE_BUTTON_EXTRA,
};
void console_button(struct console *console, enum console_button button, bool pressed);
void console_move_to(struct console *console, uint32_t x, uint32_t y);
void console_move_by(struct console *console, int dx, int dy);
enum console_touch {
	CONSOLE_TOUCH_BEGIN,
	CONSOLE_TOUCH_UPDATE,
	CONSOLE_TOUCH_END,
	CONSOLE_TOUCH_CANCEL
};
void console_touch(
	struct console *console, enum console_touch kind, uint64_t slot, double x, double y);

/* Asks the guest for a size in px (SetUIInfo); mm 0 means unknown. */
void console_set_ui_info(struct console *console, uint16_t width_mm, uint16_t height_mm,
	uint32_t width, uint32_t height);

/* Calls back when everything sent so far was answered by the peer (used by scripts that pace
 * typing); `ok` is false when the connection is gone. At most one at a time a console; the callee
 * must not destroy the client, which on its part never calls back when it is destroyed. */
void console_sync(struct console *console, void (*done)(void *data, bool ok), void *data);

#endif
