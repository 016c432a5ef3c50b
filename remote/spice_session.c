#include "remote/spice_session.h"

#include <signal.h>
#include <spice.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "remote/sandbox.h"
#include "remote/spice_agent.h"
#include "remote/spice_core.h"
#include "remote/spice_head.h"
#include "remote/spice_input.h"
#include "remote/spice_note.h"
#include "remote/spice_options.h"
#include "remote/spice_setup.h"
#include "remote/spice_sound.h"
#include "util/log.h"
#include "util/mem.h"
#include "vm-display/clipboard.h"
#include "vm-display/display_client.h"
#include "vm-display/guard.h"

#define FIRST_PICTURE_TIMEOUT ((uint64_t)1000000) /* us; then clients get what there is */

struct connection {
	uint32_t id; /* the keeper's */
	int fd; /* -1 once the library has it */
	bool tls;
	char ticket[SPICE_TICKET_MAX + 1];
	SpiceChannelEventInfo *info; /* the library's, while it has it */
	TAILQ_ENTRY(connection) link;
};

struct spice_session {
	const struct spice_options *options;
	int channel;
	sd_event *event;
	SpiceServer *server;
	struct spice_head heads[SPICE_HEADS_MAX];
	struct spice_input input;
	struct spice_agent agent;
	struct spice_sound sound;
	struct clipboard *clipboard; /* NULL: none now, or no right to it */
	TAILQ_HEAD(, connection) connections;
	struct connection *entering; /* while the library is given one */
	bool is_shown; /* the displays are open, or were asked for */
	uint32_t stuck_heads;
	sd_event_source *channel_source;
	sd_event_source *patience; /* for the first picture */
};

/* The library's callback for connections has no data of ours. */
static struct spice_session *the_session;

static void end(struct spice_session *session, const char *why) {
	log_debug("the session ends: %s", why);
	sd_event_exit(session->event, 0);
}

static void tell(
	struct spice_session *session, enum spice_note_kind kind, uint32_t id, uint32_t number) {
	struct spice_note note = {.kind = kind, .id = id, .number = number};
	if (!spice_note_send(session->channel, &note, -1)) {
		end(session, "the keeper is gone");
	}
}

/* Displays: open only while there are clients */

static void show(struct spice_session *session) {
	if (session->is_shown) {
		return;
	}
	session->is_shown = true;
	for (uint32_t i = 0; i < session->options->heads; i++) {
		tell(session, SPICE_NOTE_DISPLAY_WANTED, 0, i);
	}
	sd_event_source_set_time_relative(session->patience, FIRST_PICTURE_TIMEOUT);
	sd_event_source_set_enabled(session->patience, SD_EVENT_ONESHOT);
}

static void hide(struct spice_session *session) {
	session->is_shown = false;
	sd_event_source_set_enabled(session->patience, SD_EVENT_OFF);
	spice_input_set_console(&session->input, NULL);
	for (uint32_t i = 0; i < session->options->heads; i++) {
		spice_head_close(&session->heads[i]);
	}
}

static bool is_ready(const struct spice_session *session) {
	for (uint32_t i = 0; i < session->options->heads; i++) {
		if (!session->heads[i].is_ready) {
			return false;
		}
	}
	return true;
}

/* Connections */

static void destroy_connection(struct spice_session *session, struct connection *connection) {
	TAILQ_REMOVE(&session->connections, connection, link);
	tell(session, SPICE_NOTE_GONE, connection->id, 0);
	if (connection->fd >= 0) {
		close(connection->fd);
	}
	if (session->entering == connection) {
		session->entering = NULL;
	}
	explicit_bzero(connection->ticket, sizeof(connection->ticket));
	free(connection);
	if (TAILQ_EMPTY(&session->connections) && session->is_shown) {
		hide(session);
	}
}

static struct connection *find(struct spice_session *session, SpiceChannelEventInfo *info) {
	struct connection *connection;
	TAILQ_FOREACH (connection, &session->connections, link) {
		if (connection->info == info) {
			return connection;
		}
	}
	return NULL;
}

static void handle_channel_event(int event, SpiceChannelEventInfo *info) {
	struct spice_session *session = the_session;
	if (event == SPICE_CHANNEL_EVENT_CONNECTED && session->entering) {
		session->entering->info = info;
	}
	struct connection *connection = find(session, info);
	if (!connection) {
		return;
	}
	if (event == SPICE_CHANNEL_EVENT_INITIALIZED) {
		tell(session, SPICE_NOTE_LOGGED_IN, connection->id,
			info->type == SPICE_CHANNEL_MAIN);
	} else if (event == SPICE_CHANNEL_EVENT_DISCONNECTED) {
		destroy_connection(session, connection);
	}
}

