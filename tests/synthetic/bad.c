#include "tests/synthetic/bad.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/synthetic/bad_private.h"
#include "util/bus_server.h"
#include "util/mem.h"

#define LISTENER_PATH "/org/qemu/Display1/Listener"
#define VM_INTERFACE "org.qemu.Display1.VM"
#define CONSOLE_INTERFACE "org.qemu.Display1.Console"
#define MANY_CONSOLES 100000u

struct bad {
	sd_event *event;
	const struct bad_behaviour *behaviour;
	int fd; /* of a connection that stays silent, or -1 */
	sd_bus *bus;
	int listener_fd; /* likewise */
	sd_bus *listener;
	struct bad_raw *raw;
	sd_event_source *post, *wakeup; /* of the rounds */
	unsigned int round;
	bool is_answered; /* the listener has told its interfaces; until then no fd may be sent */
};

static int get_name(sd_bus *bus, const char *path, const char *interface, const char *property,
	sd_bus_message *reply, void *data, sd_bus_error *error) {
	/* Its peer cuts it, and prints no control characters. */
	char name[1000];
	memset(name, '\x1b', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	return sd_bus_message_append(reply, "s", name);
}

static int get_ids(sd_bus *bus, const char *path, const char *interface, const char *property,
	sd_bus_message *reply, void *data, sd_bus_error *error) {
	struct bad *bad = data;
	uint32_t count = bad->behaviour->kind == BAD_MANY_CONSOLES ? MANY_CONSOLES : 1;
	int result = sd_bus_message_open_container(reply, 'a', "u");
	for (uint32_t i = 0; i < count && result >= 0; i++) {
		result = sd_bus_message_append(reply, "u", i);
	}
	return result < 0 ? result : sd_bus_message_close_container(reply);
}

static int get_text(sd_bus *bus, const char *path, const char *interface, const char *property,
	sd_bus_message *reply, void *data, sd_bus_error *error) {
	return sd_bus_message_append(reply, "s", "Graphic");
}

static int get_number(sd_bus *bus, const char *path, const char *interface, const char *property,
	sd_bus_message *reply, void *data, sd_bus_error *error) {
	return sd_bus_message_append(reply, "u", 0xffffffffu);
}

static int handle_wakeup(sd_event_source *source, void *data) {
	return 0; /* The post source does the work. */
}

/* A round when the one before has left; the next turn of the loop comes by itself as long as the
 * peer reads. */
static int handle_post(sd_event_source *source, void *data) {
	struct bad *bad = data;
	uint64_t queued = 1;
	if (!bad->is_answered || bad_is_waiting() ||
		sd_bus_get_n_queued_write(bad->listener, &queued) < 0 || queued > 0) {
		return 0;
	}
	if (!bad->behaviour->round(bad->listener, bad->round++)) {
		return sd_event_source_set_enabled(source, SD_EVENT_OFF);
	}
	return sd_event_source_set_enabled(bad->wakeup, SD_EVENT_ONESHOT);
}

static int handle_interfaces(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct bad *bad = data;
	bad->is_answered = true;
	return 1;
}

static sd_bus *create_bus(int fd) {
	sd_bus *bus;
	sd_id128_t id;
	if (sd_bus_new(&bus) < 0 || sd_bus_set_fd(bus, fd, fd) < 0 || sd_id128_randomize(&id) < 0 ||
		sd_bus_set_server(bus, true, id) < 0 || sd_bus_set_anonymous(bus, true) < 0 ||
		sd_bus_negotiate_fds(bus, true) < 0) {
		abort();
	}
	return bus;
}

static void serve_listener(struct bad *bad, int fd) {
	switch (bad->behaviour->kind) {
	case BAD_TRUNCATE:
	case BAD_HALF:
	case BAD_GARBAGE:
	case BAD_FDS:
	case BAD_PINGS:
		bad->raw = bad_raw_create(bad->event, fd, bad->behaviour->kind);
		return;
	case BAD_LISTENER_MESSAGES:
		break;
	default:
		bad->listener_fd = fd;
		return;
	}
	bad->listener = create_bus(fd);
	if (sd_event_add_post(bad->event, &bad->post, handle_post, bad) < 0 ||
		sd_event_add_defer(bad->event, &bad->wakeup, handle_wakeup, bad) < 0 ||
		bus_server_start(bad->listener, bad->event) < 0 ||
		sd_bus_call_method_async(bad->listener, NULL, NULL, LISTENER_PATH,
			"org.freedesktop.DBus.Properties", "Get", handle_interfaces, bad, "ss",
			BAD_LISTENER, "Interfaces") < 0) {
		abort();
	}
}

static void drop_listener(struct bad *bad) {
	bad->post = sd_event_source_disable_unref(bad->post);
	bad->wakeup = sd_event_source_disable_unref(bad->wakeup);
	bad->listener = sd_bus_close_unref(bad->listener);
	bad->is_answered = false;
	bad_raw_destroy(bad->raw);
	bad->raw = NULL;
	if (bad->listener_fd >= 0) {
		close(bad->listener_fd);
		bad->listener_fd = -1;
	}
}

static int handle_register(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct bad *bad = data;
	int fd;
	int result = sd_bus_message_read(message, "h", &fd);
	if (result < 0) {
		return result;
	}
	drop_listener(bad);
	serve_listener(bad, fcntl(fd, F_DUPFD_CLOEXEC, 3));
	return sd_bus_reply_method_return(message, "");
}

static const sd_bus_vtable vm_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_PROPERTY("Name", "s", get_name, 0, 0),
	SD_BUS_PROPERTY("ConsoleIDs", "au", get_ids, 0, 0),
	SD_BUS_VTABLE_END,
};

