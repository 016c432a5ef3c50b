#include "control/control_private.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vm-display/frame.h"
#include "vm-display/publisher.h"

#define SCALE_MIN 0.1
#define SCALE_MAX 16.0
#define REFRESH_MAX 1000.0 /* Hz */
#define POSITION_MAX 1000000 /* logical px, either way */

static int handle_list_guests(sd_bus_message *message, void *data, sd_bus_error *error) {
	return control_reply_list(message, control_impl_of(data)->list_guests, data, error);
}

static int handle_list_views(sd_bus_message *message, void *data, sd_bus_error *error) {
	return control_reply_list(message, control_impl_of(data)->list_views, data, error);
}

static int handle_list_outputs(sd_bus_message *message, void *data, sd_bus_error *error) {
	return control_reply_list(message, control_impl_of(data)->list_outputs, data, error);
}

static int handle_add_guest(sd_bus_message *message, void *data, sd_bus_error *error) {
	const char *path;
	int r = sd_bus_message_read(message, "s", &path);
	if (r < 0) {
		return r;
	}
	if (path[0] != '/') {
		return control_invalid(error, "The path must be absolute");
	}
	sd_bus_message_rewind(message, 1);
	return control_call_with_name(message, control_impl_of(data)->add_guest, data, error);
}

static int handle_remove_guest(sd_bus_message *message, void *data, sd_bus_error *error) {
	return control_call_with_name(message, control_impl_of(data)->remove_guest, data, error);
}

static int handle_focus(sd_bus_message *message, void *data, sd_bus_error *error) {
	return control_call_with_name(message, control_impl_of(data)->focus, data, error);
}

static int handle_close(sd_bus_message *message, void *data, sd_bus_error *error) {
	return control_call_with_name(message, control_impl_of(data)->close, data, error);
}

static int handle_remove_output(sd_bus_message *message, void *data, sd_bus_error *error) {
	return control_call_with_name(message, control_impl_of(data)->remove_output, data, error);
}

static bool parse_power(const char *name, enum control_power *power) {
	static const char *const names[] = {[CONTROL_START] = "start",
		[CONTROL_SHUT_DOWN] = "shut-down",
		[CONTROL_POWER_OFF] = "power-off",
		[CONTROL_RESET] = "reset",
		[CONTROL_PAUSE] = "pause",
		[CONTROL_RESUME] = "resume"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], name) == 0) {
			*power = (enum control_power)i;
			return true;
		}
	}
	return false;
}

static int handle_power(sd_bus_message *message, void *data, sd_bus_error *error) {
	if (!control_impl_of(data)->power) {
		return control_not_supported(error);
	}
	const char *guest, *name;
	int r = sd_bus_message_read(message, "ss", &guest, &name);
	if (r < 0) {
		return r;
	}
	enum control_power power;
	if (!parse_power(name, &power)) {
		return control_invalid(error, "There is no such action");
	}
	char *text = NULL;
	bool done = control_impl_of(data)->power(control_data_of(data), guest, power, &text);
	return control_reply_done(message, done, text, error);
}

static bool is_layout(const char *name) {
	return strcmp(name, "grid") == 0 || strcmp(name, "single") == 0 ||
		strcmp(name, "free") == 0;
}

static int handle_set_layout(sd_bus_message *message, void *data, sd_bus_error *error) {
	if (!control_impl_of(data)->set_layout) {
		return control_not_supported(error);
	}
	const char *layout, *output;
	int r = sd_bus_message_read(message, "ss", &layout, &output);
	if (r < 0) {
		return r;
	}
	if (!is_layout(layout)) {
		return control_invalid(error, "The layouts are grid, single and free");
	}
	char *text = NULL;
	bool done = control_impl_of(data)->set_layout(
		control_data_of(data), layout, output[0] ? output : NULL, &text);
	return control_reply_done(message, done, text, error);
}

static int handle_set_opacity(sd_bus_message *message, void *data, sd_bus_error *error) {
	if (!control_impl_of(data)->set_opacity) {
		return control_not_supported(error);
	}
	const char *view;
	double opacity;
	int r = sd_bus_message_read(message, "sd", &view, &opacity);
	if (r < 0) {
		return r;
	}
	if (!(opacity >= 0 && opacity <= 1)) {
		return control_invalid(error, "The opacity must be between 0 and 1");
	}
	char *text = NULL;
	bool done = control_impl_of(data)->set_opacity(control_data_of(data), view, opacity, &text);
	return control_reply_done(message, done, text, error);
}

static bool is_position(int x) {
	return x >= -POSITION_MAX && x <= POSITION_MAX;
}

static bool is_size(int width, int height) {
	return width > 0 && height > 0 && width <= FRAME_SIDE_MAX && height <= FRAME_SIDE_MAX;
}

