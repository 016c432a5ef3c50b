#include "compositor/stack.h"

#include <string.h>
#include <wlr/types/wlr_scene.h>

#include "compositor/desktop.h"
#include "compositor/floating.h"
#include "compositor/output.h"
#include "compositor/server.h"
#include "compositor/view.h"

static void raise_family(struct desktop *desktop, struct view *view) {
	wlr_scene_node_raise_to_top(&view->tree->node);
	wl_list_remove(&view->stack_link);
	wl_list_insert(desktop->stack.prev, &view->stack_link);
	struct view *other;
	wl_list_for_each_reverse (other, &desktop->focus_order, focus_link) {
		if (other->floating && other->parent == view) {
			raise_family(desktop, other);
		}
	}
}

void stack_raise(struct desktop *desktop, struct view *view) {
	raise_family(desktop, view_root(view));
	struct view *other;
	wl_list_for_each_reverse (other, &desktop->focus_order, focus_link) {
		bool tiled = other->output && other->output->layout != LAYOUT_FREE;
		if (other->floating && !other->parent && tiled) {
			raise_family(desktop, other);
		}
	}
}

static bool is_overlapped(struct desktop *desktop, const struct view *view) {
	const struct view *other;
	wl_list_for_each_reverse (other, &desktop->stack, stack_link) {
		struct wlr_box common;
		if (other == view) {
			return false;
		}
		if (other->shown && wlr_box_intersection(&common, &view->box, &other->box)) {
			return true;
		}
	}
	return false;
}

/* Back to where it belongs among the views that lie beneath popups. */
static void put_back(struct desktop *desktop, struct view *view) {
	struct wlr_scene_node *node = &view->tree->node;
	wlr_scene_node_reparent(node, desktop->server->layers.views);
	wlr_scene_node_lower_to_bottom(node);
	struct wl_list *link = view->stack_link.prev;
	for (; link != &desktop->stack; link = link->prev) {
		struct view *below = wl_container_of(link, below, stack_link);
		if (!below->above_popups) {
			wlr_scene_node_place_above(node, &below->tree->node);
			break;
		}
	}
}

void stack_update(struct desktop *desktop) {
	struct view *view;
	wl_list_for_each (view, &desktop->stack, stack_link) {
		bool guest = strcmp(view->impl->kind, "guest") == 0;
		bool above = guest && view->shown && !is_overlapped(desktop, view);
		if (above == view->above_popups) {
			continue;
		}
		view->above_popups = above;
		if (above) {
			wlr_scene_node_reparent(&view->tree->node, desktop->server->layers.guests);
		} else {
			put_back(desktop, view);
		}
	}
}
