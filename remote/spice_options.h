/* The command line of mullion-spice. */
#ifndef REMOTE_SPICE_OPTIONS_H
#define REMOTE_SPICE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#define SPICE_HEADS_MAX 4
#define SPICE_LISTENS_MAX 8

struct spice_listen {
	struct sockaddr_storage address; /* of family AF_INET, AF_INET6 or AF_UNIX */
	socklen_t size; /* bytes */
	bool tls;
};

struct spice_options {
	char *target; /* as OpenDisplay has it */
	char *name; /* what clients see */
	char *server_name; /* this server's, for mullion's list; NULL: none */
	uint32_t head; /* the first one that is shown */
	uint32_t heads; /* how many */
	struct spice_listen listens[SPICE_LISTENS_MAX];
	int listen_count;
	char *password_file; /* NULL: the default one */
	bool password; /* false: none is asked for */
	char *tls_certificate, *tls_key, *tls_ca; /* PEM; NULL: the default ones */
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

/* "ADDRESS:PORT", "[ADDRESS]:PORT" or "unix:PATH"; false if it is neither. */
bool spice_listen_parse(struct spice_listen *listen, const char *text);
/* Whether only this machine can reach it. */
bool spice_listen_is_local(const struct spice_listen *listen);

#endif
