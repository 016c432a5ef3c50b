/* A display that breaks the rules ends its own connection, with the reason, or is put up with; in
 * each case another display in the same loop goes on painting. Needs the path of synthetic-guest.
 */
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/vm-display/harness.h"
#include "vm-display/guard.h"
#include "vm-display/publisher.h"

#define GOOD_UPDATES 30 /* that come through before a case is over */
#define GOOD_PERIOD 2000 /* us */
#define RSS_MAX (400 * 1024) /* KiB; a 1920x1080 picture has 8,100 */

static const struct hostile_case {
	const char *behaviour;
	const char *reason; /* part of it; NULL: the connection goes on */
} hostile_cases[] = {
	{"map-width-zero", "size is out of limits"},
	{"map-height-huge", "size is out of limits"},
	{"map-stride-small", "stride is out of limits"},
	{"map-stride-huge", "stride is out of limits"},
	{"map-stride-odd", "stride is out of limits"},
	{"map-offset", "too short"},
	{"map-offset-huge", "too short"},
	{"map-short", "too short"},
	{"map-format", "format is unknown"},
	{"map-pipe", "not shared memory"},
	{"map-null", "not shared memory"},
	{"map-zero", "not shared memory"},
	{"map-folder", "not shared memory"},
	{"map-socket", "not shared memory"},
	{"map-disk", "not shared memory"},
	{"map-types", "wrong types"},
	{"update-types", "wrong types"},
	{"scanout-short", "too few"},
	{"scanout-huge", "size is out of limits"},
	{"scanout-overflow", "stride is out of limits"},
	{"scanout-format", "format is unknown"},
	{"update-short", "too few"},
	{"update-huge", "size is out of limits"},
	{"cursor-short", "cursor's size"},
	{"cursor-huge", "cursor's size"},
	{"dmabuf-memory", "not a dmabuf"},
	{"dmabuf2-planes", "number of planes"},
	{"dmabuf2-none", "number of planes"},
	{"dmabuf2-few", "number of planes"},
	{"dmabuf2-many-fds", "number of planes"},
	{"dmabuf2-memory", "not a dmabuf"},
	{"properties", "doesn't describe itself"},
	{"garbage", "Bad message"},
	{"flood-pings", "doesn't read"},
	{"flood-fds", ""}, /* in invalid messages; during the handshake sd-bus ends it itself */
	{"truncate", NULL},
	{"half", NULL},
	{"shrink", NULL},
	{"shrink-to-none", NULL},
	{"flood", NULL},
	{"wild", NULL},
	{"flood-bytes", NULL},
	{"flood-cursor", NULL},
	{"modes", NULL},
	{"many-consoles", NULL},
	{"listener-no-auth", NULL},
	{"no-auth", NULL},
	{"no-answer", NULL},
};

/* libsystemd 257 forgets what it read of an invalid message (docs/security.md). */
const char *__lsan_default_suppressions(void);
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void) {
	return "leak:libsystemd.so";
}

static const char *synthetic_guest;

static pid_t start_guest(const char *behaviour, int *fd) {
	int fds[2];
	char options[128];
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
	snprintf(options, sizeof(options), "bad=%s,display-fd=%d", behaviour, fds[1]);
	pid_t pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(fds[0]);
		execl(synthetic_guest, synthetic_guest, "-synthetic", options, NULL);
		_exit(127);
	}
	close(fds[1]);
	*fd = fds[0];
	return pid;
}

/* The other display, whose frames must go on coming. */
struct good {
	sd_event *event;
	struct screen screen;
	struct publisher *publisher;
	struct peer peer;
	struct watch watch;
	sd_event_source *timer;
};

