#include "remote/web_desk.h"

#include <assert.h>
#include <errno.h>
#include <rfb/rfb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "remote/vnc_channel.h"
#include "remote/vnc_gate.h"
#include "remote/vnc_logins.h"
#include "remote/vnc_options.h"
#include "remote/vnc_password.h"
#include "remote/web_asks.h"
#include "remote/web_keys.h"
#include "remote/web_site.h"
#include "remote/web_targets.h"
#include "util/accounts.h"
#include "util/log.h"
#include "util/mem.h"

#define SAVING_PERIOD ((uint64_t)600000000) /* us: a key's use isn't worth a file each time */

struct web_desk {
	struct web_desk_terms terms;
	char *control, *file; /* of the control bus, of the keys */
	uint64_t saved; /* us, monotonic */
	struct web_keys keys;
	int site; /* web_site_make's */
	unsigned int callers;
};

struct web_caller {
	struct web_desk *desk;
	struct web_caller_terms terms;
	enum web_ask ask; /* 0: none is open */
	struct vnc_login *login;
	struct web_key model; /* of the key that is given to whoever logs in */
	char *refusal; /* NULL: the password was right */
	sd_event_source *verdict; /* when it may be told */
	struct web_targets *targets;
	struct accounts *accounts; /* for the targets */
	const struct account *account; /* of them; NULL: there are no users */
};

static uint64_t now_of(const struct web_desk *desk) {
	uint64_t now = 0;
	sd_event_now(desk->terms.event, CLOCK_MONOTONIC, &now);
	return now;
}

static const char *auth_of(const struct web_desk *desk) {
	return desk->terms.logins           ? WEB_AUTH_USERS
		: desk->terms.password_file ? WEB_AUTH_PASSWORD
					    : WEB_AUTH_NONE;
}

static void save_keys(struct web_desk *desk) {
	desk->saved = now_of(desk);
	web_keys_save(&desk->keys, desk->file);
}

/* Answers */

static void send_answer(struct web_caller *caller, struct vnc_note *note, int passed) {
	note->kind = VNC_NOTE_WEB_ANSWER;
	caller->ask = 0;
	if (!vnc_note_send(caller->terms.channel, note, passed)) {
		log_debug("client %s: its session doesn't listen", caller->terms.name);
	}
	explicit_bzero(note, sizeof(*note));
}

static void refuse(struct web_caller *caller, unsigned int status, const char *reason) {
	struct vnc_note note = {.number = status};
	snprintf(note.text, sizeof(note.text), "%s", reason);
	send_answer(caller, &note, -1);
}

static void allow(struct web_caller *caller, const char *text, const char *secret, uint32_t flags) {
	struct vnc_note note = {.number = 200, .flags = flags};
	snprintf(note.text, sizeof(note.text), "%s", text);
	snprintf(note.secret, sizeof(note.secret), "%s", secret);
	send_answer(caller, &note, -1);
}

/* Logging in */

static void give_key(struct web_caller *caller) {
	struct web_desk *desk = caller->desk;
	caller->model.kind = WEB_KEY;
	caller->model.address = caller->terms.address;
	const struct web_key *key = &caller->model;
	char text[WEB_KEY_SIZE];
	if (!web_keys_add(&desk->keys, key, now_of(desk), text)) {
		refuse(caller, 503, "there is no randomness to be had");
		return;
	}
	save_keys(desk);
	vnc_gate_passed(desk->terms.gate, &caller->terms.address);
	log_info("client %s%s%s: logged in to the web page", caller->terms.name,
		key->user[0] ? ", user " : "", key->user);
	bool resize = desk->terms.options->resize && !key->view_only;
	allow(caller, text, key->user,
		(key->view_only ? VNC_FLAG_VIEW_ONLY : 0) | (resize ? VNC_FLAG_RESIZE : 0));
}

static void forget_model(struct web_caller *caller) {
	caller->model = (struct web_key){0};
	free(caller->refusal);
	caller->refusal = NULL;
}

static int handle_verdict(sd_event_source *source, uint64_t time, void *data) {
	struct web_caller *caller = data;
	if (caller->refusal) {
		refuse(caller, 403, caller->refusal);
	} else {
		give_key(caller);
	}
	forget_model(caller);
	return 0;
}

/* As for VNC's clients: every answer to an address that was wrong lately is held back. */
static void judge(struct web_caller *caller, bool right) {
	struct web_desk *desk = caller->desk;
	struct vnc_gate *gate = desk->terms.gate;
	bool users = desk->terms.logins;
	uint64_t now = now_of(desk);
	if (!right) {
		log_error("client %s: wrong %spassword on the web page", caller->terms.name,
			users ? "name or " : "");
		caller->refusal =
			xstrdup(users ? "Wrong user name or password." : "Wrong password.");
		if (vnc_gate_failed(gate, &caller->terms.address, now)) {
			log_error("client %s: too many wrong passwords: turned away for %d minutes",
				caller->terms.name, VNC_GATE_BAN_MINUTES);
		}
	}
	sd_event_source_set_time_relative(
		caller->verdict, vnc_gate_delay(gate, &caller->terms.address, now));
	sd_event_source_set_enabled(caller->verdict, SD_EVENT_ONESHOT);
}

