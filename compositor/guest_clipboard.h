/* A guest's clipboard: QEMU's agent on one side, those who control the guest's published display on
 * the other, and the desktop's clipboard when the user's keys say so. The guest file says which way
 * text may go; nothing goes by itself from a guest to the desktop or back. */
#ifndef COMPOSITOR_GUEST_CLIPBOARD_H
#define COMPOSITOR_GUEST_CLIPBOARD_H

#include "vmm/guest_config.h"

#define GUEST_CLIPBOARD_TIME 60000000 /* us, after which pasted text is withdrawn */

struct desktop_clipboard;
struct display_client;
struct guest_clipboard;
struct publisher;
struct server;

struct guest_clipboard *guest_clipboard_create(
	struct server *server, const struct guest_config *config);
/* After its publisher. All NULL-safe from here on. */
void guest_clipboard_destroy(struct guest_clipboard *guest);
void guest_clipboard_publish(struct guest_clipboard *guest, struct publisher *publisher);
/* Its display is ready, or about to go (NULL). */
void guest_clipboard_connect(struct guest_clipboard *guest, struct display_client *display);

/* The guest's text becomes the desktop's. */
void guest_clipboard_copy(struct guest_clipboard *guest);
/* The desktop's text is offered to the guest, once: it is wiped here when the guest has taken it,
 * and on the desktop if it came from a guest or from far. */
void guest_clipboard_paste(struct guest_clipboard *guest);

#endif
