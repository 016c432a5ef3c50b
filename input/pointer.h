/* The seat's pointer: where it is, what it is over, and where its buttons and wheel go. */
#ifndef INPUT_POINTER_H
#define INPUT_POINTER_H

#include <stdbool.h>
#include <stdint.h>

#include "input/seat.h"

struct pointer;

struct pointer *pointer_create(struct seat *seat);
void pointer_destroy(struct pointer *pointer);
/* A pointer, or a touch screen, whose events come through the same aggregate. */
void pointer_add_device(struct pointer *pointer, struct wlr_input_device *device);

struct seat_target pointer_target(struct pointer *pointer); /* looked up anew */
/* The surface that the pointer is over, as the seat knows it, or NULL. */
struct wlr_surface *pointer_surface(const struct pointer *pointer);
void pointer_position(const struct pointer *pointer, double *lx, double *ly);
/* Without motion events. Clamped to the outputs. */
void pointer_warp(struct pointer *pointer, double lx, double ly);
/* From now on the pointer is somewhere, and things are under it. */
void pointer_wake(struct pointer *pointer);
/* The same in the coordinates of what the pointer is over. */
void pointer_place_in_target(const struct pointer *pointer, double *x, double *y);
void pointer_warp_in_target(struct pointer *pointer, double x, double y);
/* A mouse on a real output is shown from the start; whatever points absolutely shows itself. */
void pointer_show_if_mouse(struct pointer *pointer);
void pointer_follow_layout(struct pointer *pointer);

/* Emulation, for remote input and touch screens on things that know no touch. */
void pointer_move_to(struct pointer *pointer, double lx, double ly);
void pointer_move_by(struct pointer *pointer, double dx, double dy);
void pointer_button(struct pointer *pointer, uint32_t time, uint32_t button, bool pressed);

void pointer_leave_console(struct pointer *pointer, struct console *console);
void pointer_forget_console(struct pointer *pointer, struct console *console);
void pointer_console_changed(struct pointer *pointer, struct console *console);
/* What holds the buttons lets go of them; their releases go nowhere. */
void pointer_drop_buttons(struct pointer *pointer);

#endif
