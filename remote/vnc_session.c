#include "remote/vnc_session.h"

#include <fcntl.h>
#include <netdb.h>
#include <pixman.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "keys/layout.h"
#include "remote/entrance.h"
#include "remote/layout_file.h"
#include "remote/relay.h"
#include "remote/rfb_server.h"
#include "remote/sandbox.h"
#include "remote/vnc_channel.h"
#include "remote/vnc_display.h"
#include "remote/vnc_keyboard.h"
#include "remote/vnc_pointer.h"
#include "util/log.h"
#include "util/mem.h"
#include "vm-display/audio_mix.h"
#include "vm-display/display_client.h"
#include "vm-display/guard.h"

#define SECOND ((uint64_t)1000000) /* us */
#define FIRST_PICTURE_TIMEOUT SECOND /* then the client gets the placeholder */
#define LOSSES_MAX 5
#define POINTER_QUIET (SECOND / 2) /* the client's own motion outruns what the guest reports */

struct vnc_session {
	sd_event *event;
	char peer[64];
	int channel;
	struct entrance *entrance; /* NULL once the client is in */
	int client; /* -1 until then, and once the server has it */
	struct relay *relay; /* of the client's bytes; NULL if none is needed */
	char name[VNC_NOTE_TEXT_MAX + 1]; /* the desktop's */
	uint32_t flags; /* enum vnc_note_flag, of ACCEPTED */
	char *text; /* that the client may paste; NULL: none */
	struct rfb_server *server; /* NULL until there is something to show */
	struct vnc_display display;
	struct layout *layout;
	struct vnc_keyboard keyboard;
	struct vnc_pointer pointer;
	uint64_t pointer_time; /* us, monotonic: of the client's last motion */
	sd_event_source *client_source, *channel_source;
	sd_event_source *update; /* to be done when all else is */
	sd_event_source *limit; /* of mullion's return */
	sd_event_source *patience; /* for the first picture, then for a client that doesn't read */
	unsigned int losses; /* of the display, since its last frame */
	bool accepted;
	bool more; /* of what the client sent is left in the socket */
};

/* `why` NULL: there is nothing to say. */
static void end(struct vnc_session *session, const char *why) {
	if (why) {
		log_info("client %s: the session ends: %s", session->peer, why);
	}
	sd_event_exit(session->event, 0);
}