/* The library takes the socket, unless it says no; it may end the connection at once. */
static void enter(struct spice_session *session, struct connection *connection) {
	int fd = connection->fd;
	bool tls = connection->tls;
	connection->fd = -1;
	session->entering = connection;
	spice_setup_ticket(session->server, session->options, connection->ticket);
	int error = tls ? spice_server_add_ssl_client(session->server, fd, 0)
			: spice_server_add_client(session->server, fd, 0);
	if (error != 0) {
		close(fd);
	}
	if (error != 0 && session->entering) {
		destroy_connection(session, session->entering);
	}
	session->entering = NULL;
}

/* Those that wait for a picture. */
static void enter_all(struct spice_session *session) {
	struct connection *connection, *next;
	for (connection = TAILQ_FIRST(&session->connections); connection; connection = next) {
		next = TAILQ_NEXT(connection, link);
		if (connection->fd >= 0) {
			enter(session, connection);
		}
	}
}

static int handle_patience(sd_event_source *source, uint64_t time, void *data) {
	enter_all(data);
	return 0;
}

static bool is_patient(const struct spice_session *session) {
	int enabled = SD_EVENT_OFF;
	sd_event_source_get_enabled(session->patience, &enabled);
	return enabled != SD_EVENT_OFF && !is_ready(session);
}

static void handle_client(struct spice_session *session, const struct spice_note *note, int fd) {
	struct connection *connection = xcalloc(1, sizeof(*connection));
	connection->id = note->id;
	connection->fd = fd;
	connection->tls = note->number;
	memcpy(connection->ticket, note->text, SPICE_TICKET_MAX);
	TAILQ_INSERT_TAIL(&session->connections, connection, link);
	show(session);
	if (!is_patient(session)) {
		enter(session, connection);
	}
}

/* Heads */

static void handle_head_console(struct spice_head *head) {
	struct spice_session *session = head->data;
	if (head == &session->heads[0]) {
		spice_input_set_console(&session->input, head->display.console);
	}
}

static void handle_head_lost(struct spice_head *head, const char *reason) {
	struct spice_session *session = head->data;
	log_info("mullion is gone (%s); waiting for it to come back", reason);
	tell(session, SPICE_NOTE_DISPLAY_WANTED, 1, head - session->heads);
}

/* The target's clipboard and sound, over the first head's connection */

static void handle_text(void *data, const char *text, size_t size) {
	struct spice_session *session = data;
	spice_agent_set_text(&session->agent, text, size); /* NULL: there is none */
}

static void handle_clipboard_grabbed(void *data, bool has_text) {
	struct spice_session *session = data;
	if (has_text) {
		clipboard_ask(session->clipboard, handle_text, session);
	} else {
		spice_agent_set_text(&session->agent, NULL, 0);
	}
}

static const struct clipboard_impl clipboard_impl = {.grabbed = handle_clipboard_grabbed};

static void handle_agent_text(void *data, const char *text, size_t size) {
	struct spice_session *session = data;
	if (session->clipboard && clipboard_is_text(text, size)) {
		clipboard_offer(session->clipboard, text, size);
	}
}

static void handle_head_client(struct spice_head *head, struct display_client *client) {
	struct spice_session *session = head->data;
	if (head != &session->heads[0]) {
		return;
	}
	spice_sound_set_display(&session->sound, client);
	clipboard_destroy(session->clipboard);
	session->clipboard = client && !session->options->view_only
		? clipboard_create(client, &clipboard_impl, session)
		: NULL;
}

static void handle_head_ready(struct spice_head *head) {
	struct spice_session *session = head->data;
	if (is_ready(session)) {
		sd_event_source_set_enabled(session->patience, SD_EVENT_OFF);
		enter_all(session);
	}
}

static void handle_head_stuck(struct spice_head *head, bool stuck) {
	struct spice_session *session = head->data;
	uint32_t bit = 1u << (head - session->heads);
	uint32_t before = session->stuck_heads;
	session->stuck_heads = stuck ? before | bit : before & ~bit;
	if ((before != 0) != (session->stuck_heads != 0)) {
		tell(session, SPICE_NOTE_STUCK, 0, session->stuck_heads != 0);
	}
}

