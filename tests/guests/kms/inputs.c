#include "inputs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DEVICES_MAX 64 /* /dev/input/eventN, N below this */

void inputs_init(struct inputs *inputs, const struct inputs_impl *impl, void *data) {
	*inputs = (struct inputs){.impl = impl, .data = data};
	for (int i = 0; i < INPUTS_MAX; i++) {
		inputs->inputs[i].fd = -1;
	}
	inputs_scan(inputs);
}

static bool is_open(const struct inputs *inputs, int number) {
	for (int i = 0; i < INPUTS_MAX; i++) {
		if (inputs->inputs[i].fd >= 0 && inputs->inputs[i].number == number) {
			return true;
		}
	}
	return false;
}

static void read_range(int fd, unsigned int axis, int *min, int *max) {
	struct input_absinfo info;
	if (ioctl(fd, EVIOCGABS(axis), &info) == 0) {
		*min = info.minimum;
		*max = info.maximum;
	}
}

static void add_device(struct inputs *inputs, int fd, int number) {
	struct input *input = inputs->inputs;
	while (input->fd >= 0) {
		if (++input == inputs->inputs + INPUTS_MAX) {
			close(fd);
			return;
		}
	}
	*input = (struct input){.fd = fd, .number = number};
	read_range(fd, ABS_X, &input->min_x, &input->max_x);
	read_range(fd, ABS_Y, &input->min_y, &input->max_y);
	ioctl(fd, EVIOCGRAB, 1);
	char name[64] = "?";
	ioctl(fd, EVIOCGNAME(sizeof(name)), name);
	printf("INPUT %d %s\n", number, name);
}

void inputs_scan(struct inputs *inputs) {
	for (int number = 0; number < DEVICES_MAX; number++) {
		char path[64];
		snprintf(path, sizeof(path), "/dev/input/event%d", number);
		if (is_open(inputs, number)) {
			continue;
		}
		int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		if (fd >= 0) {
			add_device(inputs, fd, number);
		}
	}
}

int inputs_fill(const struct inputs *inputs, struct pollfd *entries) {
	int count = 0;
	for (int i = 0; i < INPUTS_MAX; i++) {
		if (inputs->inputs[i].fd >= 0) {
			entries[count++] =
				(struct pollfd){.fd = inputs->inputs[i].fd, .events = POLLIN};
		}
	}
	return count;
}

static bool is_button(unsigned int code) {
	return code >= BTN_MISC && code < KEY_OK;
}

static double share(int value, int min, int max) {
	return max > min ? (double)(value - min) / (max - min) : 0;
}

static void handle_relative(struct inputs *inputs, const struct input_event *event) {
	switch (event->code) {
	case REL_X:
		inputs->impl->move_by(inputs->data, event->value, 0);
		break;
	case REL_Y:
		inputs->impl->move_by(inputs->data, 0, event->value);
		break;
	case REL_WHEEL:
		inputs->impl->wheel(inputs->data, event->value);
		break;
	}
}

static void handle_absolute(struct input *input, const struct input_event *event) {
	if (event->code == ABS_X) {
		input->x = share(event->value, input->min_x, input->max_x);
		input->moved = true;
	} else if (event->code == ABS_Y) {
		input->y = share(event->value, input->min_y, input->max_y);
		input->moved = true;
	}
}

/* A position is complete before what comes with it or after it. */
static void send_position(struct inputs *inputs, struct input *input) {
	if (input->moved) {
		input->moved = false;
		inputs->impl->move_to(inputs->data, input->x, input->y);
	}
}

static void handle_event(
	struct inputs *inputs, struct input *input, const struct input_event *event) {
	if (event->type == EV_ABS) {
		handle_absolute(input, event);
		return;
	}
	send_position(inputs, input);
	if (event->type == EV_REL) {
		handle_relative(inputs, event);
	} else if (event->type == EV_KEY && event->value != 2 /* a repeat */) {
		if (is_button(event->code)) {
			inputs->impl->button(inputs->data, event->code, event->value);
		} else {
			inputs->impl->key(inputs->data, event->code, event->value);
		}
	}
}

void inputs_read(struct inputs *inputs, int fd) {
	for (struct input *input = inputs->inputs; input < inputs->inputs + INPUTS_MAX; input++) {
		struct input_event event;
		ssize_t size;
		if (input->fd != fd) {
			continue;
		}
		while ((size = read(fd, &event, sizeof(event))) == sizeof(event)) {
			handle_event(inputs, input, &event);
		}
		if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) {
			close(fd); /* unplugged */
			input->fd = -1;
		}
	}
}
