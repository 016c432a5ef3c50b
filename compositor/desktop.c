#include "compositor/desktop.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_output.h>

#include "compositor/border.h"
#include "compositor/commands.h"
#include "compositor/config.h"
#include "compositor/floating.h"
#include "compositor/output.h"
#include "compositor/server.h"
#include "compositor/shells.h"
#include "compositor/stack.h"
#include "compositor/state.h"
#include "compositor/view.h"
#include "util/mem.h"

#define FREE_WIDTH 1024 /* logical px, of a content that was never placed by a person */
#define FREE_HEIGHT 768

struct output *desktop_focused_output(struct desktop *desktop) {
	if (desktop->focused && desktop->focused->output) {
		return desktop->focused->output;
	}
	struct server *server = desktop->server;
	double lx = 0, ly = 0;
	if (server->seat) {
		seat_cursor_position(server->seat, &lx, &ly);
	}
	struct output *output = output_at(server->outputs, lx, ly);
	return output ? output : outputs_first(server->outputs);
}

struct view *desktop_view_by_number(struct desktop *desktop, int number) {
	struct view *view;
	wl_list_for_each (view, &desktop->views, link) {
		if (--number == 0) {
			return view;
		}
	}
	return NULL;
}

/* The view of this output that had the focus last. */
static struct view *most_recent(struct desktop *desktop, const struct output *output) {
	struct view *view;
	wl_list_for_each (view, &desktop->focus_order, focus_link) {
		if (!output || view->output == output) {
			return view;
		}
	}
	return NULL;
}

static void apply_focus(struct desktop *desktop) {
	bool elsewhere = desktop->locked || desktop->layer_focus;
	if (desktop->focused) {
		view_set_focused(desktop->focused, !elsewhere);
	} else if (!elsewhere) {
		seat_focus_surface(desktop->server->seat, NULL);
	}
}

void desktop_focus(struct desktop *desktop, struct view *view) {
	if (view == desktop->focused) {
		return;
	}
	struct output *left = desktop->focused ? desktop->focused->output : NULL;
	if (desktop->focused) {
		view_set_focused(desktop->focused, false);
	}
	desktop->focused = view;
	if (view) {
		wl_list_remove(&view->focus_link);
		wl_list_insert(&desktop->focus_order, &view->focus_link);
		stack_raise(desktop, view);
	}
	apply_focus(desktop);
	if (view && view->output && view->output->layout == LAYOUT_SINGLE) {
		desktop_arrange(desktop, view->output);
	}
	if (left && (!view || left != view->output) && left->layout == LAYOUT_SINGLE) {
		desktop_arrange(desktop, left);
	}
	stack_update(desktop);
	seat_rebase(desktop->server->seat);
	state_changed(desktop->server->state);
	commands_emit(desktop->server->commands, "focus", view ? view->id : "", "");
}

void desktop_focus_next(struct desktop *desktop, int step) {
	if (wl_list_empty(&desktop->views)) {
		return;
	}
	struct wl_list *at = desktop->focused ? &desktop->focused->link : &desktop->views;
	at = step > 0 ? at->next : at->prev;
	if (at == &desktop->views) {
		at = step > 0 ? at->next : at->prev;
	}
	struct view *view = wl_container_of(at, view, link);
	desktop_focus(desktop, view);
}

static void arrange_grid(struct desktop *desktop, struct output *output) {
	struct wlr_box *boxes = xcalloc(wl_list_length(&desktop->views) + 1, sizeof(*boxes));
	struct view *view;
	int count = 0, i = 0;
	wl_list_for_each (view, &desktop->views, link) {
		count += view->output == output && !view->floating;
	}
	layout_grid(&output->usable, count, desktop->server->config->gap, boxes);
	wl_list_for_each (view, &desktop->views, link) {
		if (view->output == output && !view->floating) {
			view_place(view, &boxes[i++], BORDER_FULL);
			view_set_shown(view, true);
		}
	}
	free(boxes);
	floating_arrange(desktop, output, NULL);
}

/* The view of this output that had the focus last, itself or through a dialog of its. */
static struct view *most_recent_root(struct desktop *desktop, const struct output *output) {
	struct view *view;
	wl_list_for_each (view, &desktop->focus_order, focus_link) {
		struct view *root = view_root(view);
		if (root->output == output) {
			return root;
		}
	}
	return NULL;
}

