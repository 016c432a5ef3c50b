#include "compositor/shells/foreign.h"

#include <stdlib.h>
#include <string.h>
#include <wlr/types/wlr_foreign_toplevel_management_v1.h>

#include "compositor/desktop.h"
#include "compositor/output.h"
#include "compositor/server.h"
#include "compositor/view.h"
#include "util/mem.h"

static void handle_foreign_toplevel_request_activate(struct wl_listener *listener, void *data) {
	struct foreign_toplevel *toplevel = wl_container_of(listener, toplevel, request_activate);
	desktop_focus(toplevel->view->desktop, toplevel->view);
}

static void handle_foreign_toplevel_request_close(struct wl_listener *listener, void *data) {
	struct foreign_toplevel *toplevel = wl_container_of(listener, toplevel, request_close);
	toplevel->view->impl->close(toplevel->view);
}

static void handle_foreign_toplevel_request_fullscreen(struct wl_listener *listener, void *data) {
	struct foreign_toplevel *toplevel = wl_container_of(listener, toplevel, request_fullscreen);
	const struct wlr_foreign_toplevel_handle_v1_fullscreen_event *event = data;
	struct view *view = toplevel->view;
	struct output *output = output_from_wlr(view->desktop->server->outputs, event->output);
	view->impl->set_fullscreen(view, event->fullscreen, output);
	foreign_toplevel_update(toplevel);
}

/* wlroots drops its own reference when the output is destroyed. */
static void handle_foreign_toplevel_output_removed(struct wl_listener *listener, void *data) {
	struct foreign_toplevel *toplevel = wl_container_of(listener, toplevel, output_removed);
	if (toplevel->output == data) {
		toplevel->output = NULL;
	}
}

struct foreign_toplevel *foreign_toplevel_create(
	struct wlr_foreign_toplevel_manager_v1 *manager, struct view *view) {
	struct wlr_foreign_toplevel_handle_v1 *wlr = wlr_foreign_toplevel_handle_v1_create(manager);
	if (!wlr) {
		return NULL;
	}
	struct foreign_toplevel *toplevel = xcalloc(1, sizeof(*toplevel));
	toplevel->view = view;
	toplevel->wlr = wlr;
	toplevel->request_activate.notify = handle_foreign_toplevel_request_activate;
	wl_signal_add(&wlr->events.request_activate, &toplevel->request_activate);
	toplevel->request_close.notify = handle_foreign_toplevel_request_close;
	wl_signal_add(&wlr->events.request_close, &toplevel->request_close);
	toplevel->request_fullscreen.notify = handle_foreign_toplevel_request_fullscreen;
	wl_signal_add(&wlr->events.request_fullscreen, &toplevel->request_fullscreen);
	toplevel->output_removed.notify = handle_foreign_toplevel_output_removed;
	wl_signal_add(&view->desktop->server->outputs->events.removed, &toplevel->output_removed);
	foreign_toplevel_update(toplevel);
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

/* Guests have no app id of their own: their name serves, and finds an icon of that name. */
static void update_names(struct foreign_toplevel *toplevel) {
	struct view *view = toplevel->view;
	const char *app_id = view->impl->app_id ? view->impl->app_id(view) : view->id;
	if (!toplevel->wlr->title || strcmp(toplevel->wlr->title, view->title) != 0) {
		wlr_foreign_toplevel_handle_v1_set_title(toplevel->wlr, view->title);
	}
	if (app_id && (!toplevel->wlr->app_id || strcmp(toplevel->wlr->app_id, app_id) != 0)) {
		wlr_foreign_toplevel_handle_v1_set_app_id(toplevel->wlr, app_id);
	}
}

static void update_output(struct foreign_toplevel *toplevel) {
	struct output *output = toplevel->view->output;
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
	if (!toplevel) {
		return;
	}
	const struct view *view = toplevel->view;
	update_names(toplevel);
	update_output(toplevel);
	wlr_foreign_toplevel_handle_v1_set_activated(toplevel->wlr, view->focused);
	wlr_foreign_toplevel_handle_v1_set_fullscreen(
		toplevel->wlr, view->impl->is_fullscreen(view));
}