static int handle_move(sd_bus_message *message, void *data, sd_bus_error *error) {
	if (!control_impl_of(data)->move) {
		return control_not_supported(error);
	}
	const char *view;
	int32_t x, y, width, height;
	int r = sd_bus_message_read(message, "siiii", &view, &x, &y, &width, &height);
	if (r < 0) {
		return r;
	}
	bool keeps_size = width == 0 && height == 0;
	if (!is_position(x) || !is_position(y) || !(keeps_size || is_size(width, height))) {
		return control_invalid(error, "The place or the size is out of range");
	}
	char *text = NULL;
	bool done = control_impl_of(data)->move(
		control_data_of(data), view, x, y, width, height, &text);
	return control_reply_done(message, done, text, error);
}

static int handle_move_to_output(sd_bus_message *message, void *data, sd_bus_error *error) {
	if (!control_impl_of(data)->move_to_output) {
		return control_not_supported(error);
	}
	const char *view, *output;
	int r = sd_bus_message_read(message, "ss", &view, &output);
	if (r < 0) {
		return r;
	}
	char *text = NULL;
	bool done =
		control_impl_of(data)->move_to_output(control_data_of(data), view, output, &text);
	return control_reply_done(message, done, text, error);
}

static int handle_create_output(sd_bus_message *message, void *data, sd_bus_error *error) {
	if (!control_impl_of(data)->create_output) {
		return control_not_supported(error);
	}
	const char *name;
	int32_t width, height;
	int r = sd_bus_message_read(message, "sii", &name, &width, &height);
	if (r < 0) {
		return r;
	}
	if (name[0] == '\0' || !is_size(width, height)) {
		return control_invalid(error, "The name is empty or the size is out of range");
	}
	char *text = NULL;
	bool done = control_impl_of(data)->create_output(
		control_data_of(data), name, width, height, &text);
	return control_reply_done(message, done, text, error);
}

static bool is_transform(const char *name) {
	static const char *const names[] = {"normal", "90", "180", "270", "flipped", "flipped-90",
		"flipped-180", "flipped-270"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], name) == 0) {
			return true;
		}
	}
	return false;
}

/* Reads one variant of the changes into its member; 0 if there is no such key. */
static int read_change(
	sd_bus_message *message, const char *key, struct control_output_change *change) {
	const struct {
		const char *key, *type;
		void *value;
	} members[] = {{"enabled", "b", &change->enabled}, {"width", "i", &change->width},
		{"height", "i", &change->height}, {"refresh", "d", &change->refresh},
		{"scale", "d", &change->scale}, {"x", "i", &change->x}, {"y", "i", &change->y},
		{"transform", "s", &change->transform}};
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (strcmp(members[i].key, key) == 0) {
			int r = sd_bus_message_read(
				message, "v", members[i].type, members[i].value);
			return r == 0 ? -ENXIO : r;
		}
	}
	return 0;
}

static int read_changes(
	sd_bus_message *message, struct control_output_change *change, sd_bus_error *error) {
	int r = sd_bus_message_enter_container(message, SD_BUS_TYPE_ARRAY, "{sv}");
	while (r >= 0 &&
		(r = sd_bus_message_enter_container(message, SD_BUS_TYPE_DICT_ENTRY, "sv")) > 0) {
		const char *key;
		if ((r = sd_bus_message_read(message, "s", &key)) < 0) {
			return r;
		}
		r = read_change(message, key, change);
		if (r <= 0) {
			return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS,
				r == 0 ? "There is no property %s"
				       : "The property %s has another type",
				key);
		}
		r = sd_bus_message_exit_container(message);
	}
	return r < 0 ? r : sd_bus_message_exit_container(message);
}

/* What is wrong with the changes, or NULL. A member that isn't given has its neutral value. */
static const char *check_changes(const struct control_output_change *change) {
	bool has_size = change->width != -1 || change->height != -1;
	if (has_size && !is_size(change->width, change->height)) {
		return "The mode needs a width and a height in range";
	}
	if (change->refresh != -1 &&
		(!has_size || !(change->refresh > 0 && change->refresh <= REFRESH_MAX))) {
		return "The refresh rate is out of range, or without a size";
	}
	if (change->scale != -1 && !(change->scale >= SCALE_MIN && change->scale <= SCALE_MAX)) {
		return "The scale is out of range";
	}
	bool has_position = change->x != INT_MIN || change->y != INT_MIN;
	if (has_position && !(is_position(change->x) && is_position(change->y))) {
		return "The position needs x and y in range";
	}
	if (change->transform && !is_transform(change->transform)) {
		return "There is no such transform";
	}
	return NULL;
}

static int handle_configure_output(sd_bus_message *message, void *data, sd_bus_error *error) {
	if (!control_impl_of(data)->configure_output) {
		return control_not_supported(error);
	}
	struct control_output_change change = {.enabled = -1,
		.width = -1,
		.height = -1,
		.refresh = -1,
		.scale = -1,
		.x = INT_MIN,
		.y = INT_MIN};
	const char *name;
	int r = sd_bus_message_read(message, "s", &name);
	if (r < 0 || (r = read_changes(message, &change, error)) < 0) {
		return r;
	}
	const char *wrong = check_changes(&change);
	if (wrong) {
		return control_invalid(error, wrong);
	}
	char *text = NULL;
	bool done = control_impl_of(data)->configure_output(
		control_data_of(data), name, &change, &text);
	return control_reply_done(message, done, text, error);
}

