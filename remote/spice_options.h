/* The command line of mullion-spice. */
#ifndef REMOTE_SPICE_OPTIONS_H
#define REMOTE_SPICE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "remote/vnc_door.h"
#include "remote/vnc_target.h"

#define SPICE_HEADS_MAX 4
#define SPICE_LISTENS_MAX 8

struct spice_listen {
	struct vnc_door_address address;
	bool tls;
};

struct spice_options {
	struct vnc_target target; /* with the first head that is shown */
	char *name; /* what clients see */
	char *server_name; /* this server's, for mullion's list; "": mullion didn't start it */
	uint32_t heads; /* how many */
	struct spice_listen listens[SPICE_LISTENS_MAX];
	int listen_count;
	char *password_file; /* NULL: the default one */
	bool no_password; /* none is asked for */
	char *tls_certificate, *tls_key; /* PEM; both or none: then the default ones */
	char *tls_ca; /* NULL: the certificate is its own */
	int compression; /* SpiceImageCompression */
	int video; /* SPICE_STREAM_VIDEO_* */
	int jpeg; /* spice_wan_compression_t: lossy, for slow networks */
	bool view_only, resize, verbose;
};

enum spice_options_result {
	SPICE_OPTIONS_RUN,
	SPICE_OPTIONS_DONE, /* --help or --version was answered */
	SPICE_OPTIONS_WRONG, /* after one line on standard error; exit status 2 */
};

enum spice_options_result spice_options_parse(
	struct spice_options *options, int argc, char *argv[]);
void spice_options_finish(struct spice_options *options);
bool spice_options_want_tls(const struct spice_options *options);

#endif
