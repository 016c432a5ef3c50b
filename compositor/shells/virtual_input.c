#include "compositor/shells/virtual_input.h"

#include <stdlib.h>
#include <wlr/types/wlr_virtual_keyboard_v1.h>
#include <wlr/types/wlr_virtual_pointer_v1.h>

#include "compositor/server.h"
#include "compositor/shells/assembly.h"
#include "input/seat.h"
#include "util/mem.h"

static void handle_virtual_input_new_keyboard(struct wl_listener *listener, void *data) {
	struct virtual_input *virtual_input =
		wl_container_of(listener, virtual_input, new_keyboard);
	struct wlr_virtual_keyboard_v1 *keyboard = data;
	seat_add_device(virtual_input->shells->server->seat, &keyboard->keyboard.base, NULL);
}

static void handle_virtual_input_new_pointer(struct wl_listener *listener, void *data) {
	struct virtual_input *virtual_input = wl_container_of(listener, virtual_input, new_pointer);
	const struct wlr_virtual_pointer_v1_new_pointer_event *event = data;
	seat_add_device(virtual_input->shells->server->seat, &event->new_pointer->pointer.base,
		event->suggested_output);
}

struct virtual_input *virtual_input_create(struct shells *shells) {
	struct wl_display *display = shells->server->display;
	struct wlr_virtual_keyboard_manager_v1 *keyboards =
		wlr_virtual_keyboard_manager_v1_create(display);
	struct wlr_virtual_pointer_manager_v1 *pointers =
		wlr_virtual_pointer_manager_v1_create(display);
	if (!keyboards || !pointers) {
		return NULL;
	}
	struct virtual_input *virtual_input = xcalloc(1, sizeof(*virtual_input));
	virtual_input->shells = shells;
	virtual_input->new_keyboard.notify = handle_virtual_input_new_keyboard;
	wl_signal_add(&keyboards->events.new_virtual_keyboard, &virtual_input->new_keyboard);
	virtual_input->new_pointer.notify = handle_virtual_input_new_pointer;
	wl_signal_add(&pointers->events.new_virtual_pointer, &virtual_input->new_pointer);
	return virtual_input;
}

void virtual_input_destroy(struct virtual_input *virtual_input) {
	if (!virtual_input) {
		return;
	}
	wl_list_remove(&virtual_input->new_keyboard.link);
	wl_list_remove(&virtual_input->new_pointer.link);
	free(virtual_input);
}
