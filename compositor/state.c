#include "compositor/state.h"

#include <json-c/json.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>
#include <unistd.h>
#include <wlr/types/wlr_output.h>

#include "compositor/config.h"
#include "compositor/desktop.h"
#include "compositor/guests.h"
#include "compositor/options.h"
#include "compositor/output.h"
#include "compositor/server.h"
#include "compositor/view.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/runtime.h"
#include "vm-display/frame.h"

struct state {
	struct server *server;
	char *path;
	struct json_object *last; /* of the last session; NULL: there was none */
	sd_event_source *pending;
	bool frozen, forget;
};

static struct json_object *read_last(const char *path) {
	if (access(path, F_OK) < 0) {
		return NULL;
	}
	struct json_object *root = json_object_from_file(path);
	if (!root || !json_object_is_type(root, json_type_object)) {
		log_error("%s isn't a saved layout; starting without one", path);
		json_object_put(root);
		return NULL;
	}
	return root;
}

struct state *state_create(struct server *server) {
	struct state *state = xcalloc(1, sizeof(*state));
	state->server = server;
	state->path = xasprintf("%s/layout.json", server->runtime);
	state->last = server->options->fresh ? NULL : read_last(state->path);
	return state;
}

static struct json_object *describe_box(const struct wlr_box *box) {
	struct json_object *array = json_object_new_array();
	const int numbers[] = {box->x, box->y, box->width, box->height};
	for (int i = 0; i < 4; i++) {
		json_object_array_add(array, json_object_new_int(numbers[i]));
	}
	return array;
}

/* A window dies with us, and its id means another one next time. */
static bool is_kept(const struct view *view) {
	return strcmp(view->impl->kind, "guest") == 0;
}

static struct json_object *describe_view(const struct view *view) {
	struct json_object *object = json_object_new_object();
	json_object_object_add(object, "id", json_object_new_string(view->id));
	json_object_object_add(object, "opacity", json_object_new_double(view->opacity));
	json_object_object_add(object, "free", describe_box(&view->free_box));
	const char *output = view->home ? view->home
		: view->output          ? view->output->wlr->name
					: NULL;
	if (output) {
		json_object_object_add(object, "output", json_object_new_string(output));
	}
	return object;
}

static struct json_object *describe_views(struct desktop *desktop) {
	struct json_object *array = json_object_new_array();
	struct view *view;
	wl_list_for_each (view, &desktop->views, link) {
		if (is_kept(view)) {
			json_object_array_add(array, describe_view(view));
		}
	}
	return array;
}

static struct json_object *describe_focus(struct desktop *desktop) {
	struct json_object *array = json_object_new_array();
	struct view *view;
	wl_list_for_each (view, &desktop->focus_order, focus_link) {
		if (is_kept(view)) {
			json_object_array_add(array, json_object_new_string(view->id));
		}
	}
	return array;
}

static struct json_object *describe_output(const struct output *output) {
	const struct wlr_output *wlr = output->wlr;
	struct json_object *object = json_object_new_object();
	json_object_object_add(object, "name", json_object_new_string(wlr->name));
	json_object_object_add(
		object, "layout", json_object_new_string(layout_mode_name(output->layout)));
	json_object_object_add(
		object, "headless", json_object_new_boolean(output_is_headless(output)));
	json_object_object_add(object, "enabled", json_object_new_boolean(output->placed));
	json_object_object_add(object, "width", json_object_new_int(wlr->width));
	json_object_object_add(object, "height", json_object_new_int(wlr->height));
	json_object_object_add(object, "scale", json_object_new_double(wlr->scale));
	json_object_object_add(
		object, "transform", json_object_new_string(output_transform_name(wlr->transform)));
	if (output->fixed) {
		json_object_object_add(object, "x", json_object_new_int(output->x));
		json_object_object_add(object, "y", json_object_new_int(output->y));
	}
	return object;
}

static struct json_object *describe_outputs(struct outputs *outputs) {
	struct json_object *array = json_object_new_array();
	struct output *output;
	wl_list_for_each (output, &outputs->list, link) {
		json_object_array_add(array, describe_output(output));
	}
	return array;
}

