/* A VNC client that has seen the whole picture and waits for what changes. */
#ifndef TESTS_BENCH_VNC_CLIENT_H
#define TESTS_BENCH_VNC_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

struct vnc_client {
	int fd;
	uint16_t width, height; /* px */
};

/* Connects to loopback without a password, reads one whole picture, and asks for changes; keeps
 * trying while nobody listens there. */
bool vnc_client_connect(struct vnc_client *client, int port);
void vnc_client_close(struct vnc_client *client);
/* Reads what changes until nothing comes for so long; false if the server goes away. */
bool vnc_client_settle(struct vnc_client *client, int quiet); /* ms */
/* Something came since. */
bool vnc_client_was_told(const struct vnc_client *client);
/* A port where nobody listens. */
int vnc_client_free_port(void);

#endif
