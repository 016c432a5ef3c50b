/* The sockets on which clients come in. */
#ifndef REMOTE_VNC_DOOR_H
#define REMOTE_VNC_DOOR_H

#include <stdbool.h>
#include <sys/socket.h>

#define VNC_DOORS_MAX 16
#define VNC_PORT_FIRST 5900
#define VNC_PORT_LAST 5999 /* tried when no port is given */
#define WEB_PORT_FIRST 6080
#define WEB_PORT_LAST 6179 /* likewise, for the web */

enum vnc_door_kind { VNC_DOOR_RFB, VNC_DOOR_WEB };

struct vnc_door_address { /* IPv4, IPv6 or unix */
	enum vnc_door_kind kind;
	struct sockaddr_storage address;
	socklen_t size; /* bytes of it */
	bool any_port; /* the first that is free */
};

struct vnc_door {
	enum vnc_door_kind kind;
	int fd; /* non-blocking, listening */
	bool local; /* a unix socket or a loopback address: nothing leaves the machine */
	char *path; /* of a unix socket that we made; else NULL */
	char name[160]; /* "127.0.0.1:5900", "[::1]:5900", "unix:/run/…" */
};

/* "ADDRESS", "ADDRESS:PORT", "[ADDRESS]:PORT" or "unix:PATH". NULL, or what is wrong with it. */
const char *vnc_door_parse(struct vnc_door_address *address, const char *text);
/* Opens it, a unix socket for our user only. False after a log line. */
bool vnc_door_init(struct vnc_door *door, const struct vnc_door_address *address);
/* One that systemd opened; takes `fd`. False after a log line: it is no listening socket. */
bool vnc_door_init_passed(struct vnc_door *door, int fd, enum vnc_door_kind kind);
void vnc_door_finish(struct vnc_door *door);

#endif
