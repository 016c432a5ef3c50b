/* A published console on one connection: org.qemu.Display1.Console. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/log.h"
#include "util/mem.h"
#include "vm-display/frame.h"
#include "vm-display/publisher_private.h"

bool published_object_refuses(
	struct published_object *object, sd_bus_message *message, enum publisher_right right) {
	if (object->client->rights & right) {
		return false;
	}
	sd_bus_reply_method_errorf(
		message, SD_BUS_ERROR_ACCESS_DENIED, "this connection isn't allowed to do that");
	return true;
}

bool published_is_stream_socket(int fd) {
	int domain = 0, type = 0;
	socklen_t size = sizeof(domain);
	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX &&
		getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

static int handle_register_listener(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct published_object *object = data;
	int fd;
	int result = sd_bus_message_read(message, "h", &fd);
	if (result < 0 || published_object_refuses(object, message, PUBLISHER_VIEW)) {
		return result < 0 ? result : 1;
	}
	if (object->listener_count >= PUBLISHER_LISTENERS_MAX) {
		return sd_bus_reply_method_errorf(
			message, SD_BUS_ERROR_LIMITS_EXCEEDED, "too many listeners");
	}
	if (!published_is_stream_socket(fd)) {
		return sd_bus_reply_method_errorf(
			message, SD_BUS_ERROR_INVALID_ARGS, "a listener needs a stream socket");
	}
	fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (fd < 0 || !published_listener_create(object, fd)) {
		return sd_bus_reply_method_errorf(
			message, SD_BUS_ERROR_FAILED, "the listener can't be served");
	}
	return sd_bus_reply_method_return(message, "");
}

static int handle_set_ui_info(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct published_object *object = data;
	const struct published_console *console = object->console;
	uint16_t width_mm, height_mm;
	int x, y;
	uint32_t width, height;
	int result = sd_bus_message_read(
		message, "qqiiuu", &width_mm, &height_mm, &x, &y, &width, &height);
	if (result < 0 || published_object_refuses(object, message, PUBLISHER_RESIZE)) {
		return result < 0 ? result : 1;
	}
	if (!console->impl->set_ui_info) {
		return sd_bus_reply_method_errorf(
			message, SD_BUS_ERROR_NOT_SUPPORTED, "this console's size is fixed");
	}
	if (width > FRAME_SIDE_MAX || height > FRAME_SIDE_MAX) {
		return sd_bus_reply_method_errorf(
			message, SD_BUS_ERROR_INVALID_ARGS, "the size is out of limits");
	}
	console->impl->set_ui_info(console->data, width_mm, height_mm, width, height);
	return sd_bus_reply_method_return(message, "");
}

static int get_label(sd_bus *bus, const char *path, const char *interface, const char *property,
	sd_bus_message *reply, void *data, sd_bus_error *error) {
	struct published_object *object = data;
	return sd_bus_message_append(reply, "s", object->console->label);
}

static int get_head(sd_bus *bus, const char *path, const char *interface, const char *property,
	sd_bus_message *reply, void *data, sd_bus_error *error) {
	struct published_object *object = data;
	return sd_bus_message_append(reply, "u", object->console->head);
}

static int get_type(sd_bus *bus, const char *path, const char *interface, const char *property,
	sd_bus_message *reply, void *data, sd_bus_error *error) {
	return sd_bus_message_append(reply, "s", "Graphic");
}

static int get_width(sd_bus *bus, const char *path, const char *interface, const char *property,
	sd_bus_message *reply, void *data, sd_bus_error *error) {
	struct published_object *object = data;
	return sd_bus_message_append(reply, "u", object->console->width);
}

static int get_height(sd_bus *bus, const char *path, const char *interface, const char *property,
	sd_bus_message *reply, void *data, sd_bus_error *error) {
	struct published_object *object = data;
	return sd_bus_message_append(reply, "u", object->console->height);
}

static int get_address(sd_bus *bus, const char *path, const char *interface, const char *property,
	sd_bus_message *reply, void *data, sd_bus_error *error) {
	return sd_bus_message_append(reply, "s", "");
}

static int get_interfaces(sd_bus *bus, const char *path, const char *interface,
	const char *property, sd_bus_message *reply, void *data, sd_bus_error *error) {
	struct published_object *object = data;
	const struct published_console *console = object->console;
	char *names[4] = {0};
	int count = 0;
	if (console->impl->key) {
		names[count++] = DISPLAY_KEYBOARD_INTERFACE;
	}
	if (published_console_has_mouse(console)) {
		names[count++] = DISPLAY_MOUSE_INTERFACE;
	}
	if (console->impl->touch) {
		names[count++] = DISPLAY_TOUCH_INTERFACE;
	}
	return sd_bus_message_append_strv(reply, names);
}

static const sd_bus_vtable console_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD(
		"RegisterListener", "h", "", handle_register_listener, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("SetUIInfo", "qqiiuu", "", handle_set_ui_info, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_PROPERTY("Label", "s", get_label, 0, SD_BUS_VTABLE_PROPERTY_CONST),
	SD_BUS_PROPERTY("Head", "u", get_head, 0, SD_BUS_VTABLE_PROPERTY_CONST),
	SD_BUS_PROPERTY("Type", "s", get_type, 0, SD_BUS_VTABLE_PROPERTY_CONST),
	SD_BUS_PROPERTY("Width", "u", get_width, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
	SD_BUS_PROPERTY("Height", "u", get_height, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
	SD_BUS_PROPERTY("DeviceAddress", "s", get_address, 0, SD_BUS_VTABLE_PROPERTY_CONST),
	SD_BUS_PROPERTY("Interfaces", "as", get_interfaces, 0, SD_BUS_VTABLE_PROPERTY_CONST),
	SD_BUS_VTABLE_END,
};

static bool add_interface(
	struct published_object *object, const char *interface, const sd_bus_vtable *vtable) {
	return sd_bus_add_object_vtable(bus_link_bus(object->client->link),
		       &object->slots[object->slot_count++], object->console->path, interface,
		       vtable, object) >= 0;
}

struct published_object *published_object_create(
	struct published_client *client, struct published_console *console) {
	struct published_object *object = xcalloc(1, sizeof(*object));
	object->client = client;
	object->console = console;
	TAILQ_INIT(&object->listeners);
	bool ok = add_interface(object, DISPLAY_CONSOLE_INTERFACE, console_vtable);
	if (ok && console->impl->key) {
		ok = add_interface(object, DISPLAY_KEYBOARD_INTERFACE, published_keyboard_vtable);
	}
	if (ok && published_console_has_mouse(console)) {
		ok = add_interface(object, DISPLAY_MOUSE_INTERFACE, published_mouse_vtable);
	}
	if (ok && console->impl->touch) {
		ok = add_interface(object, DISPLAY_TOUCH_INTERFACE, published_touch_vtable);
	}
	if (!ok) {
		log_error("can't publish console %u", console->id);
		published_object_destroy(object);
		return NULL;
	}
	return object;
}

void published_object_destroy(struct published_object *object) {
	for (int i = 0; i < object->slot_count; i++) {
		sd_bus_slot_unref(object->slots[i]);
	}
	struct published_listener *listener;
	while ((listener = TAILQ_FIRST(&object->listeners))) {
		published_listener_destroy(listener);
	}
	published_object_release(object);
	free(object);
}
