#include "remote/web_reply.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "remote/stream.h"
#include "remote/web_json.h"
#include "remote/web_request.h"
#include "remote/web_site.h"

/* noVNC sets styles by script, and makes pictures and cursors of data. */
static const char safety[] =
	"Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
	"img-src 'self' data: blob:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
	"form-action 'none'; frame-ancestors 'none'\r\n"
	"X-Frame-Options: DENY\r\n"
	"X-Content-Type-Options: nosniff\r\n"
	"Referrer-Policy: no-referrer\r\n"
	"Cross-Origin-Opener-Policy: same-origin\r\n"
	"Cross-Origin-Resource-Policy: same-origin\r\n"
	"Permissions-Policy: camera=(), microphone=(), geolocation=(), "
	"clipboard-read=(self), clipboard-write=(self), fullscreen=(self)\r\n";

static const char *phrase_of(int status) {
	static const struct {
		int status;
		const char *phrase;
	} phrases[] = {{200, "OK"}, {304, "Not Modified"}, {400, "Bad Request"},
		{401, "Unauthorized"}, {403, "Forbidden"}, {404, "Not Found"},
		{405, "Method Not Allowed"}, {411, "Length Required"}, {413, "Content Too Large"},
		{414, "URI Too Long"}, {417, "Expectation Failed"}, {426, "Upgrade Required"},
		{431, "Request Header Fields Too Large"}, {501, "Not Implemented"},
		{503, "Service Unavailable"}, {505, "HTTP Version Not Supported"}};
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
		if (phrases[i].status == status) {
			return phrases[i].phrase;
		}
	}
	return "Error";
}

__attribute__((format(printf, 2, 3))) static void add(
	struct web_reply *reply, const char *format, ...) {
	va_list arguments;
	va_start(arguments, format);
	int n = vsnprintf(reply->head + reply->head_size, sizeof(reply->head) - reply->head_size,
		format, arguments);
	va_end(arguments);
	/* All that is put in is bounded, and fits. */
	if (n > 0 && (size_t)n < sizeof(reply->head) - reply->head_size) {
		reply->head_size += n;
	}
}

static void begin(struct web_reply *reply, int status, bool close) {
	*reply = (struct web_reply){.close = close};
	add(reply, "HTTP/1.1 %d %s\r\n%s%s", status, phrase_of(status), safety,
		close ? "Connection: close\r\n" : "");
}

static void end(struct web_reply *reply, const char *type, const void *body, size_t size) {
	add(reply, "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n", type, size);
	reply->body = body;
	reply->body_size = size;
}

void web_reply_set_file(struct web_reply *reply, const struct web_request *request,
	const struct web_site *site, const struct web_file *file) {
	bool zipped = request->gzip && file->gzip_size > 0;
	bool same = request->none_match && strstr(request->none_match, file->tag);
	begin(reply, same ? 304 : 200, request->close);
	add(reply, "ETag: \"%s%s\"\r\nCache-Control: %s\r\nVary: Accept-Encoding\r\n", file->tag,
		zipped ? "-gzip" : "",
		file->is_lasting ? "max-age=31536000, immutable" : "no-cache");
	if (same) {
		add(reply, "\r\n");
		return;
	}
	if (zipped) {
		add(reply, "Content-Encoding: gzip\r\n");
	}
	end(reply, web_file_type(file), site->bytes + (zipped ? file->gzip_offset : file->offset),
		zipped ? file->gzip_size : file->size);
	if (request->method == WEB_HEAD) {
		reply->body_size = 0;
	}
}

void web_reply_set_json(
	struct web_reply *reply, const struct web_request *request, int status, char *text) {
	begin(reply, status, request->close);
	add(reply, "Cache-Control: no-store\r\n");
	end(reply, "application/json", text, strlen(text));
	reply->text = text;
}

void web_reply_set_error(struct web_reply *reply, int status, const char *message, bool close) {
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	if (out) {
		fputs("{\"error\":", out);
		web_json_write(out, message);
		fputs("}\n", out);
		fclose(out);
	}
	begin(reply, status, close);
	add(reply, "Cache-Control: no-store\r\n%s", status == 405 ? "Allow: GET, HEAD\r\n" : "");
	end(reply, "application/json", text, text ? size : 0);
	reply->text = text;
}

void web_reply_set_upgrade(struct web_reply *reply, const char *accept) {
	*reply = (struct web_reply){0};
	add(reply,
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Accept: %s\r\n\r\n",
		accept);
}

void web_reply_finish(struct web_reply *reply) {
	if (reply->text) {
		explicit_bzero(reply->text, strlen(reply->text)); /* it may hold a key */
	}
	free(reply->text);
	*reply = (struct web_reply){0};
}

/* What waits was offered once, and has to be offered again as it is. */
static ssize_t send_some(struct web_reply *reply, struct stream *stream) {
	bool in_head = reply->sent < reply->head_size;
	size_t done = in_head ? reply->sent : reply->sent - reply->head_size;
	const char *bytes = in_head ? reply->head : reply->body;
	size_t size = (in_head ? reply->head_size : reply->body_size) - done;
	return stream_write(stream, bytes + done, size < 16384 ? size : 16384);
}

enum web_reply_progress web_reply_send(struct web_reply *reply, struct stream *stream) {
	while (reply->sent < reply->head_size + reply->body_size) {
		ssize_t n = send_some(reply, stream);
		if (n < 0) {
			return errno == EAGAIN ? WEB_REPLY_WAITS : WEB_REPLY_GONE;
		}
		reply->sent += n;
	}
	return WEB_REPLY_SENT;
}
