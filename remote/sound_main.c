/* mullion-sound: plays the sound of a display on PipeWire. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "remote/display_opener.h"
#include "remote/display_sound.h"
#include "remote/sound_player.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/runtime.h"
#include "util/standard_fds.h"
#include "vm-display/display_client.h"
#include "vm-display/publisher.h"

#define EXIT_WRONG 2
#define PATIENCE (24 * 3600 * (uint64_t)1000000) /* us, for a mullion; then it is asked anew */

struct player {
	sd_event *event;
	const char *target;
	const char *pipewire; /* NULL: the usual one */
	struct display_opener *opener;
	struct display_request *request; /* NULL: none is open */
	struct display_client *display; /* NULL: none */
	struct display_sound *sound;
	struct sound_player *output;
	int lost_fd; /* PipeWire's thread says through it that its end is gone */
};

static void ask(struct player *player);

static void handle_playing(void *data, bool playing) {
	struct player *player = data;
	sound_player_set_playing(player->output, playing);
}

static void handle_pcm(void *data, const int16_t *samples, size_t frames) {
	struct player *player = data;
	sound_player_add(player->output, samples, frames);
}

static const struct audio_mix_impl sound_impl = {.playing = handle_playing, .pcm = handle_pcm};

static void handle_ready(struct display_client *display, void *data) {
	struct player *player = data;
	player->sound = display_sound_create(display, &sound_impl, player);
}

static void handle_lost(struct display_client *display, const char *reason, void *data) {
	struct player *player = data;
	log_info("mullion is gone (%s); waiting for it to come back", reason);
	display_sound_destroy(player->sound);
	player->sound = NULL;
	sound_player_set_playing(player->output, false);
	display_client_destroy(player->display);
	player->display = NULL;
	ask(player);
}

static const struct display_client_impl display_impl = {.ready = handle_ready, .lost = handle_lost};

static void handle_opened(void *data, int fd, const char *layout, const char *error) {
	struct player *player = data;
	player->request = NULL;
	if (fd >= 0) {
		player->display = display_client_create(player->event, fd, &display_impl, player);
	}
	if (!player->display) {
		log_error("%s can't be heard: %s", player->target, error ? error : "see above");
		sd_event_exit(player->event, EXIT_FAILURE);
	}
}

static void ask(struct player *player) {
	/* Nobody's session: it is this machine's own loudspeaker. */
	struct display_wish wish = {.target = player->target, .rights = PUBLISHER_VIEW};
	player->request =
		display_opener_open(player->opener, &wish, PATIENCE, handle_opened, player);
}

static void tell_lost(void *data) {
	struct player *player = data;
	(void)!eventfd_write(player->lost_fd, 1);
}

static int handle_lost_output(sd_event_source *source, int fd, uint32_t events, void *data) {
	struct player *player = data;
	log_error("PipeWire is gone");
	sd_event_exit(player->event, EXIT_FAILURE);
	return 0;
}

static bool begin(struct player *player, const char *runtime) {
	player->lost_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (player->lost_fd < 0 || sd_event_new(&player->event) < 0 ||
		sd_event_add_io(player->event, NULL, player->lost_fd, EPOLLIN, handle_lost_output,
			player) < 0 ||
		sd_event_add_signal(player->event, NULL, SIGTERM, NULL, NULL) < 0 ||
		sd_event_add_signal(player->event, NULL, SIGINT, NULL, NULL) < 0) {
		log_error("can't make an event loop");
		return false;
	}
	player->output = sound_player_create(player->target, player->pipewire, tell_lost, player);
	player->opener = player->output ? display_opener_create(player->event, runtime) : NULL;
	if (player->opener) {
		ask(player);
	}
	return player->opener;
}

static void finish(struct player *player) {
	display_request_cancel(player->request);
	display_sound_destroy(player->sound);
	display_client_destroy(player->display);
	display_opener_destroy(player->opener);
	sound_player_destroy(player->output);
	sd_event_unref(player->event);
	if (player->lost_fd >= 0) {
		close(player->lost_fd);
	}
}

static void usage(FILE *out) {
	fprintf(out,
		"usage: mullion-sound [--target TARGET] [--pipewire SOCKET] [--server-name NAME]\n"
		"Plays the sound of mullion's desktop, or of guest:NAME, on PipeWire.\n");
}

/* False: the program ends, with *status. */
static bool parse(struct player *player, int argc, char **argv, int *status) {
	static const struct option options[] = {{"target", required_argument, NULL, 't'},
		{"pipewire", required_argument, NULL, 'p'},
		{"server-name", required_argument, NULL, 's'}, {"help", no_argument, NULL, 'h'},
		{NULL}};
	for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
		if (c == 't') {
			player->target = optarg;
		} else if (c == 'p') {
			player->pipewire = optarg;
		} else if (c != 's') { /* what mullion calls us doesn't matter */
			usage(c == 'h' ? stdout : stderr);
			*status = c == 'h' ? EXIT_SUCCESS : EXIT_WRONG;
			return false;
		}
	}
	if (optind < argc) {
		usage(stderr);
		*status = EXIT_WRONG;
	}
	return optind == argc;
}

int main(int argc, char **argv) {
	struct player player = {.target = "desktop", .lost_fd = -1};
	int status = EXIT_FAILURE;
	if (!standard_fds_open() || !parse(&player, argc, argv, &status)) {
		return status;
	}
	log_init("mullion-sound", LOG_LEVEL_INFO);
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	char *runtime = runtime_folder();
	if (runtime && begin(&player, runtime)) {
		int result = sd_event_loop(player.event);
		status = result < 0 ? EXIT_FAILURE : result;
	}
	finish(&player);
	free(runtime);
	return status;
}
