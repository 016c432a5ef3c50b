#include "remote/web_request.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct parsing {
	struct web_request *request;
	const char *connection, *upgrade, *accept_encoding, *length, *transfer, *expect;
	int *status;
	const char **error;
};

static bool fail(struct parsing *parsing, int status, const char *error) {
	*parsing->status = status;
	*parsing->error = error;
	return false;
}

/* Of a list with commas, in which parameters may follow a semicolon. */
static bool has_token(const char *list, const char *token) {
	size_t length = strlen(token);
	while (list && *list) {
		list += strspn(list, " \t,");
		size_t size = strcspn(list, " \t,;");
		if (size == length && strncasecmp(list, token, length) == 0) {
			return true;
		}
		list += strcspn(list, ",");
	}
	return false;
}

static bool is_token(const char *text) {
	static const char others[] = "!#$%&'*+-.^_`|~";
	for (const char *c = text; *c; c++) {
		if (!isalnum((unsigned char)*c) && !strchr(others, *c)) {
			return false;
		}
	}
	return *text;
}

/* The request line */

static bool parse_method(struct parsing *parsing, const char *method) {
	static const char *const names[] = {
		[WEB_GET] = "GET", [WEB_HEAD] = "HEAD", [WEB_POST] = "POST"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(method, names[i]) == 0) {
			parsing->request->method = i;
			return true;
		}
	}
	return is_token(method) ? fail(parsing, 501, "an unknown method")
				: fail(parsing, 400, "no HTTP request");
}

static bool parse_path(struct parsing *parsing, char *path) {
	if (path[0] != '/') {
		return fail(parsing, 400, "the target isn't a path");
	}
	if (strlen(path) > WEB_PATH_MAX) {
		return fail(parsing, 414, "the path is too long");
	}
	for (const char *c = path; *c; c++) {
		if (*c <= ' ' || *c > '~' || strchr("\"<>\\^`{|}#", *c)) {
			return fail(parsing, 400, "the path holds what no URL may");
		}
	}
	char *query = strchr(path, '?');
	if (query) {
		*query++ = '\0';
	}
	parsing->request->path = path;
	parsing->request->query = query;
	return true;
}

static bool parse_first_line(struct parsing *parsing, char *line) {
	char *path = strchr(line, ' ');
	char *version = path ? strchr(path + 1, ' ') : NULL;
	if (!version) {
		return fail(parsing, 400, "no HTTP request");
	}
	*path++ = '\0';
	*version++ = '\0';
	if (strncmp(version, "HTTP/", 5) != 0) {
		return fail(parsing, 400, "no HTTP request");
	}
	if (strcmp(version, "HTTP/1.1") != 0) {
		return fail(parsing, 505, "another version than HTTP/1.1");
	}
	return parse_method(parsing, line) && parse_path(parsing, path);
}

/* The fields */

static bool set_field(struct parsing *parsing, const char *name, const char *value) {
	struct web_request *request = parsing->request;
	const struct {
		const char *name;
		const char **value;
	} known[] = {
		{"host", &request->host},
		{"origin", &request->origin},
		{"authorization", &request->authorization},
		{"content-type", &request->content_type},
		{"if-none-match", &request->none_match},
		{"sec-websocket-key", &request->socket_key},
		{"sec-websocket-version", &request->socket_version},
		{"connection", &parsing->connection},
		{"upgrade", &parsing->upgrade},
		{"accept-encoding", &parsing->accept_encoding},
		{"content-length", &parsing->length},
		{"transfer-encoding", &parsing->transfer},
		{"expect", &parsing->expect},
	};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcasecmp(name, known[i].name) != 0) {
			continue;
		}
		if (*known[i].value) {
			return fail(parsing, 400, "a field comes twice");
		}
		*known[i].value = value;
	}
	return true;
}

static bool parse_field(struct parsing *parsing, char *line) {
	char *value = strchr(line, ':');
	if (!value) {
		return fail(parsing, 400, "a field without a colon");
	}
	*value++ = '\0';
	if (!is_token(line)) {
		return fail(parsing, 400, "a field's name is malformed");
	}
	value += strspn(value, " \t");
	size_t length = strlen(value);
	while (length > 0 && (value[length - 1] == ' ' || value[length - 1] == '\t')) {
		value[--length] = '\0';
	}
	return set_field(parsing, line, value);
}

static bool parse_length(struct parsing *parsing) {
	struct web_request *request = parsing->request;
	const char *text = parsing->length;
	bool posts = request->method == WEB_POST;
	if (!text) {
		return !posts || fail(parsing, 411, "a form without a length");
	}
	if (!*text || text[strspn(text, "0123456789")]) {
		return fail(parsing, 400, "a length that is no number");
	}
	for (; *text && request->content_length <= WEB_BODY_MAX; text++) {
		request->content_length = request->content_length * 10 + (*text - '0');
	}
	if (request->content_length > WEB_BODY_MAX) {
		return fail(parsing, 413, "the body is too long");
	}
	return posts || request->content_length == 0 ||
		fail(parsing, 400, "a body where none belongs");
}

