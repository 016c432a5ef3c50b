#include "compositor/floating.h"

#include "compositor/desktop.h"
#include "compositor/output.h"
#include "compositor/server.h"
#include "compositor/view.h"

struct view *view_root(struct view *view) {
	while (view->floating && view->parent) {
		view = view->parent;
	}
	return view;
}

static bool is_above(const struct view *view, const struct view *child) {
	while (child && child != view) {
		child = child->parent;
	}
	return child;
}

void floating_set_parent(struct view *view, struct view *parent) {
	view->parent = is_above(view, parent) ? NULL : parent;
	view->floating = view->floating || view->parent;
	view->by_hand = view->by_hand && view->parent;
	if (view->parent && view->parent->output && !wl_list_empty(&view->link)) {
		desktop_assign(view->desktop, view, view->parent->output);
		desktop_arrange(view->desktop, view->output);
		view_set_opacity(view, view->parent->opacity);
	}
}

void floating_set_size(struct view *view, int width, int height) {
	if (view->natural_width == width && view->natural_height == height) {
		return;
	}
	view->natural_width = width;
	view->natural_height = height;
	if (view->floating && !view->by_hand && view->output) {
		desktop_arrange(view->desktop, view->output);
	}
}

static const struct wlr_box *anchor_of(const struct view *view) {
	return view->parent ? &view->parent->box : &view->output->usable;
}

static int within(int position, int size, int start, int length) {
	int end = start + length - size;
	position = position < end ? position : end;
	return position > start ? position : start;
}

static struct wlr_box centred(const struct view *view) {
	const struct wlr_box *anchor = anchor_of(view), *usable = &view->output->usable;
	int width = view->natural_width, height = view->natural_height;
	border_outer_size(view->desktop->server->config, &width, &height);
	width = width < usable->width ? width : usable->width;
	height = height < usable->height ? height : usable->height;
	return (struct wlr_box){
		.x = within(
			anchor->x + (anchor->width - width) / 2, width, usable->x, usable->width),
		.y = within(anchor->y + (anchor->height - height) / 2, height, usable->y,
			usable->height),
		.width = width,
		.height = height,
	};
}

static void place(struct view *view) {
	if (view->parent && view->parent->floating) {
		place(view->parent);
	}
	const struct wlr_box *anchor = anchor_of(view);
	struct wlr_box box = view->free_box;
	box.x += anchor->x;
	box.y += anchor->y;
	box = view->by_hand ? layout_keep_reachable(&view->output->usable, &box) : centred(view);
	view_place(view, &box, BORDER_FULL);
}

void floating_move(struct view *view, const struct wlr_box *box) {
	const struct wlr_box *anchor = anchor_of(view);
	int width = box->width > 0 ? box->width : view->box.width;
	int height = box->height > 0 ? box->height : view->box.height;
	view->by_hand = true;
	view->free_box = (struct wlr_box){box->x - anchor->x, box->y - anchor->y, width, height};
	desktop_arrange(view->desktop, view->output);
}

void floating_arrange(struct desktop *desktop, struct output *output, const struct view *shown) {
	struct view *view;
	wl_list_for_each (view, &desktop->views, link) {
		if (view->output != output || !view->floating) {
			continue;
		}
		const struct view *root = view_root(view);
		place(view);
		view_set_shown(view, !shown || root == shown);
	}
}
