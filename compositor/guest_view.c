#include "compositor/guest_view.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_output.h>

#include "compositor/config.h"
#include "compositor/desktop.h"
#include "compositor/guests.h"
#include "compositor/output.h"
#include "compositor/server.h"
#include "compositor/text.h"
#include "util/mem.h"
#include "vm-display/display_client.h"
#include "vm-display/frame.h"

#define MESSAGE_COLOR 0xd8dce6
#define MESSAGE_DETAIL_COLOR 0x98a0b4
#define UI_WIDTH_MIN 64 /* px */
#define UI_HEIGHT_MIN 200

static const struct view_impl guest_view_impl;

static struct guest_view *guest_view_from_view(struct view *base) {
	assert(base->impl == &guest_view_impl);
	struct guest_view *view = wl_container_of(base, view, base);
	return view;
}

static struct server *server_of(const struct guest_view *view) {
	return view->base.desktop->server;
}

static void mark_dirty(struct guest_view *view) {
	if (!view->base.shown || (view->console && !view->listening)) {
		return;
	}
	if (wl_list_empty(&view->dirty_link)) {
		wl_list_insert(&view->guest->guests->dirty, &view->dirty_link);
	}
	struct output *output;
	wl_list_for_each (output, &server_of(view)->outputs->list, link) {
		struct wlr_box common;
		if (wlr_box_intersection(&common, &view->base.content_box, &output->box)) {
			wlr_output_schedule_frame(output->wlr);
		}
	}
}

static void handle_screen_frame(struct screen_observer *observer) {
	struct guest_view *view = wl_container_of(observer, view, observer);
	mark_dirty(view);
}

static void handle_screen_damage(struct screen_observer *observer) {
	struct guest_view *view = wl_container_of(observer, view, observer);
	const struct frame *frame = observer->screen->frame;
	if (view->base.shown && view->listening && frame && frame->kind == FRAME_DMABUF) {
		screen_hold(observer);
		wl_list_remove(&view->held_link);
		wl_list_insert(&view->guest->guests->held, &view->held_link);
	}
	mark_dirty(view);
}

static const struct screen_observer_impl observer_impl = {
	.frame = handle_screen_frame, .damage = handle_screen_damage,
	/* Guest cursors are shown by the seat, which follows the console under the pointer. */
};

static void place_bar(struct wlr_scene_rect *bar, int x, int y, int width, int height) {
	wlr_scene_rect_set_size(bar, width > 0 ? width : 0, height > 0 ? height : 0);
	wlr_scene_node_set_position(&bar->node, x, y);
}

/* Around the picture, not behind it, so that a translucent picture blends once. */
static void place_bars(
	struct guest_view *view, const struct wlr_box *room, const struct wlr_box *picture) {
	int right = picture->x + picture->width, bottom = picture->y + picture->height;
	if (picture->x > 0 || right < room->width) {
		place_bar(view->bars[0], 0, 0, picture->x, room->height);
		place_bar(view->bars[1], right, 0, room->width - right, room->height);
	} else {
		place_bar(view->bars[0], 0, 0, room->width, picture->y);
		place_bar(view->bars[1], 0, bottom, room->width, room->height - bottom);
	}
}

/* In px of the output, rounded as the scene rounds. */
static int scaled_length(int offset, int length, float scale) {
	return lroundf((offset + length) * scale) - lroundf(offset * scale);
}

void guest_view_wanted_size(const struct guest_view *view, int *width, int *height) {
	const struct output *output = view->base.output;
	const struct wlr_box *content = &view->base.content_box;
	*width = *height = 0;
	if (!output || wlr_box_empty(content)) {
		return;
	}
	float scale = output->wlr->scale;
	int x = content->x - output->box.x, y = content->y - output->box.y;
	int w = scaled_length(x, content->width, scale);
	int h = scaled_length(y, content->height, scale);
	w = w > 0 ? w : 1;
	h = h > 0 ? h : 1;
	/* QEMU can't describe a monitor below this: the guest would take its largest mode. */
	int times = 1;
	while ((w * times < UI_WIDTH_MIN || h * times < UI_HEIGHT_MIN) &&
		w * (times + 1) <= FRAME_SIDE_MAX && h * (times + 1) <= FRAME_SIDE_MAX) {
		times++;
	}
	*width = w * times;
	*height = h * times;
}