static int handle_open_display(sd_bus_message *message, void *data, sd_bus_error *error) {
	struct control_client *client = data;
	if (!control_impl_of(data)->open_display ||
		sd_bus_can_send(client->bus, SD_BUS_TYPE_UNIX_FD) <= 0) {
		return control_not_supported(error);
	}
	const char *target;
	uint32_t rights;
	int r = sd_bus_message_read(message, "su", &target, &rights);
	if (r < 0) {
		return r;
	}
	if (rights == 0 || (rights & ~(uint32_t)PUBLISHER_ALL)) {
		return control_invalid(error, "The rights are a sum of 1, 2 and 4");
	}
	char *text = NULL;
	int fd = control_impl_of(data)->open_display(control_data_of(data), target, rights, &text);
	if (fd < 0) {
		return control_failed(error, text);
	}
	r = sd_bus_reply_method_return(message, "h", fd);
	close(fd);
	return r;
}

static int handle_reload(sd_bus_message *message, void *data, sd_bus_error *error) {
	if (!control_impl_of(data)->reload) {
		return control_not_supported(error);
	}
	char *text = NULL;
	bool done = control_impl_of(data)->reload(control_data_of(data), &text);
	return control_reply_done(message, done, text, error);
}

static int handle_quit(sd_bus_message *message, void *data, sd_bus_error *error) {
	if (!control_impl_of(data)->quit) {
		return control_not_supported(error);
	}
	int stop_guests;
	int r = sd_bus_message_read(message, "b", &stop_guests);
	if (r < 0) {
		return r;
	}
	/* The answer first: afterwards there may be nobody to send it. */
	r = sd_bus_reply_method_return(message, "");
	control_impl_of(data)->quit(control_data_of(data), stop_guests);
	return r;
}

static int get_version(sd_bus *bus, const char *path, const char *interface, const char *property,
	sd_bus_message *reply, void *data, sd_bus_error *error) {
	return sd_bus_message_append(reply, "s", MULLION_VERSION);
}

/* `names` are those of all arguments, those that come back last. */
#define METHOD(name, in, out, names, handler)                                                      \
	SD_BUS_METHOD_WITH_NAMES(name, in, names, out, "", handler, SD_BUS_VTABLE_UNPRIVILEGED)
#define P SD_BUS_PARAM

static const sd_bus_vtable control_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_PROPERTY("Version", "s", get_version, 0, SD_BUS_VTABLE_PROPERTY_CONST),
	METHOD("ListGuests", "", "aa{sv}", P(guests), handle_list_guests),
	METHOD("ListViews", "", "aa{sv}", P(views), handle_list_views),
	METHOD("ListOutputs", "", "aa{sv}", P(outputs), handle_list_outputs),
	METHOD("AddGuest", "s", "", P(path), handle_add_guest),
	METHOD("RemoveGuest", "s", "", P(guest), handle_remove_guest),
	METHOD("Power", "ss", "", P(guest) P(action), handle_power),
	METHOD("SetLayout", "ss", "", P(layout) P(output), handle_set_layout),
	METHOD("Focus", "s", "", P(view), handle_focus),
	METHOD("SetOpacity", "sd", "", P(view) P(opacity), handle_set_opacity),
	METHOD("Move", "siiii", "", P(view) P(x) P(y) P(width) P(height), handle_move),
	METHOD("MoveToOutput", "ss", "", P(view) P(output), handle_move_to_output),
	METHOD("Close", "s", "", P(view), handle_close),
	METHOD("CreateOutput", "sii", "", P(name) P(width) P(height), handle_create_output),
	METHOD("RemoveOutput", "s", "", P(name), handle_remove_output),
	METHOD("ConfigureOutput", "sa{sv}", "", P(name) P(changes), handle_configure_output),
	METHOD("OpenDisplay", "su", "h", P(target) P(rights) P(connection), handle_open_display),
	METHOD("OpenSession", "a{sv}", "sh", P(info) P(id) P(connection),
		control_handle_open_session),
	METHOD("ListSessions", "", "aa{sv}", P(sessions), control_handle_list_sessions),
	METHOD("KickSession", "s", "", P(id), control_handle_kick_session),
	METHOD("ListRemotes", "", "aa{sv}", P(remotes), control_handle_list_remotes),
	METHOD("StartRemote", "s", "", P(name), control_handle_start_remote),
	METHOD("StopRemote", "s", "", P(name), control_handle_stop_remote),
	METHOD("Reload", "", "", "", handle_reload),
	METHOD("Quit", "b", "", P(stop_guests), handle_quit),
	SD_BUS_SIGNAL_WITH_NAMES("Event", "sss", P(kind) P(object) P(detail), 0),
	SD_BUS_VTABLE_END,
};

int control_add_methods(struct control_client *client) {
	return sd_bus_add_object_vtable(
		client->bus, NULL, CONTROL_PATH, CONTROL_INTERFACE, control_vtable, client);
}
