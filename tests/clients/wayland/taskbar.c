/* The windows and guests that a task bar is told of. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "wlr-foreign-toplevel-management-unstable-v1-client.h"

struct task {
	struct zwlr_foreign_toplevel_handle_v1 *handle;
	char title[64], app_id[64], states[64];
	struct wl_list link; /* tasks */
};

static struct wl_list tasks;

static void handle_title(
	void *data, struct zwlr_foreign_toplevel_handle_v1 *handle, const char *title) {
	struct task *task = data;
	snprintf(task->title, sizeof(task->title), "%s", title);
}

static void handle_app_id(
	void *data, struct zwlr_foreign_toplevel_handle_v1 *handle, const char *app_id) {
	struct task *task = data;
	snprintf(task->app_id, sizeof(task->app_id), "%s", app_id);
}

static void handle_output(
	void *data, struct zwlr_foreign_toplevel_handle_v1 *handle, struct wl_output *output) {
}

static void handle_state(
	void *data, struct zwlr_foreign_toplevel_handle_v1 *handle, struct wl_array *states) {
	static const char *const names[] = {"maximized", "minimized", "activated", "fullscreen"};
	struct task *task = data;
	size_t used = 0;
	const uint32_t *state;
	task->states[0] = '\0';
	wl_array_for_each (state, states) {
		if (*state < sizeof(names) / sizeof(names[0])) {
			used += snprintf(task->states + used, sizeof(task->states) - used, " %s",
				names[*state]);
		}
	}
}

static void handle_done(void *data, struct zwlr_foreign_toplevel_handle_v1 *handle) {
	const struct task *task = data;
	say("task %s (%s)%s", task->title, task->app_id, task->states);
}

static void handle_closed(void *data, struct zwlr_foreign_toplevel_handle_v1 *handle) {
	struct task *task = data;
	say("task-gone %s", task->title);
	wl_list_remove(&task->link);
	zwlr_foreign_toplevel_handle_v1_destroy(handle);
	free(task);
}

static void handle_parent(void *data, struct zwlr_foreign_toplevel_handle_v1 *handle,
	struct zwlr_foreign_toplevel_handle_v1 *parent) {
}

static const struct zwlr_foreign_toplevel_handle_v1_listener handle_listener = {
	.title = handle_title,
	.app_id = handle_app_id,
	.output_enter = handle_output,
	.output_leave = handle_output,
	.state = handle_state,
	.done = handle_done,
	.closed = handle_closed,
	.parent = handle_parent,
};

static void handle_toplevel(void *data, struct zwlr_foreign_toplevel_manager_v1 *manager,
	struct zwlr_foreign_toplevel_handle_v1 *handle) {
	struct task *task = calloc(1, sizeof(*task));
	task->handle = handle;
	wl_list_insert(tasks.prev, &task->link);
	zwlr_foreign_toplevel_handle_v1_add_listener(handle, &handle_listener, task);
}

static void handle_finished(void *data, struct zwlr_foreign_toplevel_manager_v1 *manager) {
}

static const struct zwlr_foreign_toplevel_manager_v1_listener manager_listener = {
	.toplevel = handle_toplevel,
	.finished = handle_finished,
};

void taskbar_bind(struct app *app, const char *interface, uint32_t name) {
	if (strcmp(interface, zwlr_foreign_toplevel_manager_v1_interface.name) == 0) {
		app->taskbar = name;
	}
}

void taskbar_open(struct app *app) {
	struct zwlr_foreign_toplevel_manager_v1 *manager = wl_registry_bind(
		app->registry, app->taskbar, &zwlr_foreign_toplevel_manager_v1_interface, 3);
	wl_list_init(&tasks);
	zwlr_foreign_toplevel_manager_v1_add_listener(manager, &manager_listener, NULL);
}

void taskbar_request(struct app *app, const char *what, const char *title) {
	struct task *task;
	wl_list_for_each (task, &tasks, link) {
		if (strcmp(task->title, title) != 0) {
			continue;
		}
		if (strcmp(what, "activate") == 0) {
			zwlr_foreign_toplevel_handle_v1_activate(task->handle, devices_seat(app));
		} else if (strcmp(what, "close") == 0) {
			zwlr_foreign_toplevel_handle_v1_close(task->handle);
		} else if (strcmp(what, "fullscreen") == 0) {
			zwlr_foreign_toplevel_handle_v1_set_fullscreen(task->handle, NULL);
		} else {
			zwlr_foreign_toplevel_handle_v1_unset_fullscreen(task->handle);
		}
		return;
	}
	fail("no task %s", title);
}
