/* The receiving end of a console's frames: serves org.qemu.Display1.Listener on a socket whose
 * other end was given to RegisterListener, and paints what comes into a screen.
 *
 * Nothing that comes is trusted: a number out of its limit, wrong types, or a file that isn't what
 * it should be ends the listener; damage is clipped. */
#ifndef VM_DISPLAY_LISTENER_H
#define VM_DISPLAY_LISTENER_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "vm-display/display_client.h"
#include "vm-display/screen.h"

#define LISTENER_PATH "/org/qemu/Display1/Listener"
#define LISTENER_UPDATES_MAX 64 /* unanswered UpdateDMABUFs; further ones are answered at once */

struct listener;

struct listener_impl {
	void (*path_changed)(struct listener *listener, enum console_path path, void *data);
	/* No more frames will come. `violation` is NULL if the peer just closed the connection.
	 * The callee may destroy the listener. */
	void (*ended)(struct listener *listener, const char *violation, void *data);
};

/* *peer_fd becomes the other end of the socket, the caller's. NULL after a log line. */
struct listener *listener_create(sd_event *event, struct screen *screen, bool share_memory,
	int *peer_fd, const struct listener_impl *impl, void *data);
/* A duplicate of our end of the socket, the caller's; -1 if there is none. */
int listener_dup_fd(const struct listener *listener);
/* The screen keeps its frame. NULL is legal. */
void listener_destroy(struct listener *listener);

#endif
