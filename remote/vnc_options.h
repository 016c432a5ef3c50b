/* The command line of mullion-vnc. */
#ifndef REMOTE_VNC_OPTIONS_H
#define REMOTE_VNC_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "remote/vnc_door.h"
#include "remote/vnc_target.h"

struct vnc_options {
	struct vnc_door_address listen[VNC_DOORS_MAX];
	size_t listen_count; /* 0: the default one, if systemd passed none */
	struct vnc_target target; /* the desktop by default */
	bool target_given; /* else users may choose */
	bool users; /* clients log in over TLS, as one of the users */
	char *users_file; /* NULL: the default one */
	char *tls_certificate, *tls_key; /* both or none */
	bool x509_vnc;
	char *password_file; /* NULL: the default one */
	bool no_password; /* none is asked for */
	char *server_name; /* "": mullion didn't start it */
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
