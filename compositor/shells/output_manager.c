#include "compositor/shells/output_manager.h"

#include <limits.h>
#include <stdlib.h>
#include <wlr/backend.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/types/wlr_output_management_v1.h>
#include <wlr/types/wlr_output_power_management_v1.h>

#include "compositor/output.h"
#include "compositor/server.h"
#include "compositor/shells/assembly.h"
#include "control/control.h"
#include "util/log.h"
#include "util/mem.h"

static void handle_idle_publish(void *data) {
	struct output_manager *manager = data;
	manager->publish = NULL;
	struct wlr_output_configuration_v1 *config = wlr_output_configuration_v1_create();
	struct output *output;
	wl_list_for_each (output, &manager->shells->server->outputs->list, link) {
		struct wlr_output_configuration_head_v1 *head =
			wlr_output_configuration_head_v1_create(config, output->wlr);
		head->state.x = output->box.x;
		head->state.y = output->box.y;
	}
	wlr_output_manager_v1_set_configuration(manager->wlr, config);
}

/* Changes come in flocks: one publication for all. */
static void schedule_publish(struct output_manager *manager) {
	if (!manager->publish) {
		struct wl_event_loop *loop =
			wl_display_get_event_loop(manager->shells->server->display);
		manager->publish = wl_event_loop_add_idle(loop, handle_idle_publish, manager);
	}
}

static void handle_outputs_added(struct wl_listener *listener, void *data) {
	struct output_manager *manager = wl_container_of(listener, manager, added);
	schedule_publish(manager);
}

static void handle_outputs_removed(struct wl_listener *listener, void *data) {
	struct output_manager *manager = wl_container_of(listener, manager, removed);
	schedule_publish(manager);
}

static void handle_outputs_changed(struct wl_listener *listener, void *data) {
	struct output_manager *manager = wl_container_of(listener, manager, changed);
	schedule_publish(manager);
}

static struct control_output_change change_of(const struct wlr_output_head_v1_state *state) {
	struct control_output_change change = {
		.enabled = state->enabled,
		.width = -1,
		.height = -1,
		.refresh = -1,
		.scale = state->enabled ? state->scale : -1,
		.x = state->enabled ? state->x : INT_MIN,
		.y = state->enabled ? state->y : INT_MIN,
		.transform = state->enabled ? output_transform_name(state->transform) : NULL,
	};
	int refresh = 0; /* mHz */
	if (state->enabled && state->mode) {
		change.width = state->mode->width;
		change.height = state->mode->height;
		refresh = state->mode->refresh;
	} else if (state->enabled && state->custom_mode.width > 0) {
		change.width = state->custom_mode.width;
		change.height = state->custom_mode.height;
		refresh = state->custom_mode.refresh;
	}
	change.refresh = refresh > 0 ? refresh / 1000.0 : -1;
	return change;
}

static bool apply_head(
	struct output_manager *manager, const struct wlr_output_configuration_head_v1 *head) {
	struct outputs *outputs = manager->shells->server->outputs;
	struct output *output = output_from_wlr(outputs, head->state.output);
	if (!output) {
		return false;
	}
	struct control_output_change change = change_of(&head->state);
	char *error = NULL;
	if (!output_configure(output, &change, &error)) {
		log_info("output-management: %s", error ? error : "refused");
		free(error);
		return false;
	}
	return true;
}

static bool test_configuration(
	struct output_manager *manager, const struct wlr_output_configuration_v1 *config) {
	size_t count = 0;
	struct wlr_backend_output_state *states =
		wlr_output_configuration_v1_build_state(config, &count);
	if (!states) {
		return false;
	}
	bool works = wlr_backend_test(manager->shells->server->backend, states, count);
	for (size_t i = 0; i < count; i++) {
		wlr_output_state_finish(&states[i].base);
	}
	free(states);
	return works;
}

static void answer(struct wlr_output_configuration_v1 *config, bool works) {
	if (works) {
		wlr_output_configuration_v1_send_succeeded(config);
	} else {
		wlr_output_configuration_v1_send_failed(config);
	}
	wlr_output_configuration_v1_destroy(config);
}

static void handle_output_manager_apply(struct wl_listener *listener, void *data) {
	struct output_manager *manager = wl_container_of(listener, manager, apply);
	struct wlr_output_configuration_v1 *config = data;
	bool works = test_configuration(manager, config);
	struct wlr_output_configuration_head_v1 *head;
	wl_list_for_each (head, &config->heads, link) {
		works = works && apply_head(manager, head);
	}
	answer(config, works);
	schedule_publish(manager);
}

static void handle_output_manager_test(struct wl_listener *listener, void *data) {
	struct output_manager *manager = wl_container_of(listener, manager, test);
	struct wlr_output_configuration_v1 *config = data;
	answer(config, test_configuration(manager, config));
}

static void handle_output_power_set_mode(struct wl_listener *listener, void *data) {
	const struct wlr_output_power_v1_set_mode_event *event = data;
	bool on = event->mode == ZWLR_OUTPUT_POWER_V1_MODE_ON;
	if (event->output->enabled == on) {
		return;
	}
	struct wlr_output_state state;
	wlr_output_state_init(&state);
	wlr_output_state_set_enabled(&state, on);
	wlr_output_commit_state(event->output, &state);
	wlr_output_state_finish(&state);
}

static void listen_to_outputs(struct output_manager *manager) {
	struct outputs *outputs = manager->shells->server->outputs;
	manager->added.notify = handle_outputs_added;
	wl_signal_add(&outputs->events.added, &manager->added);
	manager->removed.notify = handle_outputs_removed;
	wl_signal_add(&outputs->events.removed, &manager->removed);
	manager->changed.notify = handle_outputs_changed;
	wl_signal_add(&outputs->events.changed, &manager->changed);
}

struct output_manager *output_manager_create(struct shells *shells) {
	struct wl_display *display = shells->server->display;
	struct wlr_output_manager_v1 *wlr = wlr_output_manager_v1_create(display);
	struct wlr_output_power_manager_v1 *power = wlr_output_power_manager_v1_create(display);
	if (!wlr || !power) {
		return NULL;
	}
	struct output_manager *manager = xcalloc(1, sizeof(*manager));
	manager->shells = shells;
	manager->wlr = wlr;
	manager->apply.notify = handle_output_manager_apply;
	wl_signal_add(&wlr->events.apply, &manager->apply);
	manager->test.notify = handle_output_manager_test;
	wl_signal_add(&wlr->events.test, &manager->test);
	manager->power.notify = handle_output_power_set_mode;
	wl_signal_add(&power->events.set_mode, &manager->power);
	listen_to_outputs(manager);
	return manager;
}

void output_manager_destroy(struct output_manager *manager) {
	if (!manager) {
		return;
	}
	if (manager->publish) {
		wl_event_source_remove(manager->publish);
	}
	wl_list_remove(&manager->apply.link);
	wl_list_remove(&manager->test.link);
	wl_list_remove(&manager->power.link);
	wl_list_remove(&manager->added.link);
	wl_list_remove(&manager->removed.link);
	wl_list_remove(&manager->changed.link);
	free(manager);
}
