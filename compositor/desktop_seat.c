/* What the seat asks of the desktop: what lies where, what a click or a binding does. */
#include <linux/input-event-codes.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/backend/session.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/util/edges.h>
#include <wlr/xcursor.h>

#include "compositor/border.h"
#include "compositor/commands.h"
#include "compositor/config.h"
#include "compositor/desktop.h"
#include "compositor/guest_clipboard.h"
#include "compositor/guests.h"
#include "compositor/output.h"
#include "compositor/publish.h"
#include "compositor/server.h"
#include "compositor/shells.h"
#include "compositor/view.h"
#include "util/log.h"

static struct seat_target chrome_target(struct view *view, double lx, double ly) {
	struct seat_target target = {.kind = SEAT_TARGET_CHROME, .view = view, .cursor = "default"};
	uint32_t edges = border_edges_at(view->border, lx - view->box.x, ly - view->box.y);
	if (edges && desktop_moves_view(view)) {
		target.cursor = wlr_xcursor_get_resize_name(edges);
	}
	return target;
}

static struct seat_target view_target(struct view *view, double lx, double ly) {
	bool on_frame = view->border->style == BORDER_FULL &&
		!wlr_box_contains_point(&view->content_box, lx, ly);
	if (on_frame) {
		return chrome_target(view, lx, ly);
	}
	struct seat_target target = view->impl->target_at(view, lx, ly);
	target.view = view;
	if (target.kind == SEAT_TARGET_NONE) {
		target.kind = SEAT_TARGET_CHROME;
		target.cursor = "default";
	}
	return target;
}

/* The view whose tree holds this node, NULL if it belongs to something else. */
static struct view *view_of_node(struct desktop *desktop, struct wlr_scene_node *node) {
	const struct layers *layers = &desktop->server->layers;
	while (node && node->parent && node->parent != layers->views &&
		node->parent != layers->guests) {
		node = &node->parent->node;
	}
	return node && node->parent ? node->data : NULL;
}

static struct seat_target target_at(void *data, double lx, double ly) {
	struct desktop *desktop = data;
	double nx, ny;
	struct wlr_scene_node *node = server_node_at(desktop->server, lx, ly, &nx, &ny);
	struct view *view = node && !desktop->locked ? view_of_node(desktop, node) : NULL;
	if (view) {
		return view_target(view, lx, ly);
	}
	return shells_target_at(desktop->server->shells, lx, ly);
}

static uint32_t nearest_corner(const struct view *view, double lx, double ly) {
	uint32_t edges = lx < view->box.x + view->box.width / 2.0 ? WLR_EDGE_LEFT : WLR_EDGE_RIGHT;
	return edges | (ly < view->box.y + view->box.height / 2.0 ? WLR_EDGE_TOP : WLR_EDGE_BOTTOM);
}

static enum seat_button_result press_on_view(struct desktop *desktop,
	const struct seat_target *target, struct view *view, uint32_t button,
	unsigned int modifiers) {
	double lx, ly;
	seat_cursor_position(desktop->server->seat, &lx, &ly);
	bool was_focused = desktop->focused == view;
	desktop_focus(desktop, view);
	bool moves = desktop_moves_view(view);
	if (moves && modifiers == desktop->server->config->modifier &&
		(button == BTN_LEFT || button == BTN_RIGHT)) {
		desktop_begin_grab(desktop, view,
			button == BTN_LEFT ? WLR_EDGE_NONE : nearest_corner(view, lx, ly));
		return SEAT_BUTTON_TAKEN;
	}
	if (target->kind == SEAT_TARGET_CHROME) {
		bool on_content = wlr_box_contains_point(&view->content_box, lx, ly);
		if (on_content && was_focused && button == BTN_LEFT && view->impl->press) {
			view->impl->press(view);
		} else if (moves && button == BTN_LEFT) {
			desktop_begin_grab(desktop, view,
				border_edges_at(view->border, lx - view->box.x, ly - view->box.y));
		}
		return SEAT_BUTTON_TAKEN;
	}
	return SEAT_BUTTON_PASS;
}

static enum seat_button_result handle_button(
	void *data, const struct seat_target *target, uint32_t button, unsigned int modifiers) {
	struct desktop *desktop = data;
	shells_click(desktop->server->shells, target->view ? NULL : target->surface);
	if (target->view && !desktop->locked) {
		return press_on_view(desktop, target, target->view, button, modifiers);
	}
	return target->kind == SEAT_TARGET_SURFACE ? SEAT_BUTTON_PASS : SEAT_BUTTON_TAKEN;
}

