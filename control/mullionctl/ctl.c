#include "ctl.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "control/control.h"
#include "message_json.h"
#include "util/mem.h"
#include "util/runtime.h"

#define CONTROL_NAME "org.mullion.Control1"
#define CONTROL_PATH "/org/mullion/Control1"
#define CALL_TIMEOUT (25 * 1000 * 1000) /* µs */

enum ctl_exit ctl_fail(enum ctl_exit code, const char *format, ...) {
	va_list args;
	va_start(args, format);
	fputs("mullionctl: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	return code;
}

/* -1 with errno set. */
static int connect_to(const char *path) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		int saved = errno;
		close(fd);
		errno = saved;
		return -1;
	}
	return fd;
}

/* Takes `fd`. */
static int start_bus(struct ctl *ctl, int fd) {
	int r = sd_bus_new(&ctl->bus);
	if (r >= 0) {
		r = sd_bus_set_fd(ctl->bus, fd, fd);
	}
	if (r < 0) {
		close(fd);
		return r;
	}
	if ((r = sd_bus_negotiate_fds(ctl->bus, 1)) < 0 ||
		(r = sd_bus_set_method_call_timeout(ctl->bus, CALL_TIMEOUT)) < 0) {
		return r;
	}
	return sd_bus_start(ctl->bus);
}

enum ctl_exit ctl_connect(struct ctl *ctl) {
	if (ctl->bus) {
		return CTL_OK;
	}
	char *folder = runtime_folder();
	if (!folder) {
		return CTL_NOT_RUNNING;
	}
	char *path = xasprintf("%s/%s", folder, CONTROL_SOCKET_NAME);
	int fd = connect_to(path);
	enum ctl_exit result = CTL_OK;
	if (fd < 0) {
		bool absent = errno == ENOENT || errno == ECONNREFUSED;
		result = absent ? ctl_fail(CTL_NOT_RUNNING, "mullion isn't running in %s", folder)
				: ctl_fail(CTL_NOT_RUNNING, "can't reach mullion at %s: %s", path,
					  strerror(errno));
	} else {
		int r = start_bus(ctl, fd);
		if (r < 0) {
			result = ctl_fail(CTL_NOT_RUNNING, "can't talk to mullion at %s: %s", path,
				strerror(-r));
		}
	}
	free(path);
	free(folder);
	return result;
}

bool ctl_is_there(void) {
	char *folder = runtime_folder();
	char *path = folder ? xasprintf("%s/%s", folder, CONTROL_SOCKET_NAME) : NULL;
	int fd = path ? connect_to(path) : -1;
	if (fd >= 0) {
		close(fd);
	}
	free(path);
	free(folder);
	return fd >= 0;
}

void ctl_finish(struct ctl *ctl) {
	ctl->bus = sd_bus_close_unref(ctl->bus);
}

enum ctl_exit ctl_new_call(struct ctl *ctl, const char *method, sd_bus_message **call) {
	enum ctl_exit result = ctl_connect(ctl);
	if (result != CTL_OK) {
		return result;
	}
	int r = sd_bus_message_new_method_call(
		ctl->bus, call, CONTROL_NAME, CONTROL_PATH, CONTROL_NAME, method);
	return r < 0 ? ctl_fail(CTL_FAILED, "%s: %s", method, strerror(-r)) : CTL_OK;
}

enum ctl_exit ctl_send(struct ctl *ctl, sd_bus_message *call, sd_bus_message **reply) {
	sd_bus_error error = SD_BUS_ERROR_NULL;
	int r = sd_bus_call(ctl->bus, call, 0, &error, reply);
	enum ctl_exit result = CTL_OK;
	if (r == -ECONNRESET || r == -ENOTCONN || r == -EPIPE) {
		result = ctl_fail(CTL_NOT_RUNNING, "mullion closed the connection");
	} else if (r == -ETIMEDOUT) {
		result = ctl_fail(CTL_TIMEOUT, "mullion doesn't answer");
	} else if (r < 0) {
		result = ctl_fail(CTL_FAILED, "%s", error.message ? error.message : strerror(-r));
	}
	sd_bus_error_free(&error);
	sd_bus_message_unref(call);
	return result;
}

enum ctl_exit ctl_call(
	struct ctl *ctl, sd_bus_message **reply, const char *method, const char *types, ...) {
	sd_bus_message *call = NULL;
	enum ctl_exit result = ctl_new_call(ctl, method, &call);
	if (result != CTL_OK) {
		return result;
	}
	va_list args;
	va_start(args, types);
	int r = sd_bus_message_appendv(call, types, args);
	va_end(args);
	if (r < 0) {
		sd_bus_message_unref(call);
		return ctl_fail(
			CTL_USAGE, "%s: an argument can't be sent: %s", method, strerror(-r));
	}
	return ctl_send(ctl, call, reply);
}

enum ctl_exit ctl_list(struct ctl *ctl, const char *method, struct json_object **list) {
	sd_bus_message *reply = NULL;
	enum ctl_exit result = ctl_call(ctl, &reply, method, "");
	if (result == CTL_OK) {
		*list = message_to_json(reply);
		if (!json_object_is_type(*list, json_type_array)) {
			json_object_put(*list);
			result = ctl_fail(CTL_FAILED, "mullion's answer makes no sense");
		}
	}
	sd_bus_message_unref(reply);
	return result;
}

void ctl_print_json(struct json_object *object) {
	puts(json_object_to_json_string_ext(
		object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
}

const char *ctl_string(struct json_object *object, const char *key) {
	struct json_object *value = json_object_object_get(object, key);
	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
}

int ctl_int(struct json_object *object, const char *key) {
	return json_object_get_int(json_object_object_get(object, key));
}

double ctl_double(struct json_object *object, const char *key) {
	return json_object_get_double(json_object_object_get(object, key));
}

bool ctl_bool(struct json_object *object, const char *key) {
	return json_object_get_boolean(json_object_object_get(object, key));
}

struct json_object *ctl_find(struct json_object *list, const char *key, const char *value) {
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *object = json_object_array_get_idx(list, i);
		if (strcmp(ctl_string(object, key), value) == 0) {
			return object;
		}
	}
	return NULL;
}