static struct json_object *describe_guests(struct guests *guests) {
	struct json_object *array = json_object_new_array();
	struct managed_guest *guest;
	wl_list_for_each (guest, &guests->list, link) {
		struct json_object *object = json_object_new_object();
		const struct guest_config *config = guest_config(guest->vmm);
		json_object_object_add(object, "name", json_object_new_string(config->name));
		json_object_object_add(object, "file", json_object_new_string(config->path));
		json_object_array_add(array, object);
	}
	return array;
}

static void write_state(struct state *state) {
	struct server *server = state->server;
	struct json_object *root = json_object_new_object();
	json_object_object_add(root, "focus", describe_focus(server->desktop));
	json_object_object_add(root, "outputs", describe_outputs(server->outputs));
	json_object_object_add(root, "guests", describe_guests(server->guests));
	json_object_object_add(root, "views", describe_views(server->desktop));
	write_file_atomically(
		state->path, json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY));
	json_object_put(root);
}

static int handle_pending(sd_event_source *source, void *data) {
	struct state *state = data;
	state->pending = sd_event_source_unref(state->pending);
	write_state(state);
	return 0;
}

void state_changed(struct state *state) {
	if (!state->pending && !state->frozen) {
		sd_event_add_defer(state->server->event, &state->pending, handle_pending, state);
	}
}

void state_freeze(struct state *state) {
	if (!state) {
		return;
	}
	if (state->pending && state->server->guests) {
		write_state(state);
	}
	state->pending = sd_event_source_unref(state->pending);
	state->frozen = true;
	if (state->forget) {
		unlink(state->path);
	}
}

void state_forget(struct state *state) {
	state->forget = true;
}

void state_destroy(struct state *state) {
	if (!state) {
		return;
	}
	sd_event_source_unref(state->pending);
	json_object_put(state->last);
	free(state->path);
	free(state);
}

/* The entry of an array of the last session whose `key` is `value`; *index is its place. */
static struct json_object *find(const struct state *state, const char *list, const char *key,
	const char *value, int *index) {
	struct json_object *array;
	if (!state->last || !json_object_object_get_ex(state->last, list, &array) ||
		!json_object_is_type(array, json_type_array)) {
		return NULL;
	}
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		struct json_object *object = json_object_array_get_idx(array, i), *field;
		if (json_object_is_type(object, json_type_object) &&
			json_object_object_get_ex(object, key, &field) &&
			json_object_is_type(field, json_type_string) &&
			strcmp(json_object_get_string(field), value) == 0) {
			if (index) {
				*index = i;
			}
			return object;
		}
	}
	return NULL;
}

static struct json_object *field(struct json_object *object, const char *key, json_type type) {
	struct json_object *value;
	bool found = object && json_object_object_get_ex(object, key, &value);
	return found && json_object_is_type(value, type) ? value : NULL;
}

static const char *string_field(struct json_object *object, const char *key) {
	struct json_object *value = field(object, key, json_type_string);
	return value ? json_object_get_string(value) : "";
}

enum layout_mode state_output_layout(
	const struct state *state, const char *output, enum layout_mode otherwise) {
	if (state->server->options->layout) {
		return otherwise;
	}
	enum layout_mode mode = otherwise;
	layout_mode_parse(
		string_field(find(state, "outputs", "name", output, NULL), "layout"), &mode);
	return mode;
}

static bool take(struct json_object *object) {
	if (!object || field(object, "restored", json_type_boolean)) {
		return false;
	}
	json_object_object_add(object, "restored", json_object_new_boolean(true));
	return true;
}

bool state_restore_output(
	struct state *state, const char *name, struct control_output_change *change) {
	struct json_object *object = find(state, "outputs", "name", name, NULL);
	if (!take(object)) {
		return false;
	}
	struct json_object *enabled = field(object, "enabled", json_type_boolean);
	struct json_object *scale = field(object, "scale", json_type_double);
	struct json_object *x = field(object, "x", json_type_int);
	struct json_object *y = field(object, "y", json_type_int);
	const char *transform = string_field(object, "transform");
	*change = config_no_output_change();
	change->enabled = enabled ? json_object_get_boolean(enabled) : -1;
	change->scale = scale ? json_object_get_double(scale) : -1;
	change->transform = transform[0] ? transform : NULL;
	if (change->enabled != 0) {
		change->width = json_object_get_int(field(object, "width", json_type_int));
		change->height = json_object_get_int(field(object, "height", json_type_int));
	}
	if (x && y) {
		change->x = json_object_get_int(x);
		change->y = json_object_get_int(y);
	}
	return true;
}