static void change_opacity(struct view *view, const char *step) {
	if (!view) {
		return;
	}
	double value = strtod(step, NULL);
	bool relative = step[0] == '+' || step[0] == '-';
	view_set_opacity(view, relative ? view->opacity + value : value);
}

static void change_layout(struct desktop *desktop, const char *name) {
	struct output *output = desktop_focused_output(desktop);
	if (!output) {
		return;
	}
	enum layout_mode mode;
	if (strcmp(name, "toggle-single") == 0) {
		mode = output->layout == LAYOUT_SINGLE ? LAYOUT_GRID : LAYOUT_SINGLE;
	} else if (!layout_mode_parse(name, &mode)) {
		return;
	}
	desktop_set_layout(desktop, output, mode);
}

static void act_on_output(struct desktop *desktop, const struct binding *binding) {
	struct output *output = desktop_find_output(desktop, binding->argument);
	if (output && binding->action == BINDING_FOCUS_OUTPUT) {
		desktop_focus_output(desktop, output);
	} else if (output && desktop->focused) {
		desktop_move_to_output(desktop, desktop->focused, output);
	}
}

/* Between the focused guest's clipboard and the desktop's. */
static void cross_clipboard(struct desktop *desktop, enum binding_action action) {
	struct managed_guest *guest =
		guests_find_by_view(desktop->server->guests, desktop->focused);
	if (guest && action == BINDING_COPY) {
		guest_clipboard_copy(guest->clipboard);
	} else if (guest) {
		guest_clipboard_paste(guest->clipboard);
	}
}

static void reload(struct server *server) {
	char *error = NULL;
	if (!server_reload(server, &error)) {
		log_error("%s", error);
		free(error);
	}
}

static void handle_action(
	void *data, const struct binding *binding, const struct seat_target *target) {
	struct desktop *desktop = data;
	struct view *under = target && target->view ? target->view : desktop->focused;
	switch (binding->action) {
	case BINDING_FOCUS: {
		struct view *view = desktop_view_by_number(desktop, atoi(binding->argument));
		if (view) {
			desktop_focus(desktop, view);
		}
		break;
	}
	case BINDING_NEXT:
		desktop_focus_next(desktop, 1);
		break;
	case BINDING_PREVIOUS:
		desktop_focus_next(desktop, -1);
		break;
	case BINDING_LAYOUT:
		change_layout(desktop, binding->argument);
		break;
	case BINDING_FOCUS_OUTPUT:
	case BINDING_MOVE_TO_OUTPUT:
		act_on_output(desktop, binding);
		break;
	case BINDING_CLOSE:
		if (desktop->focused) {
			desktop->focused->impl->close(desktop->focused);
		}
		break;
	case BINDING_LEAVE:
		server_quit(desktop->server, EXIT_SUCCESS);
		break;
	case BINDING_OPACITY:
		change_opacity(under, binding->argument);
		break;
	case BINDING_EXEC:
		server_exec(desktop->server, binding->argument);
		break;
	case BINDING_COPY:
	case BINDING_PASTE:
		cross_clipboard(desktop, binding->action);
		break;
	case BINDING_RELOAD:
		reload(desktop->server);
		break;
	case BINDING_RELEASE_POINTER:
	case BINDING_SEND_KEYS:
	case BINDING_NONE:
		break; /* the seat's */
	}
}

static void handle_activity(void *data) {
	struct desktop *desktop = data;
	shells_notify_activity(desktop->server->shells);
}

static void handle_cursor_image(void *data, struct cursor_image *image) {
	struct desktop *desktop = data;
	publish_cursor_image(desktop->server->publish, image);
}

static void handle_cursor_moved(void *data, double lx, double ly) {
	struct desktop *desktop = data;
	shells_cursor_moved(desktop->server->shells, lx, ly);
	publish_cursor_position(desktop->server->publish, lx, ly);
}

static bool handle_switch_vt(void *data, unsigned int vt) {
	struct desktop *desktop = data;
	struct wlr_session *session = desktop->server->session;
	return session && wlr_session_change_vt(session, vt);
}

const struct seat_impl desktop_seat_impl = {
	.target_at = target_at,
	.button = handle_button,
	.action = handle_action,
	.activity = handle_activity,
	.cursor_image = handle_cursor_image,
	.cursor_moved = handle_cursor_moved,
	.switch_vt = handle_switch_vt,
};