/* A picture of the wanted size fills the room, px by px; others keep their proportions. */
static struct wlr_box picture_box(const struct guest_view *view, const struct wlr_box *room) {
	const struct frame *frame = view->bridge.frame;
	int width, height;
	guest_view_wanted_size(view, &width, &height);
	if ((int)frame->width == width && (int)frame->height == height) {
		return *room;
	}
	return layout_fit(room, frame->width, frame->height);
}

static void place_picture(struct guest_view *view) {
	const struct wlr_box *content = &view->base.content_box;
	struct wlr_box room = {.width = content->width, .height = content->height};
	const struct frame *frame = view->bridge.frame;
	if (!bridge_shows(&view->bridge)) {
		place_bar(view->bars[0], 0, 0, room.width, room.height);
		place_bar(view->bars[1], 0, 0, 0, 0);
		return;
	}
	struct wlr_box box = picture_box(view, &room);
	place_bars(view, &room, &box);
	wlr_scene_node_set_position(&view->bridge.scene_buffer->node, box.x, box.y);
	wlr_scene_buffer_set_dest_size(view->bridge.scene_buffer, box.width, box.height);
	bool whole = box.width % (int)frame->width == 0 && box.height % (int)frame->height == 0;
	wlr_scene_buffer_set_filter_mode(view->bridge.scene_buffer,
		whole ? WLR_SCALE_FILTER_NEAREST : WLR_SCALE_FILTER_BILINEAR);
}

static void place_message(struct guest_view *view, int line, const char *text, uint32_t color) {
	const struct wlr_box *content = &view->base.content_box;
	float scale = view->base.output ? view->base.output->wlr->scale : 1;
	int height = line == 0 ? 34 : 24;
	struct wlr_buffer *picture = text[0]
		? text_render(server_of(view)->text, text, lroundf(height * scale),
			  lroundf(content->width * 0.9f * scale), color)
		: NULL;
	wlr_scene_buffer_set_buffer(view->message[line], picture);
	if (!picture) {
		return;
	}
	int width = lroundf(picture->width / scale);
	wlr_scene_buffer_set_dest_size(view->message[line], width, height);
	wlr_scene_node_set_position(&view->message[line]->node, (content->width - width) / 2,
		content->height / 2 - 34 + line * 38);
	wlr_buffer_drop(picture);
}

static void write_message(struct guest_view *view) {
	char headline[64] = "", detail[256] = "";
	if (!bridge_shows(&view->bridge)) {
		guests_describe(view->guest, headline, sizeof(headline), detail, sizeof(detail));
	}
	place_message(view, 0, headline, MESSAGE_COLOR);
	place_message(view, 1, detail, MESSAGE_DETAIL_COLOR);
}

/* Not while the view is being resized: a guest sets modes in more time than a pointer moves. */
static void ask_for_size(struct guest_view *view) {
	int width, height;
	guest_view_wanted_size(view, &width, &height);
	if (!view->console || width < 1 || view->base.desktop->grabbed == &view->base ||
		(width == view->ui_width && height == view->ui_height)) {
		return;
	}
	view->ui_width = width;
	view->ui_height = height;
	/* 96 dots per inch. */
	console_set_ui_info(view->console, width * 254L / 960, height * 254L / 960, width, height);
}

void guest_view_renew_size(struct guest_view *view) {
	view->ui_width = view->ui_height = 0;
	ask_for_size(view);
}

/* QEMU wakes up all the time for a listener, so it has one only while somebody sees the picture. */
void guest_view_update_listening(struct guest_view *view) {
	bool covered = bridge_shows(&view->bridge) && !view->bridge.scene_buffer->primary_output;
	bool wanted = view->console && view->base.shown && !covered;
	if (wanted != view->listening) {
		view->listening = wanted;
		if (!wanted) {
			guest_view_let_go(view);
		}
		guests_update_listening(view->guest, view->console);
		mark_dirty(view);
	}
}

