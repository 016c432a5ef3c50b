#include "remote/vnc_visitor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "remote/display_opener.h"
#include "remote/vnc_gate.h"
#include "remote/vnc_listener.h"
#include "remote/vnc_options.h"
#include "remote/vnc_password.h"
#include "remote/vnc_session.h"
#include "util/log.h"
#include "util/mem.h"

#define SECOND ((uint64_t)1000000) /* us */
#define FIRST_PATIENCE (2 * SECOND) /* for a mullion that is about to start */
#define RETURN_DELAY (SECOND / 10) /* before asking again after a loss */

static void tell(struct vnc_visitor *visitor, struct vnc_note *note, const char *text, int passed) {
	snprintf(note->text, sizeof(note->text), "%s", text);
	if (!vnc_note_send(visitor->channel, note, passed)) {
		log_debug("client %s: its session doesn't listen", visitor->name);
	}
}

static void refuse(struct vnc_visitor *visitor, const char *reason) {
	struct vnc_note note = {.kind = VNC_NOTE_REFUSED};
	tell(visitor, &note, reason, -1);
}

static void handle_display(void *data, int fd, const char *layout, const char *error) {
	struct vnc_visitor *visitor = data;
	const char *chosen = visitor->host->options->layout;
	visitor->request = NULL;
	if (fd < 0) {
		log_info("client %s: no display: %s", visitor->name, error);
		if (!visitor->admitted) {
			refuse(visitor, error);
		}
		return;
	}
	struct vnc_note note = {.kind = visitor->admitted ? VNC_NOTE_DISPLAY : VNC_NOTE_ACCEPTED};
	if (!visitor->admitted) {
		log_info(
			"client %s: admitted to %s", visitor->name, visitor->host->options->target);
		visitor->admitted = true;
		sd_event_source_set_enabled(visitor->limit, SD_EVENT_OFF);
	}
	tell(visitor, &note, chosen ? chosen : layout ? layout : "us", fd);
	close(fd);
}

static bool knows_password(struct vnc_visitor *visitor) {
	const char *file = visitor->host->password_file;
	return !file || vnc_password_check(file, visitor->challenge, visitor->response);
}

static void request_display(struct vnc_visitor *visitor, uint64_t patience) {
	visitor->request =
		display_opener_open(visitor->host->opener, patience, handle_display, visitor);
}

/* The answer to the response, or to a session that lost its display. */
static int handle_verdict(sd_event_source *source, uint64_t time, void *data) {
	struct vnc_visitor *visitor = data;
	const char *reason;
	if (visitor->admitted) {
		request_display(visitor, VNC_RETURN_SECONDS * SECOND);
	} else if (!knows_password(visitor)) {
		refuse(visitor, "wrong password");
	} else if (!visitor->host->admit(visitor, &reason)) {
		log_info("client %s: turned away: %s", visitor->name, reason);
		refuse(visitor, reason);
	} else {
		vnc_gate_passed(visitor->host->gate, &visitor->address);
		request_display(visitor, FIRST_PATIENCE);
	}
	return 0;
}

static void set_verdict(struct vnc_visitor *visitor, uint64_t delay) {
	sd_event_source_set_time_relative(visitor->verdict, delay);
	sd_event_source_set_enabled(visitor->verdict, SD_EVENT_ONESHOT);
}

/* Failures are counted at once, so that attempts side by side slow each other down. */
static void handle_response(struct vnc_visitor *visitor, const struct vnc_note *note) {
	struct vnc_gate *gate = visitor->host->gate;
	uint64_t now = 0;
	sd_event_now(visitor->host->event, CLOCK_MONOTONIC, &now);
	visitor->answered = true;
	memcpy(visitor->response, note->bytes, sizeof(visitor->response));
	if (!knows_password(visitor)) {
		log_error("client %s: wrong password", visitor->name);
		vnc_gate_failed(gate, &visitor->address, now);
	}
	set_verdict(visitor, vnc_gate_delay(gate, &visitor->address, now));
}

static int handle_channel(sd_event_source *source, int fd, uint32_t events, void *data) {
	struct vnc_visitor *visitor = data;
	struct vnc_note note;
	int passed;
	enum vnc_note_result result = vnc_note_receive(fd, &note, &passed);
	if (passed >= 0) {
		close(passed);
	}
	if (result == VNC_NOTE_ENDED) {
		sd_event_source_set_enabled(source, SD_EVENT_OFF); /* the process ends soon */
	} else if (result == VNC_NOTE_READ && note.kind == VNC_NOTE_RESPONSE &&
		!visitor->answered) {
		handle_response(visitor, &note);
	} else if (result == VNC_NOTE_READ && note.kind == VNC_NOTE_DISPLAY_WANTED &&
		visitor->admitted && !visitor->request) {
		set_verdict(visitor, RETURN_DELAY);
	}
	return 0;
}

