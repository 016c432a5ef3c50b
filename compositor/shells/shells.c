#include "compositor/shells.h"

#include <stdlib.h>
#include <wlr/types/wlr_foreign_toplevel_management_v1.h>
#include <wlr/types/wlr_scene.h>

#include "compositor/output.h"
#include "compositor/server.h"
#include "compositor/shells/activation.h"
#include "compositor/shells/assembly.h"
#include "compositor/shells/decoration.h"
#include "compositor/shells/foreign.h"
#include "compositor/shells/globals.h"
#include "compositor/shells/idle.h"
#include "compositor/shells/layer.h"
#include "compositor/shells/lock.h"
#include "compositor/shells/output_manager.h"
#include "compositor/shells/sandbox.h"
#include "compositor/shells/selection.h"
#include "compositor/shells/virtual_input.h"
#include "compositor/shells/window.h"
#include "compositor/shells/xdg_shell.h"
#include "compositor/shells/xwayland.h"
#include "compositor/view.h"
#include "input/seat.h"
#include "util/log.h"
#include "util/mem.h"

#define CLIENT_BUFFER_MAX                                                                          \
	(1 << 20) /* bytes of events that wait for a client, else it is dropped                    \
		   */

static bool create_parts(struct shells *shells) {
	shells->foreign_manager = wlr_foreign_toplevel_manager_v1_create(shells->server->display);
	return shells->foreign_manager && globals_create(shells) &&
		(shells->windows = windows_create(shells)) &&
		(shells->xdg_shell = xdg_shell_create(shells)) &&
		(shells->decoration = decoration_manager_create(shells)) &&
		(shells->layer_shell = layer_shell_create(shells)) &&
		(shells->lock = session_lock_create(shells)) &&
		(shells->selection = selection_create(shells)) &&
		(shells->idle = idle_create(shells)) &&
		(shells->activation = activation_create(shells)) &&
		(shells->output_manager = output_manager_create(shells)) &&
		(shells->virtual_input = virtual_input_create(shells)) &&
		(shells->sandbox = sandbox_create(shells));
}

struct shells *shells_create(struct server *server) {
	struct shells *shells = xcalloc(1, sizeof(*shells));
	shells->server = server;
	wl_display_set_default_max_buffer_size(server->display, CLIENT_BUFFER_MAX);
	if (!create_parts(shells)) {
		log_error("can't offer the Wayland protocols for windows");
		shells_destroy(shells);
		return NULL;
	}
	shells->xwayland = xwayland_create(shells);
	return shells;
}

void shells_destroy(struct shells *shells) {
	if (!shells) {
		return;
	}
	xwayland_destroy(shells->xwayland);
	sandbox_destroy(shells->sandbox);
	virtual_input_destroy(shells->virtual_input);
	output_manager_destroy(shells->output_manager);
	activation_destroy(shells->activation);
	idle_destroy(shells->idle);
	selection_destroy(shells->selection);
	session_lock_destroy(shells->lock);
	layer_shell_destroy(shells->layer_shell);
	decoration_manager_destroy(shells->decoration);
	xdg_shell_destroy(shells->xdg_shell);
	windows_destroy(shells->windows);
	free(shells);
}

void shells_arrange_layers(struct shells *shells, struct output *output) {
	if (shells) {
		layer_shell_arrange(shells->layer_shell, output);
	} else {
		output->usable = output->box;
	}
}

static bool is_within(const struct wlr_scene_node *node, const struct wlr_scene_tree *tree) {
	while (node && node != &tree->node) {
		node = node->parent ? &node->parent->node : NULL;
	}
	return node;
}

struct seat_target shells_target_at(struct shells *shells, double lx, double ly) {
	struct server *server = shells->server;
	struct seat_target target = {.kind = SEAT_TARGET_NONE};
	struct wlr_scene_node *node = server_node_at(server, lx, ly, &target.x, &target.y);
	if (!node || node->type != WLR_SCENE_NODE_BUFFER || is_within(node, server->layers.views) ||
		is_within(node, server->layers.guests)) {
		return target;
	}
	struct wlr_scene_surface *surface =
		wlr_scene_surface_try_from_buffer(wlr_scene_buffer_from_node(node));
	if (surface) {
		target.kind = SEAT_TARGET_SURFACE;
		target.surface = surface->surface;
	}
	return target;
}

void shells_click(struct shells *shells, struct wlr_surface *surface) {
	layer_shell_click(shells->layer_shell, surface);
}

void shells_cursor_moved(struct shells *shells, double lx, double ly) {
	selection_cursor_moved(shells->selection, lx, ly);
}

void shells_notify_activity(struct shells *shells) {
	idle_notify_activity(shells->idle);
}

void shells_view_added(struct shells *shells, struct view *view) {
	if (shells) {
		view->foreign = foreign_toplevel_create(shells->foreign_manager, view);
	}
}

void shells_view_removed(struct shells *shells, struct view *view) {
	foreign_toplevel_destroy(view->foreign);
	view->foreign = NULL;
}

void shells_view_changed(struct view *view) {
	foreign_toplevel_update(view->foreign);
}

const char *shells_x11_display(const struct shells *shells) {
	return shells->xwayland ? xwayland_display(shells->xwayland) : NULL;
}