static void handle_outputs_update(struct wl_listener *listener, void *data) {
	struct guest_view *view = wl_container_of(listener, view, outputs_update);
	guests_review_listening(view->guest->guests);
}

static void show_frame(struct guest_view *view, struct frame *frame) {
	bridge_set_frame(&view->bridge, frame);
	wlr_scene_buffer_set_opacity(view->bridge.scene_buffer, view->base.opacity);
	place_picture(view);
	write_message(view);
	seat_rebase(server_of(view)->seat);
}

void guest_view_flush(struct guest_view *view) {
	wl_list_remove(&view->dirty_link);
	wl_list_init(&view->dirty_link);
	struct frame *frame = view->console ? view->observer.screen->frame : NULL;
	if (frame != view->bridge.frame) {
		if (view->console) {
			pixman_region32_clear(&view->observer.damage);
		}
		show_frame(view, frame);
		return;
	}
	pixman_region32_t damage;
	pixman_region32_init(&damage);
	if (view->console) {
		screen_take_damage(&view->observer, &damage);
	}
	bridge_damage(&view->bridge, &damage);
	pixman_region32_fini(&damage);
}

void guest_view_let_go(struct guest_view *view) {
	if (!wl_list_empty(&view->held_link)) {
		wl_list_remove(&view->held_link);
		wl_list_init(&view->held_link);
		screen_let_go(&view->observer);
	}
}

void guest_view_attach(struct guest_view *view, struct console *console) {
	guest_view_detach(view);
	view->console = console;
	view->ui_width = view->ui_height = 0;
	screen_observe(&console->screen, &view->observer, &observer_impl);
	guest_view_update_listening(view);
	ask_for_size(view);
	if (view->base.focused) {
		seat_focus_console(server_of(view)->seat, console);
	}
	mark_dirty(view);
}

void guest_view_detach(struct guest_view *view) {
	if (!view->console) {
		return;
	}
	guest_view_let_go(view);
	screen_unobserve(&view->observer);
	seat_forget_console(server_of(view)->seat, view->console);
	view->console = NULL;
	view->listening = false;
	show_frame(view, NULL);
}

static void write_title(struct guest_view *view) {
	const struct guest_config *config = guest_config(view->guest->vmm);
	const char *name = config->title ? config->title : config->name;
	enum guest_state state = guest_state(view->guest->vmm);
	char *head = view->head > 0 ? xasprintf(" (screen %u)", view->head + 1) : xstrdup("");
	char *title = state == GUEST_RUNNING
		? xasprintf("%s%s", name, head)
		: xasprintf("%s%s — %s", name, head, guest_state_name(state));
	view_set_title(&view->base, title);
	free(title);
	free(head);
}

void guest_view_update(struct guest_view *view) {
	write_title(view);
	if (!bridge_shows(&view->bridge)) {
		write_message(view);
	}
}

static void handle_view_configure(struct view *base, const struct wlr_box *content) {
	struct guest_view *view = guest_view_from_view(base);
	place_picture(view);
	if (!bridge_shows(&view->bridge)) {
		write_message(view);
	}
	ask_for_size(view);
}

static void handle_view_activate(struct view *base, bool active) {
	struct guest_view *view = guest_view_from_view(base);
	if (active) {
		seat_focus_console(server_of(view)->seat, view->console);
	}
}

static void handle_view_set_opacity(struct view *base, double opacity) {
	struct guest_view *view = guest_view_from_view(base);
	wlr_scene_buffer_set_opacity(view->bridge.scene_buffer, opacity);
	float color[4] = {0, 0, 0, opacity};
	for (int i = 0; i < 2; i++) {
		wlr_scene_rect_set_color(view->bars[i], color);
		wlr_scene_buffer_set_opacity(view->message[i], opacity);
	}
}

static void handle_view_set_shown(struct view *base, bool shown) {
	struct guest_view *view = guest_view_from_view(base);
	if (!shown) {
		guest_view_let_go(view);
	}
	guest_view_update_listening(view);
	if (shown) {
		mark_dirty(view);
	}
}