static int handle_timer(sd_event_source *source, uint64_t usec, void *data) {
	struct good *good = data;
	screen_add_damage(&good->screen, 0, 0, 1, 1);
	sd_event_source_set_time_relative(source, GOOD_PERIOD);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static void good_begin(struct good *good, sd_event *event) {
	*good = (struct good){.event = event};
	screen_init(&good->screen);
	struct frame *frame = frame_create_owned(64, 64, PIXMAN_x8r8g8b8);
	screen_set_frame(&good->screen, frame);
	frame_unref(frame);
	good->publisher = publisher_create(event, "good", "");
	struct published_console_info info = {.label = "good"};
	static const struct published_console_impl impl = {0};
	publisher_add_console(good->publisher, &info, &good->screen, &impl, NULL);
	peer_open(&good->peer, event, publisher_open(good->publisher, PUBLISHER_VIEW));
	struct console *console = peer_console(&good->peer, 0);
	console_listen(console, true);
	watch_begin(&good->watch, &console->screen);
	CHECK(sd_event_add_time_relative(event, &good->timer, CLOCK_MONOTONIC, GOOD_PERIOD, 1,
		      handle_timer, good) >= 0);
}

static void good_end(struct good *good) {
	sd_event_source_disable_unref(good->timer);
	watch_end(&good->watch);
	peer_close(&good->peer);
	publisher_destroy(good->publisher);
	screen_finish(&good->screen);
}

struct victim {
	struct display_client *client;
	struct screen_observer observer;
	bool is_lost;
	char reason[128];
	uint32_t sum; /* of all bytes read */
};

/* Reads every pixel at once, as a renderer might. */
static void read_everything(struct screen_observer *observer) {
	struct victim *victim =
		(struct victim *)((char *)observer - offsetof(struct victim, observer));
	const struct frame *frame = observer->screen->frame;
	pixman_region32_clear(&observer->damage);
	for (uint32_t y = 0; frame && frame->data && y < frame->height; y++) {
		const uint8_t *row = frame->data + (size_t)y * frame->stride;
		for (uint32_t x = 0; x < frame->width; x++) {
			victim->sum += row[x];
		}
	}
}

static const struct screen_observer_impl victim_observer_impl = {
	.frame = read_everything,
	.damage = read_everything,
};

static void handle_ready(struct display_client *client, void *data) {
	struct victim *victim = data;
	struct console *console = TAILQ_FIRST(display_client_consoles(client));
	CHECK(console);
	screen_observe(&console->screen, &victim->observer, &victim_observer_impl);
	console_listen(console, true);
}

static void handle_lost(struct display_client *client, const char *reason, void *data) {
	struct victim *victim = data;
	victim->is_lost = true;
	snprintf(victim->reason, sizeof(victim->reason), "%s", reason);
}

static const struct display_client_impl victim_impl = {
	.ready = handle_ready,
	.lost = handle_lost,
};

static void check_memory(void) {
#ifndef __SANITIZE_ADDRESS__
	struct rusage usage;
	CHECK(getrusage(RUSAGE_SELF, &usage) == 0);
	CHECK(usage.ru_maxrss < RSS_MAX);
#endif
}

static void run_case(struct good *good, const struct hostile_case *hostile) {
	printf("%s\n", hostile->behaviour);
	int fd;
	pid_t pid = start_guest(hostile->behaviour, &fd);
	struct victim victim = {0};
	victim.client = display_client_create(good->event, fd, &victim_impl, &victim);
	CHECK(victim.client);
	if (hostile->reason) {
		WAIT_FOR(good->event, victim.is_lost);
		printf("\tlost: %s\n", victim.reason);
		CHECK(strstr(victim.reason, hostile->reason));
	}
	int damages = good->watch.damages;
	WAIT_FOR(good->event, good->watch.damages >= damages + GOOD_UPDATES);
	CHECK(victim.is_lost == (hostile->reason != NULL));
	check_memory();
	screen_unobserve(&victim.observer);
	display_client_destroy(victim.client);
	kill(pid, SIGKILL);
	CHECK(waitpid(pid, NULL, 0) == pid);
}

int main(int argc, char **argv) {
	CHECK(argc == 2 || argc == 3);
	synthetic_guest = argv[1];
	setvbuf(stdout, NULL, _IOLBF, 0);
	guard_install();
	sd_event *event;
	struct good good;
	CHECK(sd_event_new(&event) >= 0);
	good_begin(&good, event);
	for (size_t i = 0; i < sizeof(hostile_cases) / sizeof(hostile_cases[0]); i++) {
		if (argc == 2 || strcmp(argv[2], hostile_cases[i].behaviour) == 0) {
			run_case(&good, &hostile_cases[i]);
		}
	}
	good_end(&good);
	sd_event_unref(event);
	return 0;
}
