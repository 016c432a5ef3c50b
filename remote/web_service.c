#include "remote/web_service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "remote/vnc_channel.h"
#include "remote/web_asks.h"
#include "remote/web_frames.h"
#include "util/mem.h"

#define ANSWER_MAX (256 * 1024) /* bytes, of a list of targets */
#define BEARER "Bearer "

/* Each sets the reply, and then returns true, or else `ask`. */
struct call {
	const struct web_service *service;
	const struct web_request *request;
	const char *body;
	struct web_reply *reply;
	struct vnc_note *ask;
};

static bool refuse(const struct call *call, int status, const char *message) {
	web_reply_set_error(call->reply, status, message, call->request->close);
	if (call->request->method == WEB_HEAD) {
		call->reply->body_size = 0; /* else it would begin the next answer */
	}
	return true;
}

static bool begin_ask(const struct call *call, enum web_ask number) {
	call->ask->kind = VNC_NOTE_WEB_ASK;
	call->ask->number = number;
	return false;
}

/* Into the note's text. False if the page sent none. */
static bool copy_key(const struct call *call) {
	const char *value = call->request->authorization;
	size_t length = strlen(BEARER);
	if (!value || strncasecmp(value, BEARER, length) != 0 ||
		strlen(value + length) >= sizeof(call->ask->text)) {
		return false;
	}
	snprintf(call->ask->text, sizeof(call->ask->text), "%s", value + length);
	return true;
}

static bool get_field(const struct call *call, const char *name, char *value, size_t size) {
	return web_form_get(call->body, call->request->content_length, name, value, size);
}

/* The page's questions */

static bool handle_server(const struct call *call) {
	char *text = xasprintf("{\"auth\":\"%s\",\"version\":\"" MULLION_VERSION
			       "\",\"novnc\":\"%s\"}\n",
		call->service->auth, web_site_novnc(&call->service->site));
	web_reply_set_json(call->reply, call->request, 200, text);
	return true;
}

static bool handle_login(const struct call *call) {
	struct vnc_note *ask = call->ask;
	bool named = strcmp(call->service->auth, WEB_AUTH_USERS) == 0;
	bool secret = strcmp(call->service->auth, WEB_AUTH_NONE) != 0;
	if ((named && !get_field(call, "user", ask->text, sizeof(ask->text))) ||
		(secret && !get_field(call, "password", ask->secret, sizeof(ask->secret)))) {
		return refuse(call, 400, "a name or a password is missing or too long");
	}
	return begin_ask(call, WEB_ASK_LOGIN);
}

static bool handle_keyed(const struct call *call, enum web_ask number) {
	return copy_key(call) ? begin_ask(call, number) : refuse(call, 401, "log in first");
}

static bool handle_targets(const struct call *call) {
	return handle_keyed(call, WEB_ASK_TARGETS);
}

static bool handle_logout(const struct call *call) {
	return handle_keyed(call, WEB_ASK_LOGOUT);
}

static bool handle_token(const struct call *call) {
	if (!get_field(call, "target", call->ask->secret, sizeof(call->ask->secret))) {
		return refuse(call, 400, "no target is named");
	}
	return handle_keyed(call, WEB_ASK_TOKEN);
}

static bool handle_rfb(const struct call *call) {
	const struct web_request *request = call->request;
	char accept[WEB_ACCEPT_SIZE], *token = call->ask->text;
	const char *query = request->query ? request->query : "";
	if (!request->upgrade || !request->socket_version ||
		strcmp(request->socket_version, "13") != 0) {
		return refuse(call, 426, "this is for WebSockets");
	}
	if (!request->socket_key || !web_socket_accept(request->socket_key, accept)) {
		return refuse(call, 400, "the WebSocket's key is malformed");
	}
	if (!web_form_get(query, strlen(query), "token", token, sizeof(call->ask->text))) {
		return refuse(call, 403, "no token");
	}
	return begin_ask(call, WEB_ASK_ENTER);
}

static const struct {
	const char *path;
	enum web_method method;
	bool (*handle)(const struct call *call);
} calls[] = {
	{"/api/server", WEB_GET, handle_server},
	{"/api/login", WEB_POST, handle_login},
	{"/api/targets", WEB_POST, handle_targets},
	{"/api/token", WEB_POST, handle_token},
	{"/api/logout", WEB_POST, handle_logout},
	{"/rfb", WEB_GET, handle_rfb},
};