static void handle_view_close(struct view *base) {
	struct guest_view *view = guest_view_from_view(base);
	guests_close(view->guest);
}

static void handle_view_set_fullscreen(struct view *base, bool fullscreen, struct output *output) {
	struct guest_view *view = guest_view_from_view(base);
	struct desktop *desktop = base->desktop;
	desktop_focus(desktop, base);
	if (fullscreen && output && output->placed) {
		desktop_move_to_output(desktop, base, output);
	}
	if (base->output && base->impl->is_fullscreen(base) != fullscreen) {
		enum layout_mode before = base->output->layout;
		desktop_set_layout(
			desktop, base->output, fullscreen ? LAYOUT_SINGLE : view->layout_before);
		view->layout_before = before == LAYOUT_SINGLE ? LAYOUT_GRID : before;
	}
}

static bool handle_view_is_fullscreen(const struct view *base) {
	return base->shown && base->output && base->output->layout == LAYOUT_SINGLE;
}

static void handle_view_press(struct view *base) {
	struct guest_view *view = guest_view_from_view(base);
	guests_start_by_click(view->guest);
}

static struct seat_target handle_view_target_at(struct view *base, double lx, double ly) {
	struct guest_view *view = guest_view_from_view(base);
	const struct frame *frame = view->bridge.frame;
	if (!view->console || !frame) {
		return (struct seat_target){.kind = SEAT_TARGET_NONE};
	}
	struct wlr_box box = picture_box(view, &base->content_box);
	return (struct seat_target){
		.kind = SEAT_TARGET_CONSOLE,
		.console = view->console,
		.x = (lx - box.x) * frame->width / box.width,
		.y = (ly - box.y) * frame->height / box.height,
		.scale = (double)frame->width / box.width,
	};
}

static const char *handle_view_path(struct view *base) {
	struct guest_view *view = guest_view_from_view(base);
	return view->console ? console_path_name(view->console->path) : "none";
}

static const struct view_impl guest_view_impl = {
	.kind = "guest",
	.configure = handle_view_configure,
	.activate = handle_view_activate,
	.set_opacity = handle_view_set_opacity,
	.set_shown = handle_view_set_shown,
	.close = handle_view_close,
	.set_fullscreen = handle_view_set_fullscreen,
	.is_fullscreen = handle_view_is_fullscreen,
	.press = handle_view_press,
	.target_at = handle_view_target_at,
	.path = handle_view_path,
};

struct guest_view *guest_view_create(struct managed_guest *guest, unsigned int head) {
	struct guest_view *view = xcalloc(1, sizeof(*view));
	struct server *server = guest->guests->server;
	const struct guest_config *config = guest_config(guest->vmm);
	view->guest = guest;
	view->head = head;
	wl_list_init(&view->dirty_link);
	wl_list_init(&view->held_link);
	char *id = head == 0 ? xstrdup(config->name) : xasprintf("%s:%u", config->name, head);
	view_init(&view->base, &guest_view_impl, server->desktop, id, id, config->label_color);
	free(id);
	float black[4] = {0, 0, 0, 1};
	for (int i = 0; i < 2; i++) {
		view->bars[i] = wlr_scene_rect_create(view->base.content, 0, 0, black);
	}
	bridge_init(&view->bridge, view->base.content, server->renderer);
	view->outputs_update.notify = handle_outputs_update;
	wl_signal_add(&view->bridge.scene_buffer->events.outputs_update, &view->outputs_update);
	for (int i = 0; i < 2; i++) {
		view->message[i] = wlr_scene_buffer_create(view->base.content, NULL);
	}
	wl_list_insert(guest->views.prev, &view->link);
	guest_view_update(view);
	view_map(&view->base);
	return view;
}

void guest_view_destroy(struct guest_view *view) {
	guest_view_detach(view);
	wl_list_remove(&view->outputs_update.link);
	wl_list_remove(&view->dirty_link);
	wl_list_remove(&view->link);
	view_unmap(&view->base);
	bridge_finish(&view->bridge);
	view_finish(&view->base);
	free(view);
}
