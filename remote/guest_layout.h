/* A guest's keyboard layout, out of the control bus's answer to ListGuests. */
#ifndef REMOTE_GUEST_LAYOUT_H
#define REMOTE_GUEST_LAYOUT_H

#include <systemd/sd-bus.h>

/* `reply` is of type "aa{sv}". The caller frees; NULL if there is no such guest, or it names none.
 */
char *guest_layout_find(sd_bus_message *reply, const char *guest);

#endif
