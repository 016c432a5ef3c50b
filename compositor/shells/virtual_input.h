/* virtual-keyboard and virtual-pointer: clients that type and point; their devices join the seat.
 */
#ifndef COMPOSITOR_SHELLS_VIRTUAL_INPUT_H
#define COMPOSITOR_SHELLS_VIRTUAL_INPUT_H

#include <wayland-server-core.h>

struct shells;

struct virtual_input {
	struct shells *shells;
	struct wl_listener new_keyboard, new_pointer;
};

struct virtual_input *virtual_input_create(struct shells *shells);
void virtual_input_destroy(struct virtual_input *virtual_input); /* NULL is legal */

#endif
