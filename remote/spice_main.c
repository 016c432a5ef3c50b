#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "remote/display_opener.h"
#include "remote/spice_keeper.h"
#include "remote/spice_options.h"
#include "remote/spice_password.h"
#include "remote/tls_identity.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/runtime.h"
#include "util/standard_fds.h"

#define EXIT_WRONG 2

/* The password file; NULL if none is asked for. False after a log line. */
static bool prepare_password(
	const struct spice_options *options, const char *runtime, char **file) {
	char password[SPICE_TICKET_MAX + 1];
	*file = NULL;
	if (options->no_password) {
		log_info("no password is asked for");
		return true;
	}
	if (options->password_file) {
		*file = xstrdup(options->password_file);
	} else {
		*file = xasprintf("%s/spice-password", runtime);
		if (!spice_password_make(*file)) {
			return false;
		}
		log_info("the password is in %s", *file);
	}
	bool ok = spice_password_read(*file, password);
	explicit_bzero(password, sizeof(password));
	return ok;
}

/* The session can't make certificates, nor say what is wrong with them. */
static bool prepare_tls(struct spice_options *options) {
	if (!spice_options_want_tls(options)) {
		return true;
	}
	if (!options->tls_certificate &&
		!tls_identity_default_files(&options->tls_certificate, &options->tls_key)) {
		return false;
	}
	struct tls_identity *identity =
		tls_identity_load(options->tls_certificate, options->tls_key);
	if (identity) {
		log_info("the SHA-256 fingerprint of %s is %s", options->tls_certificate,
			tls_identity_fingerprint(identity));
	}
	tls_identity_destroy(identity);
	return identity != NULL;
}

static int run(
	const struct spice_options *options, const char *runtime, const char *password_file) {
	sd_event *event = NULL;
	int status = EXIT_FAILURE;
	if (sd_event_new(&event) < 0) {
		log_error("can't make an event loop");
		return status;
	}
	struct display_opener *opener = display_opener_create(event, runtime);
	struct spice_keeper *keeper =
		opener ? spice_keeper_create(event, options, runtime, password_file, opener) : NULL;
	if (keeper && sd_event_add_signal(event, NULL, SIGTERM, NULL, NULL) >= 0 &&
		sd_event_add_signal(event, NULL, SIGINT, NULL, NULL) >= 0) {
		int result = sd_event_loop(event);
		status = result < 0 ? EXIT_FAILURE : result;
	}
	spice_keeper_destroy(keeper);
	display_opener_destroy(opener);
	sd_event_unref(event);
	return status;
}

static void block_signals(void) {
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

int main(int argc, char *argv[]) {
	struct spice_options options;
	log_init("mullion-spice", LOG_LEVEL_INFO);
	if (!standard_fds_open()) {
		return EXIT_FAILURE;
	}
	enum spice_options_result result = spice_options_parse(&options, argc, argv);
	int status = result == SPICE_OPTIONS_DONE ? EXIT_SUCCESS : EXIT_WRONG;
	if (result == SPICE_OPTIONS_RUN) {
		log_init("mullion-spice", options.verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
		block_signals();
		char *runtime = runtime_folder(), *password_file = NULL;
		status = EXIT_FAILURE;
		if (runtime && prepare_password(&options, runtime, &password_file) &&
			prepare_tls(&options)) {
			status = run(&options, runtime, password_file);
		}
		free(runtime);
		free(password_file);
	}
	spice_options_finish(&options);
	return status;
}
