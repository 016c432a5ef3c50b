/* The server side of Display1: publishes screens to listeners, over peer-to-peer connections, in
 * the same way as QEMU does, so that clients of QEMU work here unchanged.
 *
 * Memory goes out as a read-only fd (Unix.Map) with at most one unanswered update per listener and
 * the rest unioned; to listeners without Unix.Map as bytes, likewise; a dmabuf frame goes as
 * ScanoutDMABUF when its `data` can't be read. No call blocks: a peer that doesn't authenticate,
 * doesn't answer or doesn't read loses its connection when a limit is reached (bus_link.h, and
 * below). A listener's frame that ends with its console leaves the connection as it is. */
#ifndef VM_DISPLAY_PUBLISHER_H
#define VM_DISPLAY_PUBLISHER_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "vm-display/display_client.h"
#include "vm-display/screen.h"

#define PUBLISHER_CLIENTS_MAX 64 /* connections per publisher */
#define PUBLISHER_LISTENERS_MAX 8 /* per connection and console */
#define PUBLISHER_ANSWER_MAX 10000000 /* us, for a listener's answer to a batch of updates */
#define PUBLISHER_DMABUF_ANSWER_MAX 1000000 /* us; the guest waits for it */
#define PUBLISHER_BYTES_MAX (120 << 20) /* bytes of a frame; larger ones go as memory only */

struct publisher; /* one VM in Display1's sense: a guest, an output, or the desktop */
struct published_console;

enum publisher_right { PUBLISHER_VIEW = 1, PUBLISHER_CONTROL = 2, PUBLISHER_RESIZE = 4 };
#define PUBLISHER_ALL (PUBLISHER_VIEW | PUBLISHER_CONTROL | PUBLISHER_RESIZE)

struct published_console_impl { /* NULL members: the interface or method is refused */
	void (*key)(void *data, uint32_t qnum, bool pressed);
	void (*button)(void *data, enum console_button button, bool pressed);
	void (*move_to)(void *data, uint32_t x, uint32_t y);
	void (*move_by)(void *data, int dx, int dy);
	void (*touch)(void *data, enum console_touch kind, uint64_t slot, double x, double y);
	void (*set_ui_info)(
		void *data, uint16_t width_mm, uint16_t height_mm, uint32_t width, uint32_t height);
	/* The number of listeners went from none to some, or back. */
	void (*listening)(void *data, bool anybody);
};

struct published_console_info {
	uint32_t id;
	const char *label; /* copied */
	uint32_t head;
	bool mouse_absolute;
	/* The memory isn't given to anybody: frames go as bytes, as QEMU's VGA does. */
	bool keeps_memory;
};

/* `name` and `uuid` are copied. */
struct publisher *publisher_create(sd_event *event, const char *name, const char *uuid);
/* Ends all connections; the published screens must still be there. NULL is legal. */
void publisher_destroy(struct publisher *publisher);

/* Connections see consoles that are there when they ask; ConsoleIDs announces changes. */
struct published_console *publisher_add_console(struct publisher *publisher,
	const struct published_console_info *info, struct screen *screen,
	const struct published_console_impl *impl, void *data);
void publisher_remove_console(struct published_console *console); /* NULL is legal */
void published_console_set_mouse_absolute(struct published_console *console, bool absolute);
void published_console_set_leds(struct published_console *console, uint32_t leds);

/* A new connection with these rights: the returned fd is the client's end, -1 after a log line.
 * Keys and buttons that a connection holds when it ends are released. */
int publisher_open(struct publisher *publisher, unsigned int rights);
/* The same on a socket whose other end somebody holds already. Takes `fd` on every path; false
 * after a log line. */
bool publisher_serve(struct publisher *publisher, int fd, unsigned int rights);

struct published_client; /* a connection that somebody watches */

/* As publisher_open, for who wants to know of the end: `ended` is called once when the connection
 * is gone; `by_peer`: the other side closed it. NULL after a log line. */
struct published_client *publisher_open_watched(struct publisher *publisher, unsigned int rights,
	void (*ended)(void *data, bool by_peer), void *data, int *fd);
/* Ends it; `ended` isn't called. */
void published_client_hang_up(struct published_client *client);

int publisher_connection_count(const struct publisher *publisher);

#endif
