#include "vm-display/bus_properties.h"

#include <errno.h>
#include <string.h>

static const struct bus_property *find_property(
	const struct bus_property *properties, const char *name) {
	for (const struct bus_property *p = properties; p->name; p++) {
		if (strcmp(p->name, name) == 0) {
			return p;
		}
	}
	return NULL;
}

static int read_variant(sd_bus_message *message, const struct bus_property *property, void *data) {
	int result = sd_bus_message_enter_container(message, 'v', property->type);
	if (result <= 0) {
		return result < 0 ? result : -EBADMSG;
	}
	result = property->read(message, data);
	return result < 0 ? result : sd_bus_message_exit_container(message);
}

static int read_entry(sd_bus_message *message, const struct bus_property *properties, void *data) {
	const char *name;
	int result = sd_bus_message_read(message, "s", &name);
	if (result < 0) {
		return result;
	}
	const struct bus_property *property = find_property(properties, name);
	result = property ? read_variant(message, property, data)
			  : sd_bus_message_skip(message, "v");
	return result < 0 ? result : sd_bus_message_exit_container(message);
}

int bus_properties_read(
	sd_bus_message *message, const struct bus_property *properties, void *data) {
	int result = sd_bus_message_enter_container(message, 'a', "{sv}");
	if (result < 0) {
		return result;
	}
	while ((result = sd_bus_message_enter_container(message, 'e', "sv")) > 0) {
		result = read_entry(message, properties, data);
		if (result < 0) {
			return result;
		}
	}
	return result < 0 ? result : sd_bus_message_exit_container(message);
}

void bus_copy_printable(char *out, size_t size, const char *text) {
	size_t i = 0;
	for (; i + 1 < size && text[i]; i++) {
		out[i] = text[i] >= 0x20 && text[i] < 0x7f ? text[i] : '?';
	}
	out[i] = '\0';
}