static void arrange_single(struct desktop *desktop, struct output *output) {
	struct view *shown = most_recent_root(desktop, output);
	struct view *view;
	wl_list_for_each (view, &desktop->views, link) {
		if (view->output == output && !view->floating) {
			if (view == shown) {
				view_place(view, &output->box, BORDER_STRIP);
			}
			view_set_shown(view, view == shown);
		}
	}
	floating_arrange(desktop, output, shown);
}

static void ensure_free_box(struct desktop *desktop, struct view *view, int index) {
	if (!wlr_box_empty(&view->free_box)) {
		return;
	}
	const struct wlr_box *usable = &view->output->usable;
	int width = FREE_WIDTH, height = FREE_HEIGHT;
	border_outer_size(desktop->server->config, &width, &height);
	width = width < usable->width * 3 / 4 ? width : usable->width * 3 / 4;
	height = height < usable->height * 3 / 4 ? height : usable->height * 3 / 4;
	view->free_box = layout_cascade(usable, width, height, index);
	view->free_box.x -= view->output->box.x;
	view->free_box.y -= view->output->box.y;
}

static void arrange_free(struct desktop *desktop, struct output *output) {
	struct view *view;
	int index = 0;
	wl_list_for_each (view, &desktop->views, link) {
		if (view->output == output && !view->floating) {
			ensure_free_box(desktop, view, index++);
			struct wlr_box box = view->free_box;
			box.x += output->box.x;
			box.y += output->box.y;
			box = layout_keep_reachable(&output->usable, &box);
			view_place(view, &box, BORDER_FULL);
			view_set_shown(view, true);
		}
	}
	floating_arrange(desktop, output, NULL);
}

void desktop_arrange(struct desktop *desktop, struct output *output) {
	if (!output) {
		wl_list_for_each (output, &desktop->server->outputs->list, link) {
			desktop_arrange(desktop, output);
		}
		return;
	}
	if (output->layout == LAYOUT_GRID) {
		arrange_grid(desktop, output);
	} else if (output->layout == LAYOUT_SINGLE) {
		arrange_single(desktop, output);
	} else {
		arrange_free(desktop, output);
	}
	stack_update(desktop);
	seat_rebase(desktop->server->seat);
}

void desktop_set_layout(struct desktop *desktop, struct output *output, enum layout_mode mode) {
	if (output->layout == mode) {
		return;
	}
	output->layout = mode;
	seat_cancel_grab(desktop->server->seat);
	desktop_arrange(desktop, output);
	state_changed(desktop->server->state);
	commands_emit(
		desktop->server->commands, "layout", output->wlr->name, layout_mode_name(mode));
}

void desktop_assign(struct desktop *desktop, struct view *view, struct output *output) {
	struct output *old = view->output;
	if (old == output) {
		return;
	}
	view->output = output;
	if (!output) {
		view_set_shown(view, false);
	}
	struct view *other;
	wl_list_for_each (other, &desktop->views, link) {
		if (other->parent == view) {
			desktop_assign(desktop, other, output);
		}
	}
	if (old) {
		desktop_arrange(desktop, old);
	}
	if (output) {
		desktop_arrange(desktop, output);
	}
	state_changed(desktop->server->state);
}

static void remember_home(struct view *view) {
	free(view->home);
	view->home = view->output ? xstrdup(view->output->wlr->name) : NULL;
}

void desktop_move_view(struct desktop *desktop, struct view *view, const struct wlr_box *box) {
	struct output *output =
		output_at(desktop->server->outputs, box->x + box->width / 2, box->y + 1);
	output = output ? output : view->output;
	if (!output) {
		return;
	}
	if (view->floating && view->output) {
		floating_move(view, box);
		return;
	}
	struct wlr_box old = wlr_box_empty(&view->free_box) ? view->box : view->free_box;
	if (output != view->output) {
		desktop_assign(desktop, view, output);
		remember_home(view);
	}
	view->free_box = *box;
	view->free_box.x -= output->box.x;
	view->free_box.y -= output->box.y;
	if (box->width < 1 || box->height < 1) {
		view->free_box.width = old.width;
		view->free_box.height = old.height;
	}
	if (output->layout == LAYOUT_FREE) {
		desktop_arrange(desktop, output);
		state_changed(desktop->server->state);
	} else {
		desktop_set_layout(desktop, output, LAYOUT_FREE);
	}
}

