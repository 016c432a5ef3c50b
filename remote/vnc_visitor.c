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

#include "remote/layout_file.h"
#include "remote/rfb_front.h"
#include "remote/tls_identity.h"
#include "remote/vnc_gate.h"
#include "remote/vnc_listener.h"
#include "remote/vnc_logins.h"
#include "remote/vnc_options.h"
#include "remote/vnc_password.h"
#include "remote/vnc_session.h"
#include "remote/web_desk.h"
#include "remote/web_keys.h"
#include "util/accounts.h"
#include "util/log.h"
#include "util/mem.h"
#include "vm-display/publisher.h"

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

/* Which display */

/* The session has no files that it could read. */
static bool send_layout(struct vnc_visitor *visitor, const char *layout) {
	struct vnc_note note = {.kind = VNC_NOTE_LAYOUT};
	int file = layout_file_make(layout);
	bool sent = file >= 0 && vnc_note_send(visitor->channel, &note, file);
	if (file >= 0) {
		close(file);
	}
	return sent;
}

static void accept_client(struct vnc_visitor *visitor, const char *layout, int display) {
	const struct vnc_options *options = visitor->host->options;
	struct vnc_note note = {.kind = VNC_NOTE_ACCEPTED, .head = visitor->target.head};
	note.flags = (visitor->view_only ? VNC_FLAG_VIEW_ONLY : 0) |
		(options->resize && !visitor->view_only ? VNC_FLAG_RESIZE : 0);
	char *title = vnc_target_title(&visitor->target);
	snprintf(note.secret, sizeof(note.secret), "%s", title);
	free(title);
	log_info("client %s%s%s: admitted to %s", visitor->name, visitor->user[0] ? ", user " : "",
		visitor->user, visitor->target.path);
	visitor->admitted = true;
	sd_event_source_set_enabled(visitor->limit, SD_EVENT_OFF);
	if (send_layout(visitor, layout)) {
		tell(visitor, &note, "", display);
	} else {
		refuse(visitor, "out of resources");
	}
}

static void handle_display(void *data, int fd, const char *layout, const char *error) {
	struct vnc_visitor *visitor = data;
	const char *chosen = visitor->host->options->layout;
	struct vnc_note note = {.kind = VNC_NOTE_DISPLAY};
	visitor->request = NULL;
	layout = chosen ? chosen : layout ? layout : "us";
	if (fd < 0) {
		log_info("client %s: no display: %s", visitor->name, error);
		refuse(visitor, error); /* one that was kicked isn't renewed */
		if (visitor->caller && visitor->admitted && strstr(error, "ended by the user")) {
			web_desk_drop_user(visitor->host->desk, visitor->user);
		}
	} else if (!visitor->admitted) {
		accept_client(visitor, layout, fd);
	} else {
		tell(visitor, &note, "", fd);
	}
	if (fd >= 0) {
		close(fd);
	}
}

static void request_display(struct vnc_visitor *visitor, uint64_t patience) {
	bool resize = visitor->host->options->resize;
	struct display_wish wish = {.target = visitor->target.path,
		.rights = PUBLISHER_VIEW |
			(visitor->view_only ? 0
					    : PUBLISHER_CONTROL | (resize ? PUBLISHER_RESIZE : 0)),
		.protocol = visitor->kind == VNC_DOOR_WEB ? "web" : "vnc",
		.server = visitor->host->options->server_name,
		.user = visitor->user,
		.address = visitor->name,
		.id = visitor->id};
	visitor->request = display_opener_open(
		visitor->host->opener, &wish, patience, handle_display, visitor);
}

/* The verdict */

