/* The seat's devices: taking them in, their mapping to outputs, and what the seat can do. */
#ifndef INPUT_DEVICE_H
#define INPUT_DEVICE_H

struct seat;

void seat_update_capabilities(struct seat *seat);
void seat_configure_devices(struct seat *seat); /* by seat->config */
void seat_remove_devices(struct seat *seat);

#endif