static int handle_child(sd_event_source *source, const siginfo_t *info, void *data) {
	struct vnc_visitor *visitor = data;
	if (info->si_code != CLD_EXITED) {
		log_error("client %s: its session was ended by signal %d", visitor->name,
			info->si_status);
	}
	visitor->pid = 0;
	visitor->host->gone(visitor);
	return 0;
}

static int handle_limit(sd_event_source *source, uint64_t time, void *data) {
	struct vnc_visitor *visitor = data;
	log_info("client %s: the handshake took too long", visitor->name);
	kill(visitor->pid, SIGKILL);
	return 0;
}

/* In the child: nothing but the two sockets is left. */
static void run_session(int client, int channel) {
	static char *const empty[] = {NULL};
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	int high_client = fcntl(client, F_DUPFD, 10), high_channel = fcntl(channel, F_DUPFD, 10);
	if (dup2(high_client, VNC_SESSION_CLIENT) < 0 ||
		dup2(high_channel, VNC_SESSION_CHANNEL) < 0 ||
		close_range(VNC_SESSION_CHANNEL + 1, ~0u, 0) < 0) {
		_exit(EXIT_FAILURE);
	}
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	execle("/proc/self/exe", "mullion-vnc", VNC_SESSION_OPTION, (char *)NULL, empty);
	_exit(EXIT_FAILURE);
}

static bool send_start(struct vnc_visitor *visitor) {
	const struct vnc_options *options = visitor->host->options;
	struct vnc_note note = {.kind = VNC_NOTE_START, .head = options->head};
	note.flags = (visitor->host->password_file ? VNC_FLAG_PASSWORD : 0) |
		(options->view_only ? VNC_FLAG_VIEW_ONLY : 0) |
		(options->resize ? VNC_FLAG_RESIZE : 0) | (options->verbose ? VNC_FLAG_VERBOSE : 0);
	if (!vnc_password_make_challenge(visitor->challenge)) {
		return false;
	}
	memcpy(note.bytes, visitor->challenge, sizeof(note.bytes));
	snprintf(note.text, sizeof(note.text), "%s", options->name);
	return vnc_note_send(visitor->channel, &note, -1);
}

static bool start_process(struct vnc_visitor *visitor, int client) {
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
		return false;
	}
	visitor->channel = ends[0];
	visitor->pid = send_start(visitor) ? fork() : -1;
	if (visitor->pid == 0) {
		run_session(client, ends[1]);
	}
	close(ends[1]);
	return visitor->pid > 0;
}

static bool watch_process(struct vnc_visitor *visitor) {
	sd_event *event = visitor->host->event;
	return sd_event_add_io(event, &visitor->channel_source, visitor->channel, EPOLLIN,
		       handle_channel, visitor) >= 0 &&
		sd_event_add_child(event, &visitor->child_source, visitor->pid, WEXITED,
			handle_child, visitor) >= 0 &&
		sd_event_add_time_relative(event, &visitor->verdict, CLOCK_MONOTONIC, 0, 1,
			handle_verdict, visitor) >= 0 &&
		sd_event_source_set_enabled(visitor->verdict, SD_EVENT_OFF) >= 0 &&
		sd_event_add_time_relative(event, &visitor->limit, CLOCK_MONOTONIC,
			VNC_STRANGER_SECONDS * SECOND, 0, handle_limit, visitor) >= 0;
}

struct vnc_visitor *vnc_visitor_create(
	struct vnc_host *host, int client, const struct in6_addr *address) {
	struct vnc_visitor *visitor = xcalloc(1, sizeof(*visitor));
	visitor->host = host;
	visitor->address = *address;
	visitor->channel = -1;
	if (IN6_IS_ADDR_V4MAPPED(address)) {
		inet_ntop(AF_INET, &address->s6_addr[12], visitor->name, sizeof(visitor->name));
	} else {
		inet_ntop(AF_INET6, address, visitor->name, sizeof(visitor->name));
	}
	bool ok = start_process(visitor, client) && watch_process(visitor);
	close(client);
	if (!ok) {
		log_error("can't start a session: %s", strerror(errno));
		vnc_visitor_destroy(visitor);
		return NULL;
	}
	return visitor;
}

void vnc_visitor_destroy(struct vnc_visitor *visitor) {
	display_request_cancel(visitor->request);
	sd_event_source_disable_unref(visitor->channel_source);
	sd_event_source_disable_unref(visitor->child_source);
	sd_event_source_disable_unref(visitor->verdict);
	sd_event_source_disable_unref(visitor->limit);
	if (visitor->pid > 0) {
		kill(visitor->pid, SIGKILL);
		waitpid(visitor->pid, NULL, 0);
	}
	if (visitor->channel >= 0) {
		close(visitor->channel);
	}
	free(visitor);
}