/* The answer to the password, or to a session that lost its display. */
static int handle_verdict(sd_event_source *source, uint64_t time, void *data) {
	struct vnc_visitor *visitor = data;
	const char *reason;
	if (visitor->admitted) {
		request_display(visitor, VNC_RETURN_SECONDS * SECOND);
	} else if (visitor->refusal) {
		refuse(visitor, visitor->refusal);
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
static void judge(struct vnc_visitor *visitor, bool right) {
	struct vnc_gate *gate = visitor->host->gate;
	uint64_t now = 0;
	sd_event_now(visitor->host->event, CLOCK_MONOTONIC, &now);
	if (!right) {
		log_error("client %s: wrong %spassword%s%s", visitor->name,
			visitor->user[0] ? "name or " : "", visitor->user[0] ? " for " : "",
			visitor->user);
		visitor->refusal = xstrdup(
			visitor->user[0] ? "wrong user name or password" : "wrong password");
		if (vnc_gate_failed(gate, &visitor->address, now)) {
			log_error("client %s: too many wrong passwords: turned away for %d minutes",
				visitor->name, VNC_GATE_BAN_MINUTES);
		}
	}
	set_verdict(visitor, vnc_gate_delay(gate, &visitor->address, now));
}

/* Users */

/* What was asked for, else the server's target, else the first that the user's account names. NULL,
 * or why not; the caller's. */
static char *choose_target(
	struct vnc_visitor *visitor, const struct account *account, const char *wish) {
	const struct vnc_options *options = visitor->host->options;
	bool free_choice = !options->target_given;
	visitor->target = options->target;
	const char *wrong = wish ? vnc_target_parse(&visitor->target, wish) : NULL;
	if (wrong) {
		return xasprintf("%.100s: %s", wish, wrong);
	}
	if (!free_choice && strcmp(visitor->target.path, options->target.path) != 0) {
		return xasprintf("this server shows %s only", options->target.path);
	}
	for (char **target = account->targets;
		!wish && free_choice && *target && !account_may_see(account, visitor->target.path);
		target++) {
		if (!strchr(*target, '*')) {
			vnc_target_parse(&visitor->target, *target);
		}
	}
	return account_may_see(account, visitor->target.path)
		? NULL
		: xasprintf("%s may not see %s", account->name, visitor->target.path);
}

static void handle_login(void *data, const struct account *account) {
	struct vnc_visitor *visitor = data;
	visitor->login = NULL;
	if (account) {
		visitor->view_only |= account->view_only;
		visitor->refusal =
			choose_target(visitor, account, visitor->wish[0] ? visitor->wish : NULL);
		snprintf(visitor->user, sizeof(visitor->user), "%s", account->name);
	}
	if (visitor->refusal) {
		log_info("client %s, user %s: refused: %s", visitor->name, visitor->user,
			visitor->refusal);
	}
	judge(visitor, account);
}

static void copy_printable(char *to, size_t size, const char *from) {
	size_t i = 0;
	for (; i + 1 < size && from[i]; i++) {
		to[i] = from[i] > ' ' && from[i] < 0x7f ? from[i] : '?';
	}
	to[i] = '\0';
}

static void ask_who(struct vnc_visitor *visitor, struct vnc_note *note) {
	struct vnc_credentials credentials = {.by_name = note->kind == VNC_NOTE_LOGIN};
	if (credentials.by_name) {
		/* A user's name holds no '@'. */
		char *at = strchr(note->text, '@');
		if (at) {
			*at = '\0';
			copy_printable(visitor->wish, sizeof(visitor->wish), at + 1);
		}
		memcpy(credentials.name, note->text, sizeof(credentials.name));
		memcpy(credentials.password, note->secret, sizeof(credentials.password));
		copy_printable(visitor->user, sizeof(visitor->user), note->text);
	} else {
		memcpy(credentials.challenge, visitor->challenge, sizeof(credentials.challenge));
		memcpy(credentials.response, note->bytes, sizeof(credentials.response));
	}
	visitor->login = vnc_logins_ask(visitor->host->logins, &credentials, handle_login, visitor);
	explicit_bzero(&credentials, sizeof(credentials));
}

/* The web */

static void handle_entered(void *data, const struct web_key *token) {
	struct vnc_visitor *visitor = data;
	visitor->entered = true;
	visitor->target = token->target;
	visitor->view_only = token->view_only;
	snprintf(visitor->user, sizeof(visitor->user), "%s", token->user);
}

/* The WebSocket stands. */
static void handle_web_response(struct vnc_visitor *visitor) {
	if (visitor->entered && !visitor->answered) {
		visitor->answered = true;
		set_verdict(visitor, 0);
	}
}

static bool open_web(struct vnc_visitor *visitor) {
	const struct web_caller_terms terms = {.channel = visitor->channel,
		.address = visitor->address,
		.name = visitor->name,
		.entered = handle_entered,
		.data = visitor};
	visitor->caller = web_caller_create(visitor->host->desk, &terms);
	return visitor->caller && web_desk_send_site(visitor->host->desk, visitor->channel);
}

/* Notes */

static void handle_answer(struct vnc_visitor *visitor, struct vnc_note *note) {
	const struct vnc_options *options = visitor->host->options;
	const char *file = visitor->host->password_file;
	bool by_name = note->kind == VNC_NOTE_LOGIN;
	if (visitor->answered || (by_name && !visitor->host->logins) ||
		(!by_name && visitor->host->logins && !options->x509_vnc)) {
		return;
	}
	visitor->answered = true;
	if (visitor->host->logins) {
		ask_who(visitor, note);
	} else {
		judge(visitor, !file || vnc_password_check(file, visitor->challenge, note->bytes));
	}
}

/* One handshake needs one. */
static void handle_sign(struct vnc_visitor *visitor, const struct vnc_note *note) {
	struct vnc_note answer = {.kind = VNC_NOTE_SIGNED};
	size_t size = 0;
	if (visitor->host->identity && !visitor->signed_once &&
		tls_identity_sign(visitor->host->identity, note->number, note->bytes, note->size,
			answer.bytes, &size)) {
		answer.size = size;
		visitor->in_tls = true;
	}
	visitor->signed_once = true;
	tell(visitor, &answer, "", -1);
}

static void handle_note(struct vnc_visitor *visitor, struct vnc_note *note) {
	switch (note->kind) {
	case VNC_NOTE_RESPONSE:
	case VNC_NOTE_LOGIN:
		if (visitor->caller) {
			handle_web_response(visitor);
		} else {
			handle_answer(visitor, note);
		}
		break;
	case VNC_NOTE_WEB_ASK:
		if (visitor->caller && !visitor->entered) {
			web_caller_handle(visitor->caller, note);
		}
		break;
	case VNC_NOTE_SIGN:
		handle_sign(visitor, note);
		break;
	case VNC_NOTE_DISPLAY_WANTED:
		if (visitor->admitted && !visitor->request) {
			set_verdict(visitor, RETURN_DELAY);
		}
		break;
	default:
		log_debug(
			"client %s: its session sent a note of kind %u", visitor->name, note->kind);
	}
}

static int handle_channel(sd_event_source *source, int fd, uint32_t events, void *data) {
	struct vnc_visitor *visitor = data;
	struct vnc_note note;
	int passed;
	enum packet_result result = vnc_note_receive(fd, &note, &passed);
	if (passed >= 0) {
		close(passed);
	}
	if (result == PACKET_ENDED) {
		sd_event_source_set_enabled(source, SD_EVENT_OFF); /* the process ends soon */
	} else if (result == PACKET_READ) {
		handle_note(visitor, &note);
		explicit_bzero(&note, sizeof(note));
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
	log_info("client %s: %s", visitor->name,
		visitor->pid > 0 ? "the handshake took too long" : "it said nothing");
	if (visitor->pid > 0) {
		kill(visitor->pid, SIGKILL);
	} else {
		visitor->host->gone(visitor);
	}
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
	const struct vnc_host *host = visitor->host;
	struct vnc_note note = {.kind = VNC_NOTE_START};
	bool web = visitor->kind == VNC_DOOR_WEB;
	/* Whoever forwards to a web's unix socket speaks TLS with the client. */
	bool tls = host->identity && !(web && IN6_IS_ADDR_UNSPECIFIED(&visitor->address));
	note.flags = (host->password_file ? VNC_FLAG_PASSWORD : 0) | (tls ? VNC_FLAG_TLS : 0) |
		(web ? VNC_FLAG_WEB : 0) | (host->options->x509_vnc ? VNC_FLAG_X509_VNC : 0) |
		(host->options->verbose ? VNC_FLAG_VERBOSE : 0);
	return vnc_password_make_challenge(visitor->challenge) &&
		vnc_note_set_bytes(&note, visitor->challenge, sizeof(visitor->challenge)) &&
		vnc_note_send(visitor->channel, &note,
			tls ? tls_identity_chain_fd(host->identity) : -1) &&
		(!web || open_web(visitor));
}

static bool start_process(struct vnc_visitor *visitor) {
	int ends[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
		return false;
	}
	visitor->channel = ends[0];
	visitor->pid = send_start(visitor) ? fork() : -1;
	if (visitor->pid == 0) {
		run_session(visitor->client, ends[1]);
	}
	close(ends[1]);
	return visitor->pid > 0;
}

static bool start_session(struct vnc_visitor *visitor) {
	sd_event *event = visitor->host->event;
	bool ok = start_process(visitor) &&
		sd_event_add_io(event, &visitor->channel_source, visitor->channel, EPOLLIN,
			handle_channel, visitor) >= 0 &&
		sd_event_add_child(event, &visitor->child_source, visitor->pid, WEXITED,
			handle_child, visitor) >= 0 &&
		sd_event_source_set_time_relative(visitor->limit, VNC_STRANGER_SECONDS * SECOND) >=
			0;
	if (!ok) {
		log_error("can't start a session: %s", strerror(errno));
	}
	visitor->client_source = sd_event_source_disable_unref(visitor->client_source);
	close(visitor->client);
	visitor->client = -1;
	return ok;
}

static int handle_client(sd_event_source *source, int fd, uint32_t events, void *data) {
	struct vnc_visitor *visitor = data;
	char byte;
	bool speaks = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
	if (!speaks) {
		log_debug("client %s: it went without a word", visitor->name);
	}
	if (!speaks || !start_session(visitor)) {
		visitor->host->gone(visitor);
	}
	return 0;
}

static bool watch(struct vnc_visitor *visitor) {
	sd_event *event = visitor->host->event;
	return sd_event_add_io(event, &visitor->client_source, visitor->client, EPOLLIN,
		       handle_client, visitor) >= 0 &&
		sd_event_add_time_relative(event, &visitor->verdict, CLOCK_MONOTONIC, 0, 1,
			handle_verdict, visitor) >= 0 &&
		sd_event_source_set_enabled(visitor->verdict, SD_EVENT_OFF) >= 0 &&
		sd_event_add_time_relative(event, &visitor->limit, CLOCK_MONOTONIC,
			VNC_STEP_SECONDS * SECOND, 0, handle_limit, visitor) >= 0;
}

static void name_visitor(struct vnc_visitor *visitor) {
	const struct in6_addr *address = &visitor->address;
	if (IN6_IS_ADDR_UNSPECIFIED(address)) {
		snprintf(visitor->name, sizeof(visitor->name), "unix");
	} else if (IN6_IS_ADDR_V4MAPPED(address)) {
		inet_ntop(AF_INET, &address->s6_addr[12], visitor->name, sizeof(visitor->name));
	} else {
		inet_ntop(AF_INET6, address, visitor->name, sizeof(visitor->name));
	}
}

struct vnc_visitor *vnc_visitor_create(struct vnc_host *host, enum vnc_door_kind kind, int client,
	const struct in6_addr *address) {
	struct vnc_visitor *visitor = xcalloc(1, sizeof(*visitor));
	*visitor = (struct vnc_visitor){.host = host,
		.address = *address,
		.kind = kind,
		.client = client,
		.channel = -1,
		.target = host->options->target,
		.view_only = host->options->view_only};
	name_visitor(visitor);
	bool greeted = kind == VNC_DOOR_WEB || rfb_front_greet(client);
	if (!greeted || !watch(visitor)) {
		log_debug("client %s: it is gone", visitor->name);
		vnc_visitor_destroy(visitor);
		return NULL;
	}
	return visitor;
}

void vnc_visitor_destroy(struct vnc_visitor *visitor) {
	display_request_cancel(visitor->request);
	vnc_login_cancel(visitor->login);
	web_caller_destroy(visitor->caller);
	sd_event_source_disable_unref(visitor->client_source);
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
	if (visitor->client >= 0) {
		close(visitor->client);
	}
	free(visitor->refusal);
	free(visitor);
}
