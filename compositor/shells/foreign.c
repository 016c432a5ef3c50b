#include "compositor/shells/foreign.h"

#include <stdlib.h>
#include <wlr/types/wlr_foreign_toplevel_management_v1.h>

#include "compositor/desktop.h"
#include "compositor/output.h"
#include "compositor/server.h"
#include "compositor/shells/assembly.h"
#include "compositor/shells/window.h"
#include "util/mem.h"

static void handle_foreign_toplevel_request_activate(struct wl_listener *listener, void *data) {
	struct foreign_toplevel *toplevel = wl_container_of(listener, toplevel, request_activate);
	struct view *view = &toplevel->window->view;
	desktop_focus(view->desktop, view);
}

static void handle_foreign_toplevel_request_close(struct wl_listener *listener, void *data) {
	struct foreign_toplevel *toplevel = wl_container_of(listener, toplevel, request_close);
	struct view *view = &toplevel->window->view;
	view->impl->close(view);
}

static void handle_foreign_toplevel_request_fullscreen(struct wl_listener *listener, void *data) {
	struct foreign_toplevel *toplevel = wl_container_of(listener, toplevel, request_fullscreen);
	const struct wlr_foreign_toplevel_handle_v1_fullscreen_event *event = data;
	struct outputs *outputs = toplevel->window->shells->server->outputs;
	struct output *output = event->output ? output_from_wlr(outputs, event->output) : NULL;
	window_set_fullscreen(toplevel->window, event->fullscreen, output);
}

/* wlroots drops its own reference when the output is destroyed. */
static void handle_foreign_toplevel_output_removed(struct wl_listener *listener, void *data) {
	struct foreign_toplevel *toplevel = wl_container_of(listener, toplevel, output_removed);
	if (toplevel->output == data) {
		toplevel->output = NULL;
	}
}

struct foreign_toplevel *foreign_toplevel_create(
	struct wlr_foreign_toplevel_manager_v1 *manager, struct window *window) {
	struct wlr_foreign_toplevel_handle_v1 *wlr = wlr_foreign_toplevel_handle_v1_create(manager);
	if (!wlr) {
		return NULL;
	}
	struct foreign_toplevel *toplevel = xcalloc(1, sizeof(*toplevel));
	toplevel->window = window;
	toplevel->wlr = wlr;
	toplevel->request_activate.notify = handle_foreign_toplevel_request_activate;
	wl_signal_add(&wlr->events.request_activate, &toplevel->request_activate);
	toplevel->request_close.notify = handle_foreign_toplevel_request_close;
	wl_signal_add(&wlr->events.request_close, &toplevel->request_close);
	toplevel->request_fullscreen.notify = handle_foreign_toplevel_request_fullscreen;
	wl_signal_add(&wlr->events.request_fullscreen, &toplevel->request_fullscreen);
	toplevel->output_removed.notify = handle_foreign_toplevel_output_removed;
	wl_signal_add(&window->shells->server->outputs->events.removed, &toplevel->output_removed);
	return toplevel;
}

void foreign_toplevel_destroy(struct foreign_toplevel *toplevel) {
	if (!toplevel) {
		return;
	}
	wl_list_remove(&toplevel->request_activate.link);
	wl_list_remove(&toplevel->request_close.link);
	wl_list_remove(&toplevel->request_fullscreen.link);
	wl_list_remove(&toplevel->output_removed.link);
	wlr_foreign_toplevel_handle_v1_destroy(toplevel->wlr);
	free(toplevel);
}

void foreign_toplevel_set_title(struct foreign_toplevel *toplevel, const char *title) {
	if (toplevel) {
		wlr_foreign_toplevel_handle_v1_set_title(toplevel->wlr, title);
	}
}

void foreign_toplevel_set_app_id(struct foreign_toplevel *toplevel, const char *app_id) {
	if (toplevel && app_id) {
		wlr_foreign_toplevel_handle_v1_set_app_id(toplevel->wlr, app_id);
	}
}

static void update_output(struct foreign_toplevel *toplevel) {
	struct output *output = toplevel->window->view.output;
	if (toplevel->output == output) {
		return;
	}
	if (toplevel->output) {
		wlr_foreign_toplevel_handle_v1_output_leave(toplevel->wlr, toplevel->output->wlr);
	}
	if (output) {
		wlr_foreign_toplevel_handle_v1_output_enter(toplevel->wlr, output->wlr);
	}
	toplevel->output = output;
}

void foreign_toplevel_update(struct foreign_toplevel *toplevel) {
	if (toplevel) {
		update_output(toplevel);
		wlr_foreign_toplevel_handle_v1_set_activated(
			toplevel->wlr, toplevel->window->view.focused);
		wlr_foreign_toplevel_handle_v1_set_fullscreen(
			toplevel->wlr, window_is_fullscreen(toplevel->window));
	}
}