static const sd_bus_vtable wrong_vm_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_PROPERTY("Name", "u", get_number, 0, 0),
	SD_BUS_PROPERTY("ConsoleIDs", "s", get_text, 0, 0),
	SD_BUS_VTABLE_END,
};

static const sd_bus_vtable console_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("RegisterListener", "h", "", handle_register, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_PROPERTY("Label", "s", get_name, 0, 0),
	SD_BUS_PROPERTY("Head", "u", get_number, 0, 0),
	SD_BUS_PROPERTY("Type", "s", get_text, 0, 0),
	SD_BUS_VTABLE_END,
};

static int swallow(sd_bus_message *message, void *data, sd_bus_error *error) {
	return 1;
}

static void serve_display(struct bad *bad, int fd) {
	bad->bus = create_bus(fd);
	bool wrong = bad->behaviour->kind == BAD_PROPERTIES;
	if (sd_bus_add_object_vtable(bad->bus, NULL, "/org/qemu/Display1/VM", VM_INTERFACE,
		    wrong ? wrong_vm_vtable : vm_vtable, bad) < 0 ||
		sd_bus_add_object_vtable(bad->bus, NULL, "/org/qemu/Display1/Console_0",
			CONSOLE_INTERFACE, console_vtable, bad) < 0 ||
		(bad->behaviour->kind == BAD_NO_ANSWER &&
			sd_bus_add_filter(bad->bus, NULL, swallow, NULL) < 0) ||
		bus_server_start(bad->bus, bad->event) < 0) {
		abort();
	}
}

static const struct bad_behaviour *find_behaviour(const char *name) {
	const struct bad_behaviour *const tables[] = {bad_behaviours, bad_dmabuf_behaviours};
	for (int i = 0; i < 2; i++) {
		for (const struct bad_behaviour *b = tables[i]; b->name; b++) {
			if (strcmp(b->name, name) == 0) {
				return b;
			}
		}
	}
	fprintf(stderr, "synthetic-guest: no such behaviour: %s\n", name);
	exit(1);
}

struct bad *bad_create(sd_event *event, int fd, const char *name) {
	struct bad *bad = xcalloc(1, sizeof(*bad));
	bad->event = event;
	bad->behaviour = find_behaviour(name);
	bad->fd = bad->listener_fd = -1;
	if (bad->behaviour->kind == BAD_NO_AUTH) {
		bad->fd = fd;
	} else {
		serve_display(bad, fd);
	}
	return bad;
}

void bad_destroy(struct bad *bad) {
	if (!bad) {
		return;
	}
	drop_listener(bad);
	sd_bus_close_unref(bad->bus);
	if (bad->fd >= 0) {
		close(bad->fd);
	}
	free(bad);
}