static void handle_head_resize(struct spice_head *head, uint32_t width, uint32_t height) {
	if (head->display.console) {
		console_set_ui_info(head->display.console, 0, 0, width, height);
	}
}

static const struct spice_head_impl head_impl = {
	.console = handle_head_console,
	.lost = handle_head_lost,
	.client = handle_head_client,
	.ready = handle_head_ready,
	.stuck = handle_head_stuck,
	.resize = handle_head_resize,
};

/* The keeper */

static void handle_display(struct spice_session *session, uint32_t number, int fd) {
	if (number < session->options->heads && session->is_shown) {
		spice_head_open(&session->heads[number], fd);
	} else {
		close(fd); /* the last client left in the meantime */
	}
}

static int handle_channel(sd_event_source *source, int fd, uint32_t events, void *data) {
	struct spice_session *session = data;
	struct spice_note note;
	int passed;
	enum packet_result result = spice_note_receive(fd, &note, &passed);
	if (result == PACKET_ENDED) {
		end(session, "the keeper is gone");
	} else if (result == PACKET_READ && passed >= 0) {
		if (note.kind == SPICE_NOTE_CLIENT) {
			handle_client(session, &note, passed);
		} else if (note.kind == SPICE_NOTE_DISPLAY) {
			handle_display(session, note.number, passed);
		} else {
			close(passed);
		}
	}
	explicit_bzero(&note, sizeof(note));
	return 0;
}

/* Assembly */

static void handle_agent_pointed(
	void *data, uint32_t number, uint32_t x, uint32_t y, uint32_t buttons, int wheel) {
	struct spice_session *session = data;
	if (number < session->options->heads) {
		spice_input_point(&session->input, session->heads[number].display.console, x, y,
			buttons, wheel);
	}
}

static bool add_sources(struct spice_session *session) {
	return sd_event_new(&session->event) >= 0 &&
		sd_event_add_io(session->event, &session->channel_source, session->channel, EPOLLIN,
			handle_channel, session) >= 0 &&
		sd_event_add_time_relative(session->event, &session->patience, CLOCK_MONOTONIC, 0,
			0, handle_patience, session) >= 0 &&
		sd_event_source_set_enabled(session->patience, SD_EVENT_OFF) >= 0;
}

static bool add_devices(struct spice_session *session) {
	for (uint32_t i = 0; i < session->options->heads; i++) {
		session->heads[i].wants_resize =
			session->options->resize && !session->options->view_only;
		if (!spice_head_init(&session->heads[i], session->server, session->event, i,
			    session->options->target.head + i, &head_impl, session)) {
			return false;
		}
	}
	session->input.view_only = session->options->view_only;
	session->input.has_agent = session->options->heads > 1;
	struct spice_agent_options agent = {.resize = session->heads[0].wants_resize,
		.clipboard = !session->options->view_only,
		.got_text = handle_agent_text,
		.pointed = session->input.has_agent ? handle_agent_pointed : NULL,
		.data = session};
	return spice_input_init(&session->input, session->server) &&
		spice_agent_init(&session->agent, session->server, &agent) &&
		spice_sound_init(&session->sound, session->server);
}

static int prepare(struct spice_session *session, const char *runtime) {
	signal(SIGPIPE, SIG_IGN);
	guard_install();
	if (!add_sources(session)) {
		log_error("can't make an event loop");
		return EXIT_FAILURE;
	}
	session->server =
		spice_setup_create(session->options, runtime, session->event, handle_channel_event);
	if (!session->server) {
		return SPICE_SESSION_UNUSABLE;
	}
	if (!spice_setup_give_up_root() || !sandbox_enter()) {
		return SPICE_SESSION_UNUSABLE;
	}
	if (!add_devices(session)) {
		return EXIT_FAILURE;
	}
	spice_server_vm_start(session->server);
	tell(session, SPICE_NOTE_READY, 0, 0);
	return EXIT_SUCCESS;
}

/* The library's threads may wait for a client for half a minute: what is left of it ends with the
 * process. */
int spice_session_run(const struct spice_options *options, const char *runtime, int channel) {
	struct spice_session session = {.options = options, .channel = channel};
	TAILQ_INIT(&session.connections);
	the_session = &session;
	int status = prepare(&session, runtime);
	if (status == EXIT_SUCCESS) {
		status = sd_event_loop(session.event) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
	}
	fflush(NULL);
	_exit(status);
}
