#include "vm-display/listener.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/log.h"
#include "util/mem.h"
#include "vm-display/frame.h"
#include "vm-display/listener_private.h"

int listener_fail(struct listener *listener, const char *reason) {
	bus_link_fail(listener->link, reason);
	return 1;
}

static void set_path(struct listener *listener, enum console_path path) {
	if (listener->path != path) {
		listener->path = path;
		listener->impl->path_changed(listener, path, listener->data);
	}
}

void listener_set_frame(struct listener *listener, struct frame *frame, enum console_path path) {
	listener_answer_updates(listener);
	set_path(listener, path);
	screen_set_frame(listener->screen, frame);
}

static int handle_disable(sd_bus_message *message, void *data, sd_bus_error *error) {
	listener_set_frame(data, NULL, CONSOLE_PATH_NONE);
	return sd_bus_reply_method_return(message, "");
}

static int get_interfaces(sd_bus *bus, const char *path, const char *interface,
	const char *property, sd_bus_message *reply, void *data, sd_bus_error *error) {
	struct listener *listener = data;
	int result = sd_bus_message_open_container(reply, 'a', "s");
	if (result >= 0 && listener->share_memory) {
		result = sd_bus_message_append(reply, "s", LISTENER_MAP_INTERFACE);
	}
	if (result >= 0) {
		result = sd_bus_message_append(reply, "s", LISTENER_DMABUF2_INTERFACE);
	}
	return result < 0 ? result : sd_bus_message_close_container(reply);
}

#define LISTENER_METHOD(name, signature, handler)                                                  \
	SD_BUS_METHOD(name, signature, "", handler, SD_BUS_VTABLE_UNPRIVILEGED)

static const sd_bus_vtable base_vtable[] = {
	SD_BUS_VTABLE_START(0),
	LISTENER_METHOD("Scanout", "uuuuay", listener_handle_scanout),
	LISTENER_METHOD("Update", "iiiiuuay", listener_handle_update),
	LISTENER_METHOD("ScanoutDMABUF", "huuuutb", listener_handle_scanout_dmabuf),
	LISTENER_METHOD("UpdateDMABUF", "iiii", listener_handle_update_dmabuf),
	LISTENER_METHOD("Disable", "", handle_disable),
	LISTENER_METHOD("MouseSet", "iii", listener_handle_mouse_set),
	LISTENER_METHOD("CursorDefine", "iiiiay", listener_handle_cursor_define),
	SD_BUS_PROPERTY("Interfaces", "as", get_interfaces, 0, SD_BUS_VTABLE_PROPERTY_CONST),
	SD_BUS_VTABLE_END,
};

static const sd_bus_vtable map_vtable[] = {
	SD_BUS_VTABLE_START(0),
	LISTENER_METHOD("ScanoutMap", "huuuuu", listener_handle_scanout_map),
	LISTENER_METHOD("UpdateMap", "iiii", listener_handle_update_map),
	SD_BUS_VTABLE_END,
};

static const sd_bus_vtable dmabuf2_vtable[] = {
	SD_BUS_VTABLE_START(0),
	LISTENER_METHOD(
		"ScanoutDMABUF2", LISTENER_DMABUF2_SIGNATURE, listener_handle_scanout_dmabuf2),
	SD_BUS_VTABLE_END,
};

static const char *find_signature(const sd_bus_vtable *vtable, const char *member) {
	for (const sd_bus_vtable *v = vtable; v->type != _SD_BUS_VTABLE_END; v++) {
		if (v->type == _SD_BUS_VTABLE_METHOD && strcmp(v->x.method.member, member) == 0) {
			return v->x.method.signature;
		}
	}
	return NULL;
}

/* The bus itself would answer wrong types with an error and go on; for us they end the peer. */
static int check_types(sd_bus_message *message, void *data, sd_bus_error *error) {
	const char *interface = sd_bus_message_get_interface(message);
	const char *member = sd_bus_message_get_member(message);
	if (!sd_bus_message_is_method_call(message, NULL, NULL) || !interface || !member) {
		return 0;
	}
	const char *signature = NULL;
	if (strcmp(interface, LISTENER_INTERFACE) == 0) {
		signature = find_signature(base_vtable, member);
	} else if (strcmp(interface, LISTENER_MAP_INTERFACE) == 0) {
		signature = find_signature(map_vtable, member);
	} else if (strcmp(interface, LISTENER_DMABUF2_INTERFACE) == 0) {
		signature = find_signature(dmabuf2_vtable, member);
	}
	if (signature && !sd_bus_message_has_signature(message, signature)) {
		return listener_fail(data, "a message to the listener has the wrong types");
	}
	return 0;
}

static bool add_objects(struct listener *listener) {
	sd_bus *bus = bus_link_bus(listener->link);
	return sd_bus_add_filter(bus, NULL, check_types, listener) >= 0 &&
		sd_bus_add_object_vtable(
			bus, NULL, LISTENER_PATH, LISTENER_INTERFACE, base_vtable, listener) >= 0 &&
		sd_bus_add_object_vtable(bus, NULL, LISTENER_PATH, LISTENER_DMABUF2_INTERFACE,
			dmabuf2_vtable, listener) >= 0 &&
		(!listener->share_memory ||
			sd_bus_add_object_vtable(bus, NULL, LISTENER_PATH, LISTENER_MAP_INTERFACE,
				map_vtable, listener) >= 0);
}

static void handle_link_closed(struct bus_link *link, const char *reason, bool failed, void *data) {
	struct listener *listener = data;
	set_path(listener, CONSOLE_PATH_NONE);
	listener->impl->ended(listener, failed ? reason : NULL, listener->data);
}

static const struct bus_link_impl link_impl = {.closed = handle_link_closed};

static void handle_screen_released(struct screen *screen, void *source) {
	listener_answer_updates(source);
}

struct listener *listener_create(sd_event *event, struct screen *screen, bool share_memory,
	int *peer_fd, const struct listener_impl *impl, void *data) {
	int fds[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0) {
		log_error("can't make a socket for a listener");
		return NULL;
	}
	struct listener *listener = xcalloc(1, sizeof(*listener));
	listener->screen = screen;
	listener->share_memory = share_memory;
	listener->impl = impl;
	listener->data = data;
	listener->link = bus_link_create(event, fds[0], BUS_LINK_CLIENT, &link_impl, listener);
	if (!listener->link || !add_objects(listener) || !bus_link_start(listener->link)) {
		log_error("can't serve a listener");
		close(fds[1]);
		listener_destroy(listener);
		return NULL;
	}
	screen->released = handle_screen_released;
	screen->source = listener;
	*peer_fd = fds[1];
	return listener;
}

int listener_dup_fd(const struct listener *listener) {
	int fd = sd_bus_get_fd(bus_link_bus(listener->link));
	return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

void listener_destroy(struct listener *listener) {
	if (!listener) {
		return;
	}
	if (listener->screen->source == listener) {
		listener->screen->source = NULL;
		listener->screen->released = NULL;
	}
	listener_drop_updates(listener);
	bus_link_destroy(listener->link);
	free(listener);
}
