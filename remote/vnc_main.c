#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "remote/display_opener.h"
#include "remote/vnc_listener.h"
#include "remote/vnc_options.h"
#include "remote/vnc_password.h"
#include "remote/vnc_session.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/runtime.h"
#include "util/standard_fds.h"
#include "vm-display/publisher.h"

#define EXIT_WRONG 2

/* The password file; NULL if none is asked for. False after a log line. */
static bool prepare_password(const struct vnc_options *options, const char *runtime, char **file) {
	*file = NULL;
	if (!options->password) {
		log_info("no password is asked for");
		return true;
	}
	if (options->password_file) {
		*file = xstrdup(options->password_file);
		return vnc_password_is_usable(*file);
	}
	*file = xasprintf("%s/vnc-password", runtime);
	if (!vnc_password_make(*file) || !vnc_password_is_usable(*file)) {
		return false;
	}
	log_info("the password is in %s", *file);
	return true;
}

static int run(const struct vnc_options *options, const char *runtime, const char *password_file) {
	sd_event *event = NULL;
	uint32_t rights = PUBLISHER_VIEW | (options->view_only ? 0 : PUBLISHER_CONTROL) |
		(options->resize && !options->view_only ? PUBLISHER_RESIZE : 0);
	int status = EXIT_FAILURE;
	if (sd_event_new(&event) < 0) {
		log_error("can't make an event loop");
		return status;
	}
	struct display_opener *opener =
		display_opener_create(event, runtime, options->target, rights);
	struct vnc_listener *listener =
		opener ? vnc_listener_create(event, options, password_file, opener) : NULL;
	if (listener && sd_event_add_signal(event, NULL, SIGTERM, NULL, NULL) >= 0 &&
		sd_event_add_signal(event, NULL, SIGINT, NULL, NULL) >= 0) {
		status = sd_event_loop(event) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
	}
	vnc_listener_destroy(listener);
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
	struct vnc_options options;
	log_init("mullion-vnc", LOG_LEVEL_INFO);
	if (!standard_fds_open()) {
		return EXIT_FAILURE;
	}
	if (argc == 2 && strcmp(argv[1], VNC_SESSION_OPTION) == 0) {
		return vnc_session_run(VNC_SESSION_CLIENT, VNC_SESSION_CHANNEL);
	}
	enum vnc_options_result result = vnc_options_parse(&options, argc, argv);
	int status = result == VNC_OPTIONS_DONE ? EXIT_SUCCESS : EXIT_WRONG;
	if (result == VNC_OPTIONS_RUN) {
		log_init("mullion-vnc", options.verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
		block_signals();
		char *runtime = runtime_folder(), *password_file = NULL;
		status = EXIT_FAILURE;
		if (runtime && prepare_password(&options, runtime, &password_file)) {
			status = run(&options, runtime, password_file);
		}
		free(runtime);
		free(password_file);
	}
	vnc_options_finish(&options);
	return status;
}
