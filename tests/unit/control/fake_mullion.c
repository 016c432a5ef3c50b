#include "fake_mullion.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "fake_display.h"
#include "util/log.h"
#include "vm-display/guard.h"

static int handle_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *data) {
	return sd_event_exit(sd_event_source_get_event(source), 0);
}

static void run(const char *folder) {
	struct fake_mullion fake = {0};
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	if (sd_event_new(&fake.event) < 0 ||
		sd_event_add_signal(fake.event, NULL, SIGTERM, handle_signal, NULL) < 0) {
		exit(1);
	}
	guard_install();
	fake.display = fake_display_create(fake.event);
	fake.control = control_create(fake.event, folder, &fake_impl, &fake);
	if (!fake.control) {
		exit(1);
	}
	puts("ready");
	sd_event_loop(fake.event);
	control_destroy(fake.control);
	fake_display_destroy(fake.display);
	free(fake.added_file);
	sd_event_unref(fake.event);
}

int main(int argc, char **argv) {
	if (argc != 2) {
		fputs("usage: fake_mullion FOLDER\n", stderr);
		return 2;
	}
	log_init("fake_mullion", LOG_LEVEL_INFO);
	setvbuf(stdout, NULL, _IOLBF, 0);
	run(argv[1]);
	return 0;
}
