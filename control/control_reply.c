#include "control/control_private.h"

#include <stdlib.h>

const struct control_impl *control_impl_of(void *data) {
	return ((struct control_client *)data)->control->impl;
}

void *control_data_of(void *data) {
	return ((struct control_client *)data)->control->data;
}

int control_invalid(sd_bus_error *error, const char *what) {
	return sd_bus_error_set(error, SD_BUS_ERROR_INVALID_ARGS, what);
}

int control_not_supported(sd_bus_error *error) {
	return sd_bus_error_set(
		error, SD_BUS_ERROR_NOT_SUPPORTED, "This mullion was built or started without it");
}

int control_failed(sd_bus_error *error, char *text) {
	int r = sd_bus_error_setf(
		error, CONTROL_ERROR_FAILED, "%s", text ? text : "It could not be done");
	free(text);
	return r;
}

int control_reply_done(sd_bus_message *message, bool done, char *text, sd_bus_error *error) {
	return done ? sd_bus_reply_method_return(message, "") : control_failed(error, text);
}

int control_reply_list(sd_bus_message *message, bool (*list)(void *data, sd_bus_message *reply),
	void *data, sd_bus_error *error) {
	if (!list) {
		return control_not_supported(error);
	}
	sd_bus_message *reply = NULL;
	int r = sd_bus_message_new_method_return(message, &reply);
	if (r >= 0) {
		r = sd_bus_message_open_container(reply, SD_BUS_TYPE_ARRAY, "a{sv}");
	}
	if (r >= 0 && !list(control_data_of(data), reply)) {
		r = control_failed(error, NULL);
	}
	if (r >= 0) {
		r = sd_bus_message_close_container(reply);
	}
	if (r >= 0) {
		r = sd_bus_send(NULL, reply, NULL);
	}
	sd_bus_message_unref(reply);
	return r;
}

int control_call_with_name(sd_bus_message *message,
	bool (*method)(void *data, const char *name, char **error), void *data,
	sd_bus_error *error) {
	if (!method) {
		return control_not_supported(error);
	}
	const char *name;
	int r = sd_bus_message_read(message, "s", &name);
	if (r < 0) {
		return r;
	}
	char *text = NULL;
	bool done = method(control_data_of(data), name, &text);
	return control_reply_done(message, done, text, error);
}
