#include "remote/spice_keeper.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "remote/display_opener.h"
#include "remote/spice_door.h"
#include "remote/spice_note.h"
#include "remote/spice_options.h"
#include "remote/spice_password.h"
#include "remote/spice_session.h"
#include "util/log.h"
#include "util/mem.h"
#include "vm-display/publisher.h"

#define SECOND ((uint64_t)1000000) /* us */
#define DELAY_MAX (5 * SECOND)
#define CHANNEL 3 /* the session's end */

struct keeper_head {
	struct spice_keeper *keeper;
	uint32_t number;
	struct display_request *request;
	char id[DISPLAY_SESSION_ID_SIZE]; /* as mullion lists it; empty: not yet */
};

struct spice_keeper {
	sd_event *event;
	const struct spice_options *options;
	const char *runtime, *password_file;
	struct display_opener *opener;
	struct spice_door *door;
	struct keeper_head heads[SPICE_HEADS_MAX];
	pid_t pid; /* of the session; 0: none */
	int channel; /* -1: none */
	bool is_open; /* the door */
	uint64_t started; /* us, monotonic */
	uint64_t delay; /* us, before the next start */
	sd_event_source *channel_source, *child_source, *restart;
};

/* Displays */

static void handle_display_opened(void *data, int fd, const char *layout, const char *error) {
	struct keeper_head *head = data;
	struct spice_keeper *keeper = head->keeper;
	struct spice_note note = {.kind = SPICE_NOTE_DISPLAY, .number = head->number};
	head->request = NULL;
	if (error) {
		log_error("can't show %s: %s", keeper->options->target.path, error);
		spice_door_clear(keeper->door, error);
		return;
	}
	spice_note_send(keeper->channel, &note, fd);
	close(fd);
}

static uint32_t rights_of(const struct spice_keeper *keeper) {
	const struct spice_options *options = keeper->options;
	return PUBLISHER_VIEW | (options->view_only ? 0 : PUBLISHER_CONTROL) |
		(options->resize && !options->view_only ? PUBLISHER_RESIZE : 0);
}

/* All clients of a server see the same, and are one session to mullion, by the first one's address.
 */
static void want_display(struct spice_keeper *keeper, uint32_t number, bool again) {
	if (number >= keeper->options->heads) {
		return;
	}
	struct keeper_head *head = &keeper->heads[number];
	struct display_wish wish = {.target = keeper->options->target.path,
		.rights = rights_of(keeper),
		.protocol = "spice",
		.server = keeper->options->server_name,
		.user = "",
		.address = spice_door_first_address(keeper->door),
		.id = head->id};
	head->id[0] = again ? head->id[0] : '\0';
	display_request_cancel(head->request);
	head->request = display_opener_open(
		keeper->opener, &wish, SPICE_RETURN_SECONDS * SECOND, handle_display_opened, head);
}

static void cancel_displays(struct spice_keeper *keeper) {
	for (uint32_t i = 0; i < SPICE_HEADS_MAX; i++) {
		display_request_cancel(keeper->heads[i].request);
		keeper->heads[i].request = NULL;
	}
}

/* The session */

static void start_session(struct spice_keeper *keeper);

static void open_door(struct spice_keeper *keeper) {
	if (!keeper->is_open) {
		keeper->is_open = true;
		spice_door_open(keeper->door);
	}
}

static void handle_note(struct spice_keeper *keeper, const struct spice_note *note) {
	switch (note->kind) {
	case SPICE_NOTE_READY:
		open_door(keeper);
		break;
	case SPICE_NOTE_DISPLAY_WANTED:
		want_display(keeper, note->number, note->id != 0);
		break;
	case SPICE_NOTE_LOGGED_IN:
		spice_door_logged_in(keeper->door, note->id, note->number);
		break;
	case SPICE_NOTE_GONE:
		spice_door_gone(keeper->door, note->id);
		break;
	case SPICE_NOTE_STUCK:
		spice_door_set_stuck(keeper->door, note->number);
		break;
	}
}

static void forget_session(struct spice_keeper *keeper) {
	keeper->channel_source = sd_event_source_disable_unref(keeper->channel_source);
	keeper->child_source = sd_event_source_disable_unref(keeper->child_source);
	if (keeper->channel >= 0) {
		close(keeper->channel);
	}
	keeper->channel = -1;
	keeper->pid = 0;
	cancel_displays(keeper);
}

static int handle_channel(sd_event_source *source, int fd, uint32_t events, void *data) {
	struct spice_keeper *keeper = data;
	struct spice_note note;
	int passed;
	enum packet_result result = spice_note_receive(fd, &note, &passed);
	if (passed >= 0) {
		close(passed);
	}
	if (result == PACKET_READ) {
		handle_note(keeper, &note);
	} else if (result == PACKET_ENDED) {
		/* Its end, if it isn't there yet, is soon: handle_child goes on. */
		keeper->channel_source = sd_event_source_disable_unref(keeper->channel_source);
		kill(keeper->pid, SIGKILL);
	}
	return 0;
}

