#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "remote/display_opener.h"
#include "remote/tls_identity.h"
#include "remote/vnc_doors.h"
#include "remote/vnc_listener.h"
#include "remote/vnc_options.h"
#include "remote/vnc_password.h"
#include "remote/vnc_session.h"
#include "util/accounts.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/runtime.h"
#include "util/standard_fds.h"

#define EXIT_WRONG 2

struct keys { /* what the listener alone knows */
	char *password_file; /* NULL if none is asked for */
	char *users_file;
	struct tls_identity *identity;
};

static bool prepare_password(
	const struct vnc_options *options, const char *runtime, struct keys *keys) {
	if (options->no_password) {
		log_info("no password is asked for");
		return true;
	}
	if (options->password_file) {
		keys->password_file = xstrdup(options->password_file);
		return vnc_password_is_usable(keys->password_file);
	}
	keys->password_file = xasprintf("%s/vnc-password", runtime);
	if (!vnc_password_make(keys->password_file) ||
		!vnc_password_is_usable(keys->password_file)) {
		return false;
	}
	log_info("the password is in %s", keys->password_file);
	return true;
}

/* A missing or wrong file is no reason to end: it is read again whenever somebody logs in. */
static bool prepare_users(const struct vnc_options *options, struct keys *keys) {
	keys->users_file = options->users_file ? xstrdup(options->users_file) : accounts_path();
	if (!keys->users_file) {
		log_error("neither XDG_CONFIG_HOME nor HOME says where the users' file is");
		return false;
	}
	struct accounts *accounts = accounts_load(keys->users_file, stderr);
	if (!accounts || accounts_count(accounts) == 0) {
		log_error("nobody can log in yet: `mullionctl remote add-user NAME` makes a user");
	}
	accounts_destroy(accounts);
	return true;
}

static bool prepare_tls(const struct vnc_options *options, struct keys *keys) {
	char *certificate = NULL, *key = NULL;
	if (options->tls_certificate) {
		certificate = xstrdup(options->tls_certificate);
		key = xstrdup(options->tls_key);
	} else if (!tls_identity_default_files(&certificate, &key)) {
		return false;
	}
	keys->identity = tls_identity_load(certificate, key);
	if (keys->identity) {
		log_info("the SHA-256 fingerprint of %s is %s", certificate,
			tls_identity_fingerprint(keys->identity));
	}
	free(certificate);
	free(key);
	return keys->identity;
}

static void finish_keys(struct keys *keys) {
	free(keys->password_file);
	free(keys->users_file);
	tls_identity_destroy(keys->identity);
}

static int serve(const struct vnc_options *options, const char *runtime,
	const struct vnc_doors *doors, const struct keys *keys) {
	sd_event *event = NULL;
	int status = EXIT_FAILURE;
	if (sd_event_new(&event) < 0) {
		log_error("can't make an event loop");
		return status;
	}
	struct vnc_listener_keys shown = {.identity = keys->identity,
		.users_file = keys->users_file,
		.password_file = keys->password_file,
		.runtime = runtime};
	struct display_opener *opener = display_opener_create(event, runtime);
	struct vnc_listener *listener = opener
		? vnc_listener_create(event, options, &shown, doors->list, doors->count, opener)
		: NULL;
	if (listener && sd_event_add_signal(event, NULL, SIGTERM, NULL, NULL) >= 0 &&
		sd_event_add_signal(event, NULL, SIGINT, NULL, NULL) >= 0) {
		status = sd_event_loop(event) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
	}
	vnc_listener_destroy(listener);
	display_opener_destroy(opener);
	sd_event_unref(event);
	return status;
}

/* Users and TLS where bytes may leave the machine. */
static int run_with_doors(
	const struct vnc_options *options, const char *runtime, const struct vnc_doors *doors) {
	bool local = vnc_doors_are_local(doors);
	struct keys keys = {0};
	if (!local && (options->no_password || options->password_file)) {
		log_error("--no-password and --password-file are for loopback addresses and unix "
			  "sockets only: elsewhere clients log in over TLS (--users)");
		return EXIT_WRONG;
	}
	bool ready = options->users || !local
		? prepare_users(options, &keys) && prepare_tls(options, &keys)
		: prepare_password(options, runtime, &keys);
	int status = ready ? serve(options, runtime, doors, &keys) : EXIT_FAILURE;
	finish_keys(&keys);
	return status;
}

static int run(const struct vnc_options *options) {
	char *runtime = runtime_folder();
	struct vnc_doors doors;
	int status = EXIT_FAILURE;
	if (runtime && vnc_doors_init(&doors, options)) {
		status = run_with_doors(options, runtime, &doors);
		vnc_doors_finish(&doors);
	}
	free(runtime);
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
		status = run(&options);
	}
	vnc_options_finish(&options);
	return status;
}