void desktop_move_to_output(struct desktop *desktop, struct view *view, struct output *output) {
	view = view_root(view);
	desktop_assign(desktop, view, output);
	remember_home(view);
}

static void insert_in_order(struct desktop *desktop, struct view *view) {
	const struct state *state = desktop->server->state;
	int place = state_view_place(state, view), recency = state_view_recency(state, view);
	struct view *other;
	wl_list_for_each (other, &desktop->views, link) {
		int other_place = state_view_place(state, other);
		if (place >= 0 && (other_place < 0 || other_place > place)) {
			break;
		}
	}
	wl_list_insert(other->link.prev, &view->link);
	wl_list_for_each (other, &desktop->focus_order, focus_link) {
		if (state_view_recency(state, other) > recency) {
			break;
		}
	}
	wl_list_insert(other->focus_link.prev, &view->focus_link);
	wl_list_insert(desktop->stack.prev, &view->stack_link);
}

/* Who opens a window means to use it. Guests come by themselves, but one that comes back takes the
 * focus from what had it after it in the last session. */
static bool wants_focus(const struct desktop *desktop, const struct view *view, bool restored) {
	const struct state *state = desktop->server->state;
	if (!desktop->focused || strcmp(view->impl->kind, "window") == 0) {
		return true;
	}
	int held = state_view_recency(state, desktop->focused);
	return restored && held != INT_MAX && state_view_recency(state, view) < held;
}

void desktop_add_view(struct desktop *desktop, struct view *view) {
	assert(wl_list_empty(&view->link));
	struct server *server = desktop->server;
	insert_in_order(desktop, view);
	bool restored = state_restore_view(server->state, view);
	struct output *home = view->home ? output_by_name(server->outputs, view->home) : NULL;
	view->output = home && home->placed ? home : desktop_focused_output(desktop);
	if (view->parent) {
		view->output = view->parent->output;
		view_set_opacity(view, view->parent->opacity);
	}
	if (view->output) {
		desktop_arrange(desktop, view->output);
	}
	if (wants_focus(desktop, view, restored)) {
		desktop_focus(desktop, view);
	}
	state_changed(server->state);
}

void desktop_remove_view(struct desktop *desktop, struct view *view) {
	if (desktop->grabbed == view) {
		seat_cancel_grab(desktop->server->seat);
	}
	struct output *output = view->output;
	struct view *other;
	wl_list_for_each (other, &desktop->views, link) {
		if (other->parent == view) {
			floating_set_parent(other, view->parent);
		}
	}
	view_set_shown(view, false);
	wl_list_remove(&view->link);
	wl_list_init(&view->link);
	wl_list_remove(&view->focus_link);
	wl_list_init(&view->focus_link);
	wl_list_remove(&view->stack_link);
	wl_list_init(&view->stack_link);
	view->output = NULL;
	if (desktop->focused == view) {
		struct view *next = view->parent ? view->parent : most_recent(desktop, output);
		desktop_focus(desktop, next ? next : most_recent(desktop, NULL));
	}
	if (output) {
		desktop_arrange(desktop, output);
	}
	free(view->home);
	view->home = NULL;
	state_changed(desktop->server->state);
}

/* Views without a screen go to a new one, and those that were moved off it when it vanished return.
 */
static void gather_views(struct desktop *desktop, struct output *output) {
	struct view *view;
	wl_list_for_each (view, &desktop->views, link) {
		if (!view->output || (view->home && strcmp(view->home, output->wlr->name) == 0)) {
			desktop_assign(desktop, view, output);
		}
	}
}

/* Moves them off an output that is none of the desktop's any more. */
static void scatter_views(struct desktop *desktop, struct output *output) {
	struct output *refuge = outputs_first(desktop->server->outputs);
	if (desktop->grabbed && desktop->grabbed->output == output) {
		seat_cancel_grab(desktop->server->seat);
	}
	struct view *view;
	wl_list_for_each (view, &desktop->views, link) {
		if (view->output == output) {
			if (!view->home) {
				remember_home(view);
			}
			view->output = NULL;
		}
	}
	wl_list_for_each (view, &desktop->views, link) {
		if (!view->output) {
			desktop_assign(desktop, view, refuge);
			view_set_shown(view, refuge && view->shown);
		}
	}
}

