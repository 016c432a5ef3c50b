/* The command line of mullion-vnc. */
#ifndef REMOTE_VNC_OPTIONS_H
#define REMOTE_VNC_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#define VNC_PORT_FIRST 5900
#define VNC_PORT_LAST 5999 /* tried when no port is given */

struct vnc_options {
	char *target; /* as OpenDisplay has it: "desktop", "output:NAME" or "guest:NAME" */
	char *name; /* what clients see as the desktop's name */
	uint32_t head;
	struct sockaddr_storage address; /* without a port */
	socklen_t address_size; /* bytes */
	int port; /* -1: the first that is free */
	char *password_file; /* NULL: the default one */
	bool password; /* false: none is asked for */
	char *layout; /* NULL: the guest's, else "us" */
	bool view_only, resize, verbose;
};

enum vnc_options_result {
	VNC_OPTIONS_RUN,
	VNC_OPTIONS_DONE, /* --help or --version was answered */
	VNC_OPTIONS_WRONG, /* after one line on standard error; exit status 2 */
};

enum vnc_options_result vnc_options_parse(struct vnc_options *options, int argc, char *argv[]);
void vnc_options_finish(struct vnc_options *options);

#endif