static void set_timer(sd_event_source *source, uint64_t delay) {
	sd_event_source_set_time_relative(source, delay);
	sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static void stop_timer(sd_event_source *source) {
	sd_event_source_set_enabled(source, SD_EVENT_OFF);
}

/* Keys and pointer */

static void handle_keyboard_key(void *data, uint32_t qnum, bool pressed) {
	struct vnc_session *session = data;
	if (session->display.console) {
		console_key(session->display.console, qnum, pressed);
	}
}

static void handle_server_keysym(void *data, uint32_t keysym, bool pressed) {
	struct vnc_session *session = data;
	vnc_keyboard_keysym(&session->keyboard, keysym, pressed);
}

static void handle_server_qnum(void *data, uint32_t qnum, bool pressed) {
	struct vnc_session *session = data;
	vnc_keyboard_qnum(&session->keyboard, qnum, pressed);
}

static void handle_server_pointer(void *data, unsigned int buttons, uint32_t x, uint32_t y) {
	struct vnc_session *session = data;
	sd_event_now(session->event, CLOCK_MONOTONIC, &session->pointer_time);
	vnc_pointer_update(&session->pointer, session->display.console, buttons, x, y);
}

static bool handle_server_resize(void *data, uint32_t width, uint32_t height) {
	struct vnc_session *session = data;
	if (!(session->flags & VNC_FLAG_RESIZE) || !session->display.console) {
		return false;
	}
	console_set_ui_info(session->display.console, 0, 0, width, height);
	return true;
}

static void handle_server_text(void *data, const char *text) {
	struct vnc_session *session = data;
	vnc_display_set_text(&session->display, text);
}

static void handle_server_hear(void *data, bool wanted) {
	struct vnc_session *session = data;
	vnc_display_hear(&session->display, wanted);
}

static const struct rfb_server_impl server_impl = {
	.keysym = handle_server_keysym,
	.qnum = handle_server_qnum,
	.pointer = handle_server_pointer,
	.resize = handle_server_resize,
	.got_text = handle_server_text,
	.hear = handle_server_hear,
};

/* Pictures */

static void watch_writing(struct vnc_session *session, bool blocked) {
	uint32_t events = EPOLLIN | EPOLLET | (blocked ? EPOLLOUT : 0), now = 0;
	sd_event_source_get_io_events(session->client_source, &now);
	if (events == now) {
		return;
	}
	sd_event_source_set_io_events(session->client_source, events);
	if (blocked) {
		set_timer(session->patience, RFB_SERVER_STALL_SECONDS * SECOND);
	} else {
		stop_timer(session->patience);
	}
}

static void schedule_update(struct vnc_session *session) {
	sd_event_source_set_enabled(session->update, SD_EVENT_ONESHOT);
}

/* Dispatches what the client sent; more than fits into one turn is left for the next one. */
static void serve(struct vnc_session *session) {
	const char *why;
	bool more;
	if (!rfb_server_dispatch(session->server, &more, &why)) {
		end(session, why);
		return;
	}
	session->more = more;
	schedule_update(session);
}

static int handle_update(sd_event_source *source, void *data) {
	struct vnc_session *session = data;
	const char *why;
	bool blocked;
	if (session->more) {
		serve(session);
	}
	if (!session->server || !rfb_server_is_wanted(session->server)) {
		return 0; /* the damage waits for the client to ask */
	}
	pixman_region32_t damage;
	pixman_region32_init(&damage);
	vnc_display_take_damage(&session->display, &damage);
	rfb_server_add_damage(session->server, &damage);
	pixman_region32_fini(&damage);
	if (!rfb_server_update(session->server, &blocked, &why)) {
		end(session, why);
		return 0;
	}
	watch_writing(session, blocked);
	return 0;
}

static void show_cursor(struct vnc_session *session) {
	const struct screen *screen = vnc_display_screen(&session->display);
	bool visible =
		screen && (screen->cursor_visible || session->display.console->mouse_absolute);
	rfb_server_set_cursor(session->server, visible ? screen->cursor : NULL);
	schedule_update(session);
}

static int handle_client(sd_event_source *source, int fd, uint32_t events, void *data) {
	struct vnc_session *session = data;
	if (events & EPOLLOUT) {
		watch_writing(session, false);
	}
	serve(session);
	return 0;
}

/* The client's next byte is its ClientInit: it learns the size of the picture from the answer. */
static void start_server(struct vnc_session *session) {
	stop_timer(session->patience);
	session->server = rfb_server_create(
		session->client, &session->display.picture, session->name, &server_impl, session);
	session->client = -1;
	if (!session->server ||
		sd_event_add_io(session->event, &session->client_source,
			rfb_server_fd(session->server), EPOLLIN | EPOLLET, handle_client,
			session) < 0) {
		end(session, "out of resources");
		return;
	}
	rfb_server_set_view_only(session->server, session->flags & VNC_FLAG_VIEW_ONLY);
	show_cursor(session);
	rfb_server_set_text(session->server, session->text);
	if (session->display.console) {
		rfb_server_set_leds(session->server, session->display.console->leds);
	}
}

static void handle_display_picture(void *data) {
	struct vnc_session *session = data;
	session->losses = 0;
	if (session->server) {
		rfb_server_set_picture(session->server);
		schedule_update(session);
	} else if (session->accepted && !picture_is_placeholder(&session->display.picture)) {
		start_server(session);
	}
}

static void handle_display_damage(void *data) {
	schedule_update(data);
}

static void handle_display_cursor_image(void *data) {
	struct vnc_session *session = data;
	if (session->server) {
		show_cursor(session);
	}
}

static void handle_display_cursor_position(void *data) {
	struct vnc_session *session = data;
	const struct screen *screen = vnc_display_screen(&session->display);
	uint64_t now = 0;
	sd_event_now(session->event, CLOCK_MONOTONIC, &now);
	if (!session->server || !screen || now < session->pointer_time + POINTER_QUIET) {
		return;
	}
	rfb_server_move_cursor(session->server, screen->cursor_x, screen->cursor_y);
	schedule_update(session);
}

static void handle_display_console(void *data) {
	struct vnc_session *session = data;
	struct console *console = session->display.console;
	if (!console) {
		vnc_keyboard_forget(&session->keyboard);
		session->pointer.buttons = 0;
		return;
	}
	stop_timer(session->limit);
	vnc_keyboard_set_leds(&session->keyboard, console->leds);
	if (session->server) {
		rfb_server_set_leds(session->server, console->leds);
		schedule_update(session);
	}
}

/* The client keeps the last picture for so long. */
static void limit_wait(struct vnc_session *session) {
	int enabled = SD_EVENT_OFF;
	sd_event_source_get_enabled(session->limit, &enabled);
	if (enabled == SD_EVENT_OFF) {
		set_timer(session->limit, VNC_RETURN_SECONDS * SECOND);
	}
}

static void want_display(struct vnc_session *session) {
	struct vnc_note note = {.kind = VNC_NOTE_DISPLAY_WANTED};
	if (!vnc_note_send(session->channel, &note, -1)) {
		end(session, "the listener is gone");
		return;
	}
	limit_wait(session);
}

/* A guest that starts, or one that a new mullion hasn't attached to yet. */
static void handle_display_missing(void *data) {
	limit_wait(data);
}

static void handle_display_lost(void *data, const char *reason) {
	struct vnc_session *session = data;
	log_info("client %s: mullion is gone (%s); waiting for it to come back", session->peer,
		reason);
	if (++session->losses > LOSSES_MAX) {
		end(session, "its display keeps failing");
		return;
	}
	want_display(session);
}

static void handle_display_text(void *data, const char *text) {
	struct vnc_session *session = data;
	free(session->text);
	session->text = text ? xstrdup(text) : NULL;
	if (session->server) {
		rfb_server_set_text(session->server, text);
		schedule_update(session);
	}
}

static void handle_sound_playing(void *data, bool playing) {
	struct vnc_session *session = data;
	if (session->server) {
		rfb_server_set_playing(session->server, playing);
		schedule_update(session);
	}
}

static void handle_sound_pcm(void *data, const int16_t *samples, size_t frames) {
	struct vnc_session *session = data;
	if (session->server) {
		rfb_server_add_sound(session->server, samples, frames);
		schedule_update(session);
	}
}

static const struct audio_mix_impl sound_impl = {
	.playing = handle_sound_playing,
	.pcm = handle_sound_pcm,
};

static const struct vnc_display_impl display_impl = {
	.picture = handle_display_picture,
	.damage = handle_display_damage,
	.cursor_image = handle_display_cursor_image,
	.cursor_position = handle_display_cursor_position,
	.console = handle_display_console,
	.missing = handle_display_missing,
	.lost = handle_display_lost,
	.text = handle_display_text,
	.sound = &sound_impl,
};

/* The listener's word */

static bool let_in(struct vnc_session *session) {
	bool ok = entrance_accept(session->entrance, &session->client, &session->relay);
	entrance_destroy(session->entrance);
	session->entrance = NULL;
	return ok;
}

static void handle_accepted(struct vnc_session *session, const struct vnc_note *note, int display) {
	if (!session->layout) {
		close(display);
		end(session, "out of resources");
		return;
	}
	vnc_keyboard_init(&session->keyboard, session->layout, handle_keyboard_key, session);
	memcpy(session->name, note->secret, sizeof(session->name));
	session->flags = note->flags;
	session->display.head = note->head;
	if (!let_in(session)) {
		close(display);
		end(session, "it is gone");
		return;
	}
	session->accepted = true;
	set_timer(session->patience, FIRST_PICTURE_TIMEOUT);
	if (!vnc_display_open(&session->display, display)) {
		end(session, "its display can't be opened");
	}
}

static void handle_note(struct vnc_session *session, const struct vnc_note *note, int passed) {
	bool waits = session->entrance && session->entrance->waits;
	if (note->kind == VNC_NOTE_LAYOUT && waits && passed >= 0 && !session->layout) {
		session->layout = layout_file_read(passed);
	} else if (note->kind == VNC_NOTE_ACCEPTED && waits && passed >= 0) {
		handle_accepted(session, note, passed);
	} else if (note->kind == VNC_NOTE_DISPLAY && session->accepted && passed >= 0) {
		vnc_display_open(&session->display, passed);
	} else if (note->kind == VNC_NOTE_REFUSED && waits && passed < 0) {
		entrance_refuse(session->entrance, note->text);
		end(session, note->text);
	} else if (note->kind == VNC_NOTE_REFUSED && session->accepted) {
		end(session, note->text);
	} else if (session->entrance) {
		entrance_handle_note(session->entrance, note, passed);
	} else if (passed >= 0) {
		close(passed);
	}
}

static int handle_channel(sd_event_source *source, int fd, uint32_t events, void *data) {
	struct vnc_session *session = data;
	struct vnc_note note;
	int passed;
	enum packet_result result = vnc_note_receive(fd, &note, &passed);
	if (result == PACKET_READ) {
		handle_note(session, &note, passed);
	} else if (result == PACKET_ENDED) {
		end(session, "the listener is gone");
	}
	return 0;
}

static int handle_limit(sd_event_source *source, uint64_t time, void *data) {
	struct vnc_session *session = data;
	end(session, "what it showed didn't come back");
	return 0;
}

static int handle_patience(sd_event_source *source, uint64_t time, void *data) {
	struct vnc_session *session = data;
	if (session->server) {
		end(session, "it stopped reading");
	} else {
		start_server(session);
	}
	return 0;
}

/* Assembly */

static bool add_timers(struct vnc_session *session) {
	return sd_event_add_time_relative(session->event, &session->limit, CLOCK_MONOTONIC, SECOND,
		       0, handle_limit, session) >= 0 &&
		sd_event_source_set_enabled(session->limit, SD_EVENT_OFF) >= 0 &&
		sd_event_add_time_relative(session->event, &session->patience, CLOCK_MONOTONIC,
			SECOND, 0, handle_patience, session) >= 0 &&
		sd_event_source_set_enabled(session->patience, SD_EVENT_OFF) >= 0;
}

static bool add_sources(struct vnc_session *session) {
	return sd_event_add_io(session->event, &session->channel_source, session->channel, EPOLLIN,
		       handle_channel, session) >= 0 &&
		sd_event_add_defer(session->event, &session->update, handle_update, session) >= 0 &&
		sd_event_source_set_enabled(session->update, SD_EVENT_OFF) >= 0 &&
		sd_event_source_set_priority(session->update, SD_EVENT_PRIORITY_IDLE) >= 0 &&
		add_timers(session);
}

static void name_peer(struct vnc_session *session, int client) {
	struct sockaddr_storage address = {0};
	socklen_t size = sizeof(address);
	char host[NI_MAXHOST] = "?", port[16] = "?";
	if (getpeername(client, (struct sockaddr *)&address, &size) == 0 &&
		address.ss_family == AF_UNIX) {
		snprintf(session->peer, sizeof(session->peer), "unix"); /* it has no name */
		return;
	}
	getnameinfo((struct sockaddr *)&address, size, host, sizeof(host), port, sizeof(port),
		NI_NUMERICHOST | NI_NUMERICSERV);
	snprintf(session->peer, sizeof(session->peer), "%.50s:%.8s", host, port);
}

static void handle_entrance_failed(void *data, const char *why) {
	end(data, why);
}

/* Takes both. */
static bool begin(
	struct vnc_session *session, const struct vnc_note *start, int client, int chain) {
	struct entrance_host host = {.event = session->event,
		.channel = session->channel,
		.peer = session->peer,
		.failed = handle_entrance_failed,
		.data = session};
	bool web = start->flags & VNC_FLAG_WEB;
	session->entrance =
		(web ? web_entrance_create : rfb_entrance_create)(&host, start, client, chain);
	return session->entrance;
}

static bool prepare(struct vnc_session *session, struct vnc_note *start, int client, int *chain) {
	if (vnc_note_receive(session->channel, start, chain) != PACKET_READ ||
		start->kind != VNC_NOTE_START) {
		log_error("a session is started by the listener only");
		return false;
	}
	log_init("mullion-vnc", start->flags & VNC_FLAG_VERBOSE ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	name_peer(session, client);
	signal(SIGPIPE, SIG_IGN);
	guard_install();
	return fcntl(client, F_SETFL, O_NONBLOCK) >= 0 && sandbox_enter() &&
		sd_event_new(&session->event) >= 0 && add_sources(session) &&
		vnc_display_init(&session->display, session->event, 0, &display_impl, session);
}

static void finish(struct vnc_session *session) {
	rfb_server_destroy(session->server);
	session->server = NULL;
	free(session->text);
	entrance_destroy(session->entrance);
	vnc_display_finish(&session->display);
	layout_destroy(session->layout);
	sd_event_source_disable_unref(session->client_source);
	sd_event_source_disable_unref(session->channel_source);
	sd_event_source_disable_unref(session->update);
	sd_event_source_disable_unref(session->limit);
	sd_event_source_disable_unref(session->patience);
	sd_event_unref(session->event);
	if (session->client >= 0) {
		close(session->client);
	}
	relay_destroy(session->relay);
	close(session->channel);
}

int vnc_session_run(int client, int channel) {
	struct vnc_session session = {.client = -1, .channel = channel};
	struct vnc_note start;
	int status = EXIT_FAILURE, chain = -1;
	if (!prepare(&session, &start, client, &chain)) {
		close(client);
	} else if (begin(&session, &start, client, chain)) {
		sd_event_loop(session.event);
		status = EXIT_SUCCESS;
	}
	finish(&session);
	return status;
}
