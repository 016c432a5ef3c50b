/* The evdev devices: keys, absolute and relative pointers, the power button. */
#ifndef TESTS_GUESTS_KMS_INPUTS_H
#define TESTS_GUESTS_KMS_INPUTS_H

#include <poll.h>
#include <stdbool.h>

#define INPUTS_MAX 32

struct inputs_impl {
	void (*key)(void *data, unsigned int code, bool pressed);
	void (*button)(void *data, unsigned int code, bool pressed);
	/* A share of the screen, 0 to 1 */
	void (*move_to)(void *data, double x, double y);
	void (*move_by)(void *data, int dx, int dy);
	void (*wheel)(void *data, int steps);
};

struct input {
	int fd; /* -1: none */
	int number; /* of /dev/input/eventN */
	int min_x, max_x, min_y, max_y; /* of an absolute pointer */
	double x, y;
	bool moved;
};

struct inputs {
	struct input inputs[INPUTS_MAX];
	const struct inputs_impl *impl;
	void *data;
};

void inputs_init(struct inputs *inputs, const struct inputs_impl *impl, void *data);
/* Opens devices that have come since; they are grabbed, so that no console reacts to them. */
void inputs_scan(struct inputs *inputs);
/* Fills at most INPUTS_MAX entries; returns their number. */
int inputs_fill(const struct inputs *inputs, struct pollfd *entries);
/* Reads from the device with this fd. */
void inputs_read(struct inputs *inputs, int fd);

#endif
