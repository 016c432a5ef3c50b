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
	const struct wl_list *end = &desktop->server->layers.views->children;
	const struct wl_list *link = view->tree->node.link.next;
	for (; link != end; link = link->next) {
		const struct wlr_scene_node *node = wl_container_of(link, node, link);
		const struct view *other = node->data;
		struct wlr_box common;
		if (other && other->shown &&
			wlr_box_intersection(&common, &view->box, &other->box)) {
			return true;
		}
	}
	return false;
}

void stack_update_frames(struct desktop *desktop) {
	struct view *view;
	wl_list_for_each (view, &desktop->views, link) {
		bool guest = strcmp(view->impl->kind, "guest") == 0;
		view_raise_frame(view, guest && view->shown && !is_overlapped(desktop, view));
	}
}
