#include "compositor/shells/sandbox.h"

#include <stdlib.h>
#include <string.h>
#include <wayland-server-core.h>
#include <wlr/types/wlr_security_context_v1.h>

#include "compositor/server.h"
#include "compositor/shells/assembly.h"
#include "compositor/shells/xwayland.h"
#include "util/mem.h"

bool sandbox_forbids(const char *interface) {
	static const char *const forbidden[] = {
		"ext_session_lock_manager_v1",
		"wp_security_context_manager_v1",
		"zwlr_data_control_manager_v1",
		"zwlr_export_dmabuf_manager_v1",
		"zwlr_foreign_toplevel_manager_v1",
		"zwlr_layer_shell_v1",
		"zwlr_output_manager_v1",
		"zwlr_output_power_manager_v1",
		"zwlr_screencopy_manager_v1",
		"zwlr_virtual_pointer_manager_v1",
		"zwp_virtual_keyboard_manager_v1",
	};
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
		if (strcmp(interface, forbidden[i]) == 0) {
			return true;
		}
	}
	return false;
}

static bool is_visible(const struct wl_client *client, const struct wl_global *global, void *data) {
	struct sandbox *sandbox = data;
	const struct xwayland *xwayland = sandbox->shells->xwayland;
	if (xwayland && xwayland_owns_global(xwayland, global)) {
		return xwayland_is_client(xwayland, client);
	}
	return !sandbox_forbids(wl_global_get_interface(global)->name) ||
		!wlr_security_context_manager_v1_lookup_client(sandbox->contexts, client);
}

struct sandbox *sandbox_create(struct shells *shells) {
	struct wl_display *display = shells->server->display;
	struct wlr_security_context_manager_v1 *contexts =
		wlr_security_context_manager_v1_create(display);
	if (!contexts) {
		return NULL;
	}
	struct sandbox *sandbox = xcalloc(1, sizeof(*sandbox));
	sandbox->shells = shells;
	sandbox->contexts = contexts;
	wl_display_set_global_filter(display, is_visible, sandbox);
	return sandbox;
}

void sandbox_destroy(struct sandbox *sandbox) {
	if (!sandbox) {
		return;
	}
	wl_display_set_global_filter(sandbox->shells->server->display, NULL, NULL);
	free(sandbox);
}