static void handle_login(void *data, const struct account *account) {
	struct web_caller *caller = data;
	caller->login = NULL;
	caller->model.view_only = caller->desk->terms.options->view_only;
	if (account) {
		snprintf(caller->model.user, sizeof(caller->model.user), "%s", account->name);
		web_keys_prove(caller->model.proof, account->hash ? account->hash : "");
		caller->model.view_only |= account->view_only;
	}
	judge(caller, account);
}

/* The server's password, as VNC's clients prove that they know it. */
static bool knows_password(const struct web_desk *desk, const char *password) {
	uint8_t challenge[VNC_CHALLENGE_SIZE], response[VNC_CHALLENGE_SIZE];
	char key[VNC_PASSWORD_MAX + 1] = {0};
	if (!vnc_password_make_challenge(challenge)) {
		return false;
	}
	memcpy(key, password, strnlen(password, VNC_PASSWORD_MAX));
	memcpy(response, challenge, sizeof(response));
	rfbEncryptBytes(response, key);
	explicit_bzero(key, sizeof(key));
	return vnc_password_check(desk->terms.password_file, challenge, response);
}

static void ask_who(struct web_caller *caller, const struct vnc_note *note) {
	const struct web_desk_terms *terms = &caller->desk->terms;
	struct vnc_credentials credentials = {.by_name = true};
	if (vnc_gate_is_shut(terms->gate, &caller->terms.address, now_of(caller->desk))) {
		refuse(caller, 403, "Too many wrong passwords. Try again in some minutes.");
		return;
	}
	if (!terms->logins) {
		caller->model.view_only = terms->options->view_only;
		judge(caller, !terms->password_file || knows_password(caller->desk, note->secret));
		return;
	}
	memcpy(credentials.name, note->text, sizeof(credentials.name));
	memcpy(credentials.password, note->secret, sizeof(credentials.password));
	caller->login = vnc_logins_ask(terms->logins, &credentials, handle_login, caller);
	explicit_bzero(&credentials, sizeof(credentials));
}

/* Targets */

static void forget_account(struct web_caller *caller) {
	accounts_destroy(caller->accounts);
	caller->accounts = NULL;
	caller->account = NULL;
}

/* Whose key it is; the users' file may have changed since it was given. False after a refusal. */
static const struct web_key *check_key(struct web_caller *caller, const char *text) {
	struct web_desk *desk = caller->desk;
	const struct web_key *key =
		web_keys_find(&desk->keys, text, &caller->terms.address, now_of(desk));
	forget_account(caller);
	if (key && desk->terms.users_file) {
		caller->accounts = accounts_load(desk->terms.users_file, stderr);
		caller->account =
			caller->accounts ? accounts_find(caller->accounts, key->user) : NULL;
		char proof[WEB_PROOF_SIZE] = "";
		if (caller->account && caller->account->hash) {
			web_keys_prove(proof, caller->account->hash);
		}
		key = proof[0] && strcmp(proof, key->proof) == 0 ? key : NULL;
	}
	if (!key) {
		refuse(caller, 401, "log in first");
	} else if (now_of(desk) > desk->saved + SAVING_PERIOD) {
		save_keys(desk);
	}
	return key;
}

static bool may_see(void *data, const char *target) {
	const struct web_caller *caller = data;
	const struct vnc_options *options = caller->desk->terms.options;
	struct vnc_target parsed;
	if (vnc_target_parse(&parsed, target) ||
		(options->target_given && strcmp(parsed.path, options->target.path) != 0)) {
		return false;
	}
	return !caller->account || account_may_see(caller->account, parsed.path);
}

/* A sealed file with the text, or -1. */
static int make_file(const char *text) {
	int fd = memfd_create("mullion-targets", MFD_CLOEXEC);
	if (fd >= 0 && write(fd, text, strlen(text)) != (ssize_t)strlen(text)) {
		close(fd);
		return -1;
	}
	return fd;
}

static void handle_targets(void *data, const char *json, const char *error) {
	struct web_caller *caller = data;
	struct vnc_note note = {.number = 200};
	int fd = json ? make_file(json) : -1;
	caller->targets = NULL;
	if (fd < 0) {
		refuse(caller, 503, error ? error : "out of resources");
		return;
	}
	send_answer(caller, &note, fd);
	close(fd);
}

static void list_targets(struct web_caller *caller, const struct vnc_note *note) {
	const struct web_targets_filter filter = {.may_see = may_see, .data = caller};
	if (!check_key(caller, note->text)) {
		return;
	}
	caller->targets = web_targets_ask(
		caller->desk->terms.event, caller->desk->control, &filter, handle_targets, caller);
	if (!caller->targets) {
		refuse(caller, 503, "out of resources");
	}
}

