/* The first process of a small test guest: shows the pattern (pattern.h) on every head, follows
 * each change of mode, and reports on the serial console what it gets from keyboard and pointer:
 *
 *   READY head N WIDTHxHEIGHT	GONE head N	INPUT N NAME	KEY CODE 0|1
 *   MOVE X Y	BUTTON CODE 0|1 X Y	WHEEL STEPS	POWER
 *
 * Codes are Linux evdev's, positions px of head 0. The power button turns the machine off. */
#include <errno.h>
#include <linux/input-event-codes.h>
#include <linux/netlink.h>
#include <linux/reboot.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <unistd.h>

#include "inputs.h"
#include "kms.h"

struct client {
	struct kms kms;
	struct inputs inputs;
	int x, y; /* px, of head 0 */
};

static void power_off(void) {
	sync();
	reboot(RB_POWER_OFF);
}

static void move(struct client *client, int x, int y) {
	const struct pattern_image *image = &client->kms.heads[0].buffer.image;
	client->x = x < 0 ? 0 : x >= image->width ? image->width - 1 : x;
	client->y = y < 0 ? 0 : y >= image->height ? image->height - 1 : y;
	kms_move_cursor(&client->kms, client->x, client->y);
	printf("MOVE %d %d\n", client->x, client->y);
}

static void handle_key(void *data, unsigned int code, bool pressed) {
	struct client *client = data;
	if (code == KEY_POWER && pressed) {
		printf("POWER\n");
		power_off();
	}
	printf("KEY %u %d\n", code, pressed);
	if (pressed) {
		kms_toggle_key(&client->kms, code);
	}
}

static void handle_button(void *data, unsigned int code, bool pressed) {
	struct client *client = data;
	printf("BUTTON %u %d %d %d\n", code, pressed, client->x, client->y);
	if (pressed) {
		kms_draw_cross(&client->kms, client->x, client->y);
	}
}

/* QEMU has made a share of a pixel's number by cutting off what is beyond the tablet's steps, of
 * which a pixel has several: upwards to the next pixel undoes it. */
static int place(double share, int pixels) {
	return (int)ceil(share * pixels - 1e-6);
}

static void handle_move_to(void *data, double x, double y) {
	struct client *client = data;
	const struct pattern_image *image = &client->kms.heads[0].buffer.image;
	move(client, place(x, image->width), place(y, image->height));
}

static void handle_move_by(void *data, int dx, int dy) {
	struct client *client = data;
	move(client, client->x + dx, client->y + dy);
}

static void handle_wheel(void *data, int steps) {
	printf("WHEEL %d\n", steps);
}

static const struct inputs_impl inputs_impl = {
	.key = handle_key,
	.button = handle_button,
	.move_to = handle_move_to,
	.move_by = handle_move_by,
	.wheel = handle_wheel,
};

static int open_uevents(void) {
	int fd = socket(
		AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
	struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1};
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		printf("FAILED uevents: %s\n", strerror(errno));
		exit(1);
	}
	return fd;
}

static bool has_field(const char *message, size_t size, const char *field) {
	return memmem(message, size, field, strlen(field) + 1) != NULL;
}

static void read_uevents(struct client *client, int fd) {
	bool drm = false, input = false;
	char message[8192];
	ssize_t size;
	while ((size = recv(fd, message, sizeof(message), 0)) > 0) {
		drm |= has_field(message, (size_t)size, "SUBSYSTEM=drm");
		input |= has_field(message, (size_t)size, "SUBSYSTEM=input");
	}
	if (size < 0 && errno == ENOBUFS) {
		drm = input = true; /* some were lost */
	}
	if (drm) {
		kms_update(&client->kms);
	}
	if (input) {
		inputs_scan(&client->inputs);
	}
}

int main(void) {
	static struct client client;
	setvbuf(stdout, NULL, _IOLBF, 0);
	reboot(RB_DISABLE_CAD);
	int uevents = open_uevents(); /* before looking, so that no change falls between */
	kms_init(&client.kms);
	inputs_init(&client.inputs, &inputs_impl, &client);
	kms_update(&client.kms);
	for (;;) {
		struct pollfd entries[1 + INPUTS_MAX] = {{.fd = uevents, .events = POLLIN}};
		int count = 1 + inputs_fill(&client.inputs, entries + 1);
		if (poll(entries, (nfds_t)count, -1) < 0) {
			continue;
		}
		for (int i = 1; i < count; i++) {
			if (entries[i].revents != 0) {
				inputs_read(&client.inputs, entries[i].fd);
			}
		}
		if (entries[0].revents != 0) {
			read_uevents(&client, uevents);
		}
	}
}
