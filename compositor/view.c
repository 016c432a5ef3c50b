#include "compositor/view.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_output.h>

#include "compositor/border.h"
#include "compositor/commands.h"
#include "compositor/config.h"
#include "compositor/desktop.h"
#include "compositor/output.h"
#include "compositor/server.h"
#include "compositor/shells.h"
#include "compositor/state.h"
#include "util/mem.h"
#include "util/utf8.h"

void view_init(struct view *view, const struct view_impl *impl, struct desktop *desktop,
	const char *id, const char *title, uint32_t label_color) {
	assert(impl->configure && impl->activate && impl->set_opacity && impl->set_shown &&
		impl->close && impl->set_fullscreen && impl->is_fullscreen && impl->target_at);
	struct server *server = desktop->server;
	view->impl = impl;
	view->desktop = desktop;
	view->id = xstrdup(id);
	view->title = utf8_sanitize(title, VIEW_TITLE_MAX);
	view->label_color = label_color;
	view->opacity = 1;
	view->tree = wlr_scene_tree_create(server->layers.views);
	view->tree->node.data = view;
	wlr_scene_node_set_enabled(&view->tree->node, false);
	view->content = wlr_scene_tree_create(view->tree);
	view->border = border_create(view->tree, server->config, server->text);
	border_set_name(view->border, view->title, label_color);
	wl_list_init(&view->link);
	wl_list_init(&view->focus_link);
	wl_list_init(&view->stack_link);
}

void view_map(struct view *view) {
	shells_view_added(view->desktop->server->shells, view);
	desktop_add_view(view->desktop, view);
	commands_emit(view->desktop->server->commands, "view-added", view->id, view->title);
}

void view_unmap(struct view *view) {
	if (wl_list_empty(&view->link)) {
		return;
	}
	desktop_remove_view(view->desktop, view);
	shells_view_removed(view->desktop->server->shells, view);
	commands_emit(view->desktop->server->commands, "view-removed", view->id, view->title);
}

void view_finish(struct view *view) {
	view_unmap(view);
	border_destroy(view->border);
	wlr_scene_node_destroy(&view->tree->node);
	free(view->id);
	free(view->title);
	*view = (struct view){0};
}

void view_set_title(struct view *view, const char *title) {
	char *clean = utf8_sanitize(title, VIEW_TITLE_MAX);
	if (strcmp(clean, view->title) == 0) {
		free(clean);
		return;
	}
	free(view->title);
	view->title = clean;
	border_set_name(view->border, clean, view->label_color);
	shells_view_changed(view);
	if (!wl_list_empty(&view->link)) {
		commands_emit(view->desktop->server->commands, "view-title", view->id, clean);
	}
}

void view_set_opacity(struct view *view, double opacity) {
	opacity = !(opacity >= 0) ? 0 : opacity > 1 ? 1 : opacity; /* not a number is 0, too */
	if (opacity == view->opacity) {
		return;
	}
	view->opacity = opacity;
	view->impl->set_opacity(view, opacity);
	struct view *other;
	wl_list_for_each (other, &view->desktop->views, link) {
		if (other->parent == view) {
			view_set_opacity(other, opacity);
		}
	}
	state_changed(view->desktop->server->state);
	char text[16];
	snprintf(text, sizeof(text), "%.2f", opacity);
	commands_emit(view->desktop->server->commands, "opacity", view->id, text);
}

void view_set_focused(struct view *view, bool focused) {
	if (view->focused == focused) {
		return;
	}
	view->focused = focused;
	border_set_focused(view->border, focused);
	shells_view_changed(view);
	view->impl->activate(view, focused);
}

void view_set_shown(struct view *view, bool shown) {
	if (view->shown == shown) {
		return;
	}
	view->shown = shown;
	wlr_scene_node_set_enabled(&view->tree->node, shown);
	wlr_scene_node_set_enabled(&view->border->tree->node, shown);
	shells_view_changed(view);
	view->impl->set_shown(view, shown);
}

/* Around a view its frame is a part of it; the strip of one that fills the screen is above all. */
static void place_border(struct view *view, const struct wlr_box *box, enum border_style style) {
	bool strip = style == BORDER_STRIP;
	struct wlr_scene_node *node = &view->border->tree->node;
	wlr_scene_node_reparent(node, strip ? view->desktop->server->layers.labels : view->tree);
	wlr_scene_node_set_position(node, strip ? box->x : 0, strip ? box->y : 0);
	float scale = view->output ? view->output->wlr->scale : 1;
	border_set_geometry(view->border, style, box->width, box->height, scale);
}

void view_place(struct view *view, const struct wlr_box *box, enum border_style style) {
	struct wlr_box content = border_content(view->desktop->server->config, style, box);
	wlr_scene_node_set_position(&view->tree->node, box->x, box->y);
	wlr_scene_node_set_position(&view->content->node, content.x - box->x, content.y - box->y);
	place_border(view, box, style);
	view->box = *box;
	shells_view_changed(view);
	if (!wlr_box_equal(&content, &view->content_box)) {
		view->content_box = content;
		view->impl->configure(view, &content);
	}
}

struct view *view_by_id(struct desktop *desktop, const char *id) {
	struct view *view;
	wl_list_for_each (view, &desktop->views, link) {
		if (strcmp(view->id, id) == 0) {
			return view;
		}
	}
	return NULL;
}