static bool handle_file(const struct call *call) {
	const struct web_request *request = call->request;
	const char *path = strcmp(request->path, "/") == 0 ? "/index.html" : request->path;
	const struct web_file *file = web_site_find(&call->service->site, path);
	if (!file) {
		return refuse(call, 404, "there is no such page");
	}
	if (request->method == WEB_POST) {
		return refuse(call, 405, "this can only be read");
	}
	web_reply_set_file(call->reply, request, &call->service->site, file);
	return true;
}

/* A page of somebody else's, open in the same browser, may neither ask nor get a screen. A proxy
 * in front of a socket without TLS may have its own. */
static bool is_foreign(const struct web_service *service, const struct web_request *request) {
	return !web_origin_is_own(request, true) &&
		(service->secure || !web_origin_is_own(request, false));
}

/* A stranger's name that leads here would make their page one of ours. It couldn't log in, where
 * there are users. */
static bool is_misled(const struct web_service *service, const struct web_request *request) {
	return !service->any_host && strcmp(service->auth, WEB_AUTH_USERS) != 0 &&
		!web_host_is_literal(request->host);
}

bool web_service_handle(const struct web_service *service, const struct web_request *request,
	const char *body, struct web_reply *reply, struct vnc_note *ask) {
	const struct call call = {
		.service = service, .request = request, .body = body, .reply = reply, .ask = ask};
	*ask = (struct vnc_note){0};
	if (is_misled(service, request)) {
		return refuse(&call, 403, "ask for it by its address");
	}
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (strcmp(request->path, calls[i].path) != 0) {
			continue;
		}
		if (request->method != calls[i].method) {
			return refuse(&call, 405, "another method is due");
		}
		if (calls[i].handle != handle_server && is_foreign(service, request)) {
			return refuse(&call, 403, "another page than ours asks");
		}
		return calls[i].handle(&call);
	}
	return handle_file(&call);
}

/* The listener's answers */

/* The caller's; NULL if it isn't one of a sensible size. */
static char *read_json(int fd) {
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0 || st.st_size <= 0 || st.st_size > ANSWER_MAX) {
		return NULL;
	}
	char *text = xcalloc(1, st.st_size + 1);
	if (lseek(fd, 0, SEEK_SET) != 0 || read(fd, text, st.st_size) != st.st_size) {
		free(text);
		return NULL;
	}
	return text;
}

/* Names and keys hold nothing that JSON would have to quote. */
static char *compose(const struct vnc_note *ask, const struct vnc_note *answer, int passed) {
	switch ((enum web_ask)ask->number) {
	case WEB_ASK_LOGIN:
		return xasprintf("{\"key\":\"%s\",\"user\":\"%s\",\"viewOnly\":%s,\"resize\":%s}\n",
			answer->text, answer->secret,
			answer->flags & VNC_FLAG_VIEW_ONLY ? "true" : "false",
			answer->flags & VNC_FLAG_RESIZE ? "true" : "false");
	case WEB_ASK_TARGETS:
		return read_json(passed);
	case WEB_ASK_TOKEN:
		return xasprintf("{\"token\":\"%s\"}\n", answer->text);
	case WEB_ASK_LOGOUT:
		return xstrdup("{}\n");
	case WEB_ASK_ENTER:
		break;
	}
	return NULL;
}

void web_service_answer(const struct web_request *request, const struct vnc_note *ask,
	const struct vnc_note *answer, int passed, struct web_reply *reply) {
	char accept[WEB_ACCEPT_SIZE];
	if (answer->number != 200) {
		web_reply_set_error(reply, answer->number, answer->text, request->close);
		return;
	}
	if (ask->number == WEB_ASK_ENTER && web_socket_accept(request->socket_key, accept)) {
		web_reply_set_upgrade(reply, accept);
		return;
	}
	char *text = compose(ask, answer, passed);
	if (text) {
		web_reply_set_json(reply, request, 200, text);
	} else {
		web_reply_set_error(reply, 503, "mullion's answer can't be read", request->close);
	}
}
