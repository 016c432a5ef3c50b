/* Pointer constraints of Wayland clients: locked and confined pointers, and relative motion. */
#ifndef INPUT_CONSTRAINT_H
#define INPUT_CONSTRAINT_H

#include <stdbool.h>
#include <stdint.h>

struct constraint;
struct seat;

struct constraint *constraint_create(struct seat *seat);
void constraint_destroy(struct constraint *constraint);

/* The pointer or the focus is elsewhere: activates and deactivates what is due. */
void constraint_update(struct constraint *constraint);
void constraint_release(struct constraint *constraint); /* until the surface is entered again */
bool constraint_is_locked(const struct constraint *constraint);

void constraint_send_motion(struct constraint *constraint, uint32_t time, double dx, double dy,
	double unaccel_dx, double unaccel_dy);
/* Shortens a motion that starts at (sx, sy) of the surface under the pointer to what is allowed. */
void constraint_confine(
	struct constraint *constraint, double sx, double sy, double *dx, double *dy);

#endif
