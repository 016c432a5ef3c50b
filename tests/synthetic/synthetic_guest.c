/* synthetic-guest: behaves to mullion's vmm like a QEMU process, with pictures that are known to
 * the pixel, or with broken ones. It takes QEMU's command line and ignores what means nothing. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "tests/synthetic/bad.h"
#include "tests/synthetic/head.h"
#include "tests/synthetic/qmp_server.h"
#include "util/log.h"

struct synthetic {
	struct options options;
	sd_event *event;
	struct record record;
	struct head heads[SYNTHETIC_HEADS_MAX];
	struct publisher *publisher; /* NULL: nobody is connected */
	struct bad *bad; /* in its place, if rules are to be broken */
	struct qmp_server *qmp;
	sd_event_source *timer; /* of the next picture; NULL: nothing changes */
	uint64_t next; /* us */
};

static void disconnect_display(struct synthetic *synthetic) {
	bad_destroy(synthetic->bad);
	synthetic->bad = NULL;
	if (synthetic->publisher) {
		for (int i = 0; i < synthetic->options.heads; i++) {
			head_unpublish(&synthetic->heads[i]);
		}
		publisher_destroy(synthetic->publisher);
		synthetic->publisher = NULL;
	}
}

/* As in QEMU, the last one wins and the earlier connection ends. */
static void handle_display(int fd, void *data) {
	struct synthetic *synthetic = data;
	const struct options *options = &synthetic->options;
	disconnect_display(synthetic);
	if (options->bad) {
		synthetic->bad = bad_create(synthetic->event, fd, options->bad);
		return;
	}
	synthetic->publisher = publisher_create(synthetic->event, options->name, options->uuid);
	for (int i = 0; i < options->heads; i++) {
		head_publish(&synthetic->heads[i], synthetic->publisher);
	}
	publisher_serve(synthetic->publisher, fd, PUBLISHER_ALL);
}

static void handle_paused(bool paused, void *data) {
	struct synthetic *synthetic = data;
	if (!synthetic->timer) {
		return;
	}
	sd_event_now(synthetic->event, CLOCK_MONOTONIC, &synthetic->next);
	sd_event_source_set_time(synthetic->timer, synthetic->next);
	sd_event_source_set_enabled(synthetic->timer, paused ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
}

static void handle_reset(void *data) {
	struct synthetic *synthetic = data;
	for (int i = 0; i < synthetic->options.heads; i++) {
		synthetic->heads[i].picture.number = UINT32_MAX; /* so that the next one is 0 */
		head_paint_next(&synthetic->heads[i]);
	}
}

static bool handle_power_down(void *data) {
	struct synthetic *synthetic = data;
	return !synthetic->options.stubborn;
}

static void handle_command(const char *name, void *data) {
	struct synthetic *synthetic = data;
	record_write(&synthetic->record, "qmp %s", name);
}

static void handle_quit(void *data) {
	struct synthetic *synthetic = data;
	sd_event_exit(synthetic->event, 0);
}

static const struct qmp_server_impl qmp_impl = {
	.display = handle_display,
	.set_paused = handle_paused,
	.reset = handle_reset,
	.power_down = handle_power_down,
	.command = handle_command,
	.quit = handle_quit,
};

/* Pictures that are late are left out, so that a slow machine doesn't fall ever further behind. */
static int handle_timer(sd_event_source *source, uint64_t usec, void *data) {
	struct synthetic *synthetic = data;
	uint64_t now, period = 1000000 / synthetic->options.fps;
	sd_event_now(synthetic->event, CLOCK_MONOTONIC, &now);
	for (int i = 0; i < synthetic->options.heads; i++) {
		head_paint_next(&synthetic->heads[i]);
	}
	synthetic->next += period;
	if (synthetic->next < now) {
		synthetic->next = now + period;
	}
	sd_event_source_set_time(source, synthetic->next);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static bool start_timer(struct synthetic *synthetic) {
	if (synthetic->options.fps == 0) {
		return true;
	}
	sd_event_now(synthetic->event, CLOCK_MONOTONIC, &synthetic->next);
	return sd_event_add_time(synthetic->event, &synthetic->timer, CLOCK_MONOTONIC,
		       synthetic->next, 1000, handle_timer, synthetic) >= 0;
}

static int listen_on(const char *path) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(address.sun_path)) {
		fprintf(stderr, "synthetic-guest: %s: too long for a socket\n", path);
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
		listen(fd, 1) < 0) {
		perror(path);
		if (fd >= 0) {
			close(fd);
		}
		return -1;
	}
	return fd;
}

static bool start_qmp(struct synthetic *synthetic) {
	const struct options *options = &synthetic->options;
	if (options->display_fd >= 0) {
		handle_display(options->display_fd, synthetic);
		return true;
	}
	int fd = options->qmp_fd;
	if (fd < 0 && options->qmp_path) {
		fd = listen_on(options->qmp_path);
	}
	if (fd < 0) {
		fprintf(stderr, "synthetic-guest: there is no QMP socket to serve\n");
		return false;
	}
	synthetic->qmp = qmp_server_create(synthetic->event, fd, &qmp_impl, synthetic);
	return synthetic->qmp != NULL;
}

static bool start(struct synthetic *synthetic) {
	const struct options *options = &synthetic->options;
	if (sd_event_new(&synthetic->event) < 0 ||
		!record_init(&synthetic->record, options->record)) {
		return false;
	}
	for (int i = 0; i < options->heads; i++) {
		if (!head_init(&synthetic->heads[i], options, &synthetic->record, i)) {
			return false;
		}
	}
	return start_timer(synthetic) && start_qmp(synthetic);
}

static void finish(struct synthetic *synthetic) {
	disconnect_display(synthetic);
	qmp_server_destroy(synthetic->qmp);
	sd_event_source_disable_unref(synthetic->timer);
	for (int i = 0; i < synthetic->options.heads; i++) {
		head_finish(&synthetic->heads[i]);
	}
	record_finish(&synthetic->record);
	sd_event_unref(synthetic->event);
	options_finish(&synthetic->options);
}

int main(int argc, char **argv) {
	struct synthetic synthetic = {0};
	log_init("synthetic-guest", LOG_LEVEL_ERROR);
	signal(SIGPIPE, SIG_IGN);
	if (!options_parse(&synthetic.options, argc, argv) || !start(&synthetic)) {
		return 1;
	}
	int result = sd_event_loop(synthetic.event);
	finish(&synthetic);
	return result < 0;
}
