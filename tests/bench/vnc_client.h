/* A VNC client that has seen the whole picture and waits for what changes. It reads what comes
 * without decoding it. */
#ifndef TESTS_BENCH_VNC_CLIENT_H
#define TESTS_BENCH_VNC_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vnc_client {
	int fd;
	uint16_t width, height; /* px */
	uint64_t bytes; /* read so far */
	uint8_t chunk[65536]; /* read, and not yet looked at */
	size_t begin, end;
};

enum vnc_encoding { VNC_RAW = 0, VNC_TIGHT = 7, VNC_ZRLE = 16 };

/* Connects to loopback without a password, reads one whole picture, and asks for changes; keeps
 * trying while nobody listens there. */
bool vnc_client_connect(struct vnc_client *client, int port, enum vnc_encoding encoding);
void vnc_client_close(struct vnc_client *client);
/* Reads what changes until nothing comes for so long; false if the server goes away. */
bool vnc_client_settle(struct vnc_client *client, int quiet); /* ms */
/* Reads one update and asks for the next one; returns its area in px, or -1. */
long vnc_client_read(struct vnc_client *client);
void vnc_client_press(struct vnc_client *client, uint32_t keysym, bool pressed);
/* Something came since. */
bool vnc_client_was_told(const struct vnc_client *client);
/* A port where nobody listens. */
int vnc_client_free_port(void);

#endif