static void handle_output_enabled(struct wl_listener *listener, void *data) {
	struct desktop *desktop = wl_container_of(listener, desktop, output_enabled);
	gather_views(desktop, data);
}

static void handle_output_disabled(struct wl_listener *listener, void *data) {
	struct desktop *desktop = wl_container_of(listener, desktop, output_disabled);
	scatter_views(desktop, data);
}

static void handle_output_added(struct wl_listener *listener, void *data) {
	struct desktop *desktop = wl_container_of(listener, desktop, output_added);
	struct output *output = data;
	if (output->placed) {
		gather_views(desktop, output);
	}
	commands_emit(desktop->server->commands, "output-added", output->wlr->name, "");
}

static void handle_output_removed(struct wl_listener *listener, void *data) {
	struct desktop *desktop = wl_container_of(listener, desktop, output_removed);
	struct output *output = data;
	scatter_views(desktop, output);
	commands_emit(desktop->server->commands, "output-removed", output->wlr->name, "");
}

static void handle_output_changed(struct wl_listener *listener, void *data) {
	struct desktop *desktop = wl_container_of(listener, desktop, output_changed);
	struct output *output = data;
	if (output->placed) {
		shells_arrange_layers(desktop->server->shells, output);
		desktop_arrange(desktop, output);
	}
	commands_emit(desktop->server->commands, "output-changed", output->wlr->name, "");
}

struct desktop *desktop_create(struct server *server) {
	struct desktop *desktop = xcalloc(1, sizeof(*desktop));
	desktop->server = server;
	wl_list_init(&desktop->views);
	wl_list_init(&desktop->focus_order);
	wl_list_init(&desktop->stack);
	desktop->output_added.notify = handle_output_added;
	wl_signal_add(&server->outputs->events.added, &desktop->output_added);
	desktop->output_removed.notify = handle_output_removed;
	wl_signal_add(&server->outputs->events.removed, &desktop->output_removed);
	desktop->output_enabled.notify = handle_output_enabled;
	wl_signal_add(&server->outputs->events.enabled, &desktop->output_enabled);
	desktop->output_disabled.notify = handle_output_disabled;
	wl_signal_add(&server->outputs->events.disabled, &desktop->output_disabled);
	desktop->output_changed.notify = handle_output_changed;
	wl_signal_add(&server->outputs->events.changed, &desktop->output_changed);
	return desktop;
}

void desktop_destroy(struct desktop *desktop) {
	if (!desktop) {
		return;
	}
	assert(wl_list_empty(&desktop->views));
	wl_list_remove(&desktop->output_added.link);
	wl_list_remove(&desktop->output_removed.link);
	wl_list_remove(&desktop->output_enabled.link);
	wl_list_remove(&desktop->output_disabled.link);
	wl_list_remove(&desktop->output_changed.link);
	free(desktop);
}

void desktop_reconfigure(struct desktop *desktop) {
	struct view *view;
	wl_list_for_each (view, &desktop->views, link) {
		border_set_config(view->border, desktop->server->config);
	}
	desktop_arrange(desktop, NULL);
}

void desktop_set_layer_focus(struct desktop *desktop, struct wlr_surface *surface) {
	if (desktop->layer_focus == surface) {
		return;
	}
	desktop->layer_focus = surface;
	if (desktop->locked) {
		return;
	}
	apply_focus(desktop);
	if (surface) {
		seat_focus_surface(desktop->server->seat, surface);
	}
}

void desktop_set_locked(struct desktop *desktop, bool locked, struct wl_client *client) {
	desktop->locked = locked;
	seat_cancel_grab(desktop->server->seat);
	if (!locked) {
		seat_set_exclusive(desktop->server->seat, NULL);
	}
	apply_focus(desktop);
	if (locked) {
		seat_set_exclusive(desktop->server->seat, client);
	}
	if (!locked && desktop->layer_focus) {
		seat_focus_surface(desktop->server->seat, desktop->layer_focus);
	}
	seat_rebase(desktop->server->seat);
}
