/* A client's pointer and wheel, as input to a console. */
#ifndef REMOTE_VNC_POINTER_H
#define REMOTE_VNC_POINTER_H

#include <stdint.h>

struct console;

struct vnc_pointer {
	unsigned int buttons; /* RFB's mask */
	uint32_t x, y; /* px of the frame */
};

/* `console` may be NULL: then the state is kept only. */
void vnc_pointer_update(struct vnc_pointer *pointer, struct console *console, unsigned int buttons,
	uint32_t x, uint32_t y);

#endif
