#include "remote/guest_layout.h"

#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

/* The string of a variant; NULL, with the variant skipped, if it holds something else. */
static const char *read_string(sd_bus_message *reply) {
	const char *contents, *text = NULL;
	char type;
	if (sd_bus_message_peek_type(reply, &type, &contents) <= 0 || strcmp(contents, "s") != 0) {
		sd_bus_message_skip(reply, "v");
		return NULL;
	}
	return sd_bus_message_read(reply, "v", "s", &text) > 0 ? text : NULL;
}

struct guest_entry {
	const char *name, *keyboard;
};

static void read_guest(sd_bus_message *reply, struct guest_entry *entry) {
	while (sd_bus_message_enter_container(reply, 'e', "sv") > 0) {
		const char *key, *value;
		if (sd_bus_message_read(reply, "s", &key) <= 0) {
			return;
		}
		value = read_string(reply);
		if (strcmp(key, "name") == 0) {
			entry->name = value;
		} else if (strcmp(key, "keyboard") == 0) {
			entry->keyboard = value;
		}
		sd_bus_message_exit_container(reply);
	}
}

char *guest_layout_find(sd_bus_message *reply, const char *guest) {
	char *layout = NULL;
	if (sd_bus_message_enter_container(reply, 'a', "a{sv}") <= 0) {
		return NULL;
	}
	while (!layout && sd_bus_message_enter_container(reply, 'a', "{sv}") > 0) {
		struct guest_entry entry = {0};
		read_guest(reply, &entry);
		if (entry.name && entry.keyboard && entry.keyboard[0] &&
			strcmp(entry.name, guest) == 0) {
			layout = xstrdup(entry.keyboard);
		}
		sd_bus_message_exit_container(reply);
	}
	return layout;
}