void state_remember_output(struct state *state, const struct output *output) {
	if (!state->last) {
		state->last = json_object_new_object();
	}
	if (!field(state->last, "outputs", json_type_array)) {
		json_object_object_add(state->last, "outputs", json_object_new_array());
	}
	struct json_object *array = field(state->last, "outputs", json_type_array);
	int index;
	if (find(state, "outputs", "name", output->wlr->name, &index)) {
		json_object_array_del_idx(array, index, 1);
	}
	json_object_array_add(array, describe_output(output));
}

static void restore_output(struct state *state, struct json_object *object) {
	struct outputs *outputs = state->server->outputs;
	const char *name = string_field(object, "name");
	struct json_object *headless = field(object, "headless", json_type_boolean);
	int width = json_object_get_int(field(object, "width", json_type_int));
	int height = json_object_get_int(field(object, "height", json_type_int));
	if (!json_object_get_boolean(headless) || output_by_name(outputs, name)) {
		return;
	}
	char *error = NULL;
	if (!outputs_create_headless(outputs, name, width, height, &error)) {
		log_error("%s: %s", state->path, error);
		free(error);
	}
}

/* Only where the command line doesn't say which outputs there are. */
void state_restore_outputs(struct state *state) {
	struct json_object *array = field(state->last, "outputs", json_type_array);
	if (!array || state->server->options->output_count > 0) {
		return;
	}
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		restore_output(state, json_object_array_get_idx(array, i));
	}
}

void state_restore_guests(struct state *state) {
	struct json_object *array = field(state->last, "guests", json_type_array);
	for (size_t i = 0; array && i < json_object_array_length(array); i++) {
		const char *path = string_field(json_object_array_get_idx(array, i), "file");
		char *error = NULL;
		if (!guests_add(state->server->guests, path, &error)) {
			log_error("%s", error);
			free(error);
		}
	}
}

bool state_guest_was_known(const struct state *state, const char *guest) {
	return find(state, "guests", "name", guest, NULL);
}

static struct wlr_box parse_box(struct json_object *array) {
	int numbers[4] = {0};
	for (size_t i = 0; array && i < 4 && i < json_object_array_length(array); i++) {
		numbers[i] = json_object_get_int(json_object_array_get_idx(array, i));
		if (numbers[i] < -FRAME_SIDE_MAX || numbers[i] > FRAME_SIDE_MAX) {
			return (struct wlr_box){0};
		}
	}
	return (struct wlr_box){
		.x = numbers[0], .y = numbers[1], .width = numbers[2], .height = numbers[3]};
}

bool state_restore_view(struct state *state, struct view *view) {
	struct json_object *object = find(state, "views", "id", view->id, NULL);
	if (!is_kept(view) || !take(object)) {
		return false;
	}
	view->free_box = parse_box(field(object, "free", json_type_array));
	struct json_object *opacity = field(object, "opacity", json_type_double);
	if (opacity) {
		view_set_opacity(view, json_object_get_double(opacity));
	}
	const char *output = string_field(object, "output");
	if (output[0]) {
		free(view->home);
		view->home = xstrdup(output);
	}
	return true;
}

int state_view_place(const struct state *state, const struct view *view) {
	int place = -1;
	if (is_kept(view)) {
		find(state, "views", "id", view->id, &place);
	}
	return place;
}

int state_view_recency(const struct state *state, const struct view *view) {
	struct json_object *array = field(state->last, "focus", json_type_array);
	for (size_t i = 0; array && is_kept(view) && i < json_object_array_length(array); i++) {
		const char *id = json_object_get_string(json_object_array_get_idx(array, i));
		if (id && strcmp(id, view->id) == 0) {
			return i;
		}
	}
	return INT_MAX;
}