static void plan_restart(struct spice_keeper *keeper) {
	uint64_t now = 0;
	sd_event_now(keeper->event, CLOCK_MONOTONIC, &now);
	if (now > keeper->started + 2 * DELAY_MAX) {
		keeper->delay = 0;
	}
	sd_event_source_set_time_relative(keeper->restart, keeper->delay);
	sd_event_source_set_enabled(keeper->restart, SD_EVENT_ONESHOT);
	keeper->delay = keeper->delay == 0 ? SECOND / 4 : keeper->delay * 2;
	keeper->delay = keeper->delay < DELAY_MAX ? keeper->delay : DELAY_MAX;
}

static int handle_child(sd_event_source *source, const siginfo_t *info, void *data) {
	struct spice_keeper *keeper = data;
	bool exited = info->si_code == CLD_EXITED;
	forget_session(keeper);
	if (!keeper->is_open || (exited && info->si_status == SPICE_SESSION_UNUSABLE)) {
		return sd_event_exit(keeper->event, EXIT_FAILURE);
	}
	log_error("the session ended %s %d; starting another one",
		exited ? "with status" : "by signal", info->si_status);
	spice_door_clear(keeper->door, "its session ended");
	plan_restart(keeper);
	return 0;
}

static int handle_restart(sd_event_source *source, uint64_t time, void *data) {
	start_session(data);
	return 0;
}

/* In the child: nothing of the keeper's is left but memory. */
static void run_session(const struct spice_keeper *keeper, int channel) {
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(channel, CHANNEL) < 0 || close_range(CHANNEL + 1, ~0u, 0) < 0) {
		_exit(EXIT_FAILURE);
	}
	_exit(spice_session_run(keeper->options, keeper->runtime, CHANNEL));
}

static bool watch_session(struct spice_keeper *keeper) {
	/* Who has logged in is known before others are let in, for whom there may be no room. */
	return sd_event_add_io(keeper->event, &keeper->channel_source, keeper->channel, EPOLLIN,
		       handle_channel, keeper) >= 0 &&
		sd_event_source_set_priority(keeper->channel_source, SD_EVENT_PRIORITY_IMPORTANT) >=
		0 &&
		sd_event_add_child(keeper->event, &keeper->child_source, keeper->pid, WEXITED,
			handle_child, keeper) >= 0;
}

static void start_session(struct spice_keeper *keeper) {
	int ends[2];
	sd_event_now(keeper->event, CLOCK_MONOTONIC, &keeper->started);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
		log_error("can't start a session: %s", strerror(errno));
		sd_event_exit(keeper->event, EXIT_FAILURE);
		return;
	}
	keeper->pid = fork();
	if (keeper->pid == 0) {
		run_session(keeper, ends[1]);
	}
	close(ends[1]);
	keeper->channel = ends[0];
	if (keeper->pid < 0 || !watch_session(keeper)) {
		log_error("can't start a session");
		sd_event_exit(keeper->event, EXIT_FAILURE);
	}
}

/* Clients */

static bool handle_door_client(void *data, uint32_t id, int fd, bool tls) {
	struct spice_keeper *keeper = data;
	struct spice_note note = {.kind = SPICE_NOTE_CLIENT, .id = id, .number = tls};
	bool ok = keeper->channel >= 0 &&
		(!keeper->password_file || spice_password_read(keeper->password_file, note.text)) &&
		spice_note_send(keeper->channel, &note, fd);
	explicit_bzero(&note, sizeof(note));
	return ok;
}

static const struct spice_door_impl door_impl = {.client = handle_door_client};

static bool listen_everywhere(struct spice_keeper *keeper) {
	for (int i = 0; i < keeper->options->listen_count; i++) {
		if (!spice_door_listen(keeper->door, &keeper->options->listens[i])) {
			return false;
		}
	}
	return true;
}

struct spice_keeper *spice_keeper_create(sd_event *event, const struct spice_options *options,
	const char *runtime, const char *password_file, struct display_opener *opener) {
	struct spice_keeper *keeper = xcalloc(1, sizeof(*keeper));
	keeper->event = event;
	keeper->options = options;
	keeper->runtime = runtime;
	keeper->password_file = password_file;
	keeper->opener = opener;
	keeper->channel = -1;
	for (uint32_t i = 0; i < SPICE_HEADS_MAX; i++) {
		keeper->heads[i] = (struct keeper_head){.keeper = keeper, .number = i};
	}
	keeper->door = spice_door_create(event, &door_impl, keeper);
	if (!keeper->door || !listen_everywhere(keeper) ||
		sd_event_add_time_relative(event, &keeper->restart, CLOCK_MONOTONIC, 0, 1,
			handle_restart, keeper) < 0) {
		spice_keeper_destroy(keeper);
		return NULL;
	}
	return keeper;
}

void spice_keeper_destroy(struct spice_keeper *keeper) {
	if (!keeper) {
		return;
	}
	pid_t pid = keeper->pid;
	forget_session(keeper);
	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	sd_event_source_disable_unref(keeper->restart);
	spice_door_destroy(keeper->door);
	free(keeper);
}