static bool check_fields(struct parsing *parsing) {
	struct web_request *request = parsing->request;
	if (!request->host || !*request->host) {
		return fail(parsing, 400, "no host is named");
	}
	if (parsing->transfer) {
		return fail(parsing, 501, "a body in pieces");
	}
	if (parsing->expect) {
		return fail(parsing, 417, "it expects what we don't do");
	}
	request->upgrade = has_token(parsing->connection, "upgrade") &&
		has_token(parsing->upgrade, "websocket");
	request->close = has_token(parsing->connection, "close");
	request->gzip = has_token(parsing->accept_encoding, "gzip");
	return parse_length(parsing);
}

static bool parse_lines(struct parsing *parsing, char *bytes) {
	unsigned int count = 0;
	char *rest = bytes, *line;
	while ((line = rest) && *line) {
		rest = strstr(line, "\r\n");
		*rest = '\0';
		rest += 2;
		if (strpbrk(line, "\r\n")) {
			return fail(parsing, 400, "a line that doesn't end with CR and LF");
		}
		if (count > WEB_FIELDS_MAX) {
			return fail(parsing, 431, "too many fields");
		}
		if (!(count++ == 0 ? parse_first_line : parse_field)(parsing, line)) {
			return false;
		}
	}
	return count > 0 ? check_fields(parsing) : fail(parsing, 400, "no HTTP request");
}

/* So that whoever doesn't speak HTTP at all is found out before a blank line comes. */
static bool are_printable(const char *bytes, size_t count) {
	for (size_t i = 0; i < count; i++) {
		unsigned char c = bytes[i];
		if ((c < ' ' && c != '\r' && c != '\n' && c != '\t') || c > '~') {
			return false;
		}
	}
	return true;
}

enum web_request_verdict web_request_parse(struct web_request *request, char *bytes, size_t count,
	size_t *size, int *status, const char **error) {
	struct parsing parsing = {.request = request, .status = status, .error = error};
	size_t looked = count < WEB_HEAD_MAX ? count : WEB_HEAD_MAX;
	char *end = memmem(bytes, looked, "\r\n\r\n", 4);
	*request = (struct web_request){0};
	if (!are_printable(bytes, end ? (size_t)(end - bytes) : looked)) {
		fail(&parsing, 400, "no HTTP request");
		return WEB_REQUEST_BAD;
	}
	if (!end && count < WEB_HEAD_MAX) {
		return WEB_REQUEST_SHORT;
	}
	if (!end) {
		fail(&parsing, 431, "the request is too long");
		return WEB_REQUEST_BAD;
	}
	*size = end + 4 - bytes;
	end[2] = '\0';
	return parse_lines(&parsing, bytes) ? WEB_REQUEST_WHOLE : WEB_REQUEST_BAD;
}

/* Forms */

static int hex_digit(char c) {
	return c >= '0' && c <= '9'    ? c - '0'
		: c >= 'a' && c <= 'f' ? c - 'a' + 10
		: c >= 'A' && c <= 'F' ? c - 'A' + 10
				       : -1;
}

static bool decode(const char *text, size_t length, char *value, size_t size) {
	size_t used = 0;
	for (size_t i = 0; i < length; i++) {
		int c = (unsigned char)text[i];
		if (c == '+') {
			c = ' ';
		} else if (c == '%') {
			int high = i + 2 < length ? hex_digit(text[i + 1]) : -1;
			int low = i + 2 < length ? hex_digit(text[i + 2]) : -1;
			c = high < 0 || low < 0 ? 0 : high * 16 + low;
			i += 2;
		}
		if (c == 0 || used + 1 >= size) {
			return false;
		}
		value[used++] = c;
	}
	value[used] = '\0';
	return true;
}

bool web_form_get(const char *form, size_t length, const char *name, char *value, size_t size) {
	const char *end = form + length;
	size_t name_length = strlen(name);
	while (form < end) {
		const char *next = memchr(form, '&', end - form);
		next = next ? next : end;
		const char *equals = memchr(form, '=', next - form);
		if (equals && (size_t)(equals - form) == name_length &&
			memcmp(form, name, name_length) == 0) {
			return decode(equals + 1, next - equals - 1, value, size);
		}
		form = next + 1;
	}
	return false;
}

/* Where from */

bool web_origin_is_own(const struct web_request *request, bool secure) {
	const char *scheme = secure ? "https://" : "http://";
	return request->origin && strncasecmp(request->origin, scheme, strlen(scheme)) == 0 &&
		strcasecmp(request->origin + strlen(scheme), request->host) == 0;
}

bool web_host_is_literal(const char *host) {
	char name[64];
	struct in_addr v4;
	struct in6_addr v6;
	bool brackets = host[0] == '[';
	size_t length = strcspn(host, brackets ? "]" : ":");
	if (length >= sizeof(name)) {
		return false;
	}
	memcpy(name, host, length);
	name[length] = '\0';
	return brackets ? inet_pton(AF_INET6, name + 1, &v6) == 1
			: inet_pton(AF_INET, name, &v4) == 1 || strcasecmp(name, "localhost") == 0;
}