/* Tokens */

static void give_token(struct web_caller *caller, const struct vnc_note *note) {
	struct web_desk *desk = caller->desk;
	const struct web_key *key = check_key(caller, note->text);
	if (!key) {
		return;
	}
	struct web_key model = *key;
	model.kind = WEB_TOKEN;
	if (caller->account) {
		model.view_only = desk->terms.options->view_only || caller->account->view_only;
	}
	if (vnc_target_parse(&model.target, note->secret) || !may_see(caller, note->secret)) {
		log_info("client %s, user %s: refused: may not see %.100s", caller->terms.name,
			model.user, note->secret);
		refuse(caller, 403, "You may not see this.");
		return;
	}
	char token[WEB_KEY_SIZE];
	if (!web_keys_add(&desk->keys, &model, now_of(desk), token)) {
		refuse(caller, 503, "there is no randomness to be had");
		return;
	}
	allow(caller, token, "", 0);
}

static void enter(struct web_caller *caller, const struct vnc_note *note) {
	struct web_key token;
	if (!web_keys_take(&caller->desk->keys, note->text, &caller->terms.address,
		    now_of(caller->desk), &token)) {
		log_info("client %s: a token that is unknown, used or too old", caller->terms.name);
		refuse(caller, 403, "the token is unknown, used or too old");
		return;
	}
	caller->terms.entered(caller->terms.data, &token);
	allow(caller, "", "", 0);
}

void web_caller_handle(struct web_caller *caller, struct vnc_note *note) {
	if (caller->ask) {
		log_debug("client %s: its session asks twice", caller->terms.name);
		return;
	}
	caller->ask = note->number;
	switch ((enum web_ask)note->number) {
	case WEB_ASK_LOGIN:
		ask_who(caller, note);
		return;
	case WEB_ASK_TARGETS:
		list_targets(caller, note);
		return;
	case WEB_ASK_TOKEN:
		give_token(caller, note);
		return;
	case WEB_ASK_ENTER:
		enter(caller, note);
		return;
	case WEB_ASK_LOGOUT:
		web_keys_drop(&caller->desk->keys, note->text);
		save_keys(caller->desk);
		allow(caller, "", "", 0);
		return;
	}
	refuse(caller, 400, "an unknown question");
}

/* Life */

struct web_caller *web_caller_create(struct web_desk *desk, const struct web_caller_terms *terms) {
	struct web_caller *caller = xcalloc(1, sizeof(*caller));
	caller->desk = desk;
	caller->terms = *terms;
	desk->callers++;
	if (sd_event_add_time_relative(desk->terms.event, &caller->verdict, CLOCK_MONOTONIC, 0, 1,
		    handle_verdict, caller) < 0 ||
		sd_event_source_set_enabled(caller->verdict, SD_EVENT_OFF) < 0) {
		web_caller_destroy(caller);
		return NULL;
	}
	return caller;
}

void web_caller_destroy(struct web_caller *caller) {
	if (!caller) {
		return;
	}
	caller->desk->callers--;
	vnc_login_cancel(caller->login);
	web_targets_cancel(caller->targets);
	sd_event_source_disable_unref(caller->verdict);
	forget_model(caller);
	forget_account(caller);
	free(caller);
}

struct web_desk *web_desk_create(const struct web_desk_terms *terms) {
	struct web_desk *desk = xcalloc(1, sizeof(*desk));
	desk->terms = *terms;
	desk->control = xasprintf("%s/control", terms->runtime);
	desk->file = xasprintf("%s/web-keys-%s", terms->runtime, terms->name);
	for (char *c = desk->file + strlen(terms->runtime) + 1; *c; c++) {
		*c = *c == '/' ? '_' : *c; /* a unix socket's path */
	}
	web_keys_init(&desk->keys);
	web_keys_load(&desk->keys, desk->file);
	desk->site = web_site_make(NOVNC_FOLDER);
	if (desk->site < 0) {
		web_desk_destroy(desk);
		return NULL;
	}
	return desk;
}

void web_desk_destroy(struct web_desk *desk) {
	if (!desk) {
		return;
	}
	assert(desk->callers == 0);
	web_keys_finish(&desk->keys);
	if (desk->site >= 0) {
		close(desk->site);
	}
	free(desk->control);
	free(desk->file);
	free(desk);
}

bool web_desk_send_site(const struct web_desk *desk, int channel) {
	struct vnc_note note = {.kind = VNC_NOTE_WEB_SITE};
	snprintf(note.text, sizeof(note.text), "%s", auth_of(desk));
	return vnc_note_send(channel, &note, desk->site);
}

void web_desk_drop_user(struct web_desk *desk, const char *user) {
	web_keys_drop_user(&desk->keys, user);
	save_keys(desk);
}
