/* Reads a D-Bus dictionary of properties, of which the peer may send any part, in any order. */
#ifndef VM_DISPLAY_BUS_PROPERTIES_H
#define VM_DISPLAY_BUS_PROPERTIES_H

#include <stddef.h>
#include <systemd/sd-bus.h>

struct bus_property {
	const char *name;
	const char *type; /* D-Bus signature of the value; another one is an error */
	/* Reads the value; negative on failure. */
	int (*read)(sd_bus_message *message, void *data);
};

/* Reads an a{sv}; names that aren't in `properties` (which a NULL name ends) are skipped. Negative
 * if a type is wrong. */
int bus_properties_read(sd_bus_message *message, const struct bus_property *properties, void *data);

/* Copies at most `size` - 1 bytes, with a '?' for each byte that isn't printable ASCII. */
void bus_copy_printable(char *out, size_t size, const char *text);

#endif
