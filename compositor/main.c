#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>
#include <unistd.h>
#include <wlr/util/log.h>

#include "compositor/config.h"
#include "compositor/options.h"
#include "compositor/server.h"
#include "util/log.h"
#include "util/runtime.h"
#include "util/standard_fds.h"
#include "vmm/guest_config.h"

static void forward_wlr_log(enum wlr_log_importance importance, const char *format, va_list args) {
	char line[1024];
	vsnprintf(line, sizeof(line), format, args);
	/* Of an X display's number that is taken: it goes on with the next one. */
	bool is_error = importance == WLR_ERROR && !strstr(line, "Failed to bind socket");
	log_write(is_error ? LOG_LEVEL_ERROR : LOG_LEVEL_DEBUG, "%s", line);
}

static void watch_signals(sd_event *event) {
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	sd_event_add_signal(event, NULL, SIGINT, NULL, NULL);
	sd_event_add_signal(event, NULL, SIGTERM, NULL, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void init_logs(const struct options *options) {
	log_init("mullion", options->debug ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	wlr_log_init(options->debug ? WLR_DEBUG : WLR_ERROR, forward_wlr_log);
	if (geteuid() == 0) {
		log_info("running as root, which nothing here needs; guests run as another user");
	}
}

/* Wayland's sockets need the variable, which a bare root shell or a container doesn't have. */
static bool ensure_runtime_folder(void) {
	char *base = runtime_base();
	bool ok = base && setenv("XDG_RUNTIME_DIR", base, 1) == 0;
	free(base);
	return ok;
}

/* Tells all mistakes in the guest files of the command line. */
static bool guest_files_are_right(const struct options *options) {
	bool right = true;
	for (char **path = options->guests; *path; path++) {
		struct guest_config *guest = guest_config_load(*path, stderr);
		right = right && guest;
		guest_config_destroy(guest);
	}
	return right;
}

int main(int argc, char **argv) {
	struct options options;
	int status = EXIT_FAILURE;
	if (!standard_fds_open() || !options_parse(&options, argc, argv, &status)) {
		return status;
	}
	init_logs(&options);
	if (!ensure_runtime_folder()) {
		return EXIT_FAILURE;
	}
	struct config *config = config_find(options.config, stderr);
	if (!config || !guest_files_are_right(&options)) {
		config_destroy(config);
		return 2;
	}
	sd_event *event;
	if (sd_event_new(&event) < 0) {
		return EXIT_FAILURE;
	}
	watch_signals(event);
	struct server *server = server_create(event, &options, config);
	if (server && server_start(server)) {
		sd_notify(0, "READY=1");
		status = sd_event_loop(event);
		status = status < 0 ? EXIT_FAILURE : status;
	}
	server_destroy(server);
	sd_event_unref(event);
	return status;
}
