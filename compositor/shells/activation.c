#include "compositor/shells/activation.h"

#include <stdlib.h>
#include <wlr/types/wlr_xdg_activation_v1.h>

#include "compositor/desktop.h"
#include "compositor/server.h"
#include "compositor/shells/assembly.h"
#include "compositor/shells/window.h"
#include "util/mem.h"

/* wlroots has checked the serial of a token that names a seat; one without came from no click or
 * key, and a client can't take the focus by itself. */
static void handle_activation_request_activate(struct wl_listener *listener, void *data) {
	struct activation *activation = wl_container_of(listener, activation, request_activate);
	const struct wlr_xdg_activation_v1_request_activate_event *event = data;
	struct window *window = window_from_surface(activation->shells->windows, event->surface);
	if (window && event->token->seat) {
		desktop_focus(activation->shells->server->desktop, &window->view);
	}
}

struct activation *activation_create(struct shells *shells) {
	struct wlr_xdg_activation_v1 *wlr = wlr_xdg_activation_v1_create(shells->server->display);
	if (!wlr) {
		return NULL;
	}
	struct activation *activation = xcalloc(1, sizeof(*activation));
	activation->shells = shells;
	activation->request_activate.notify = handle_activation_request_activate;
	wl_signal_add(&wlr->events.request_activate, &activation->request_activate);
	return activation;
}

void activation_destroy(struct activation *activation) {
	if (!activation) {
		return;
	}
	wl_list_remove(&activation->request_activate.link);
	free(activation);
}
