#include "remote/spice_setup.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "remote/spice_core.h"
#include "remote/spice_door.h"
#include "remote/spice_options.h"
#include "util/log.h"
#include "util/mem.h"

#define UNPRIVILEGED 65534 /* nobody */

/* Those that TLS 1.2 brought, and 1.3's: with an older TLS there is nothing to agree on. */
#define CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL"

static bool is_readable(const char *path) {
	if (access(path, R_OK) < 0) {
		log_error("can't read %s: %s", path, strerror(errno));
		return false;
	}
	return true;
}

/* The library speaks TLS only if it listens for it: it gets a socket in our own folder, which
 * nobody reaches, since its name goes at once. */
static bool set_tls(SpiceServer *server, const struct spice_options *options, const char *path) {
	const char *certificate = options->tls_certificate, *key = options->tls_key;
	const char *ca = options->tls_ca ? options->tls_ca : certificate;
	if (!is_readable(certificate) || !is_readable(key) || !is_readable(ca)) {
		return false;
	}
	spice_server_set_addr(server, path, SPICE_ADDR_FLAG_UNIX_ONLY);
	return spice_server_set_tls(server, 1, ca, certificate, key, NULL, NULL, CIPHERS) == 0;
}

static void configure(SpiceServer *server, const struct spice_options *options) {
	spice_server_set_name(server, options->name);
	spice_server_set_image_compression(server, options->compression);
	spice_server_set_jpeg_compression(server, options->jpeg);
	spice_server_set_zlib_glz_compression(server, options->jpeg);
	spice_server_set_streaming_video(server, options->video);
	/* Others load plug-ins, which needs files and programs. */
	spice_server_set_video_codecs(server, "spice:mjpeg");
	spice_server_set_agent_mouse(server, false);
	spice_server_set_agent_file_xfer(server, false);
	spice_server_set_agent_copypaste(server, !options->view_only);
	if (options->no_password) {
		spice_server_set_noauth(server);
	}
}

SpiceServer *spice_setup_create(const struct spice_options *options, const char *runtime,
	sd_event *event, void (*channel_event)(int event, SpiceChannelEventInfo *info)) {
	bool tls = spice_options_want_tls(options);
	/* Else a second client would end the first one's session. */
	setenv("SPICE_DEBUG_ALLOW_MC", "1", 1);
	unsetenv("SPICE_WORKER_RECORD_FILENAME");
	SpiceServer *server = spice_server_new();
	char *path = xasprintf("%s/spice-%d", runtime, getpid());
	bool ok = !tls || set_tls(server, options, path);
	if (ok) {
		configure(server, options);
		ok = spice_server_init(server, spice_core_prepare(event, channel_event)) == 0;
	}
	if (tls) {
		unlink(path);
	}
	free(path);
	if (!ok) {
		log_error("can't start the SPICE server");
		return NULL;
	}
	return server;
}

void spice_setup_ticket(
	SpiceServer *server, const struct spice_options *options, const char *ticket) {
	if (!options->no_password) {
		spice_server_set_ticket(server, ticket, SPICE_LOGIN_SECONDS, 0, 0);
	}
}

bool spice_setup_give_up_root(void) {
	if (geteuid() != 0) {
		return true;
	}
	if (setgroups(0, NULL) < 0 || setresgid(UNPRIVILEGED, UNPRIVILEGED, UNPRIVILEGED) < 0 ||
		setresuid(UNPRIVILEGED, UNPRIVILEGED, UNPRIVILEGED) < 0) {
		log_error("can't stop being root: %s", strerror(errno));
		return false;
	}
	return true;
}
