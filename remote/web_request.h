/* The head of an HTTP/1.1 request, read strictly: what a browser wouldn't send is refused. Sources:
 * RFC 9110, RFC 9112. */
#ifndef REMOTE_WEB_REQUEST_H
#define REMOTE_WEB_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#define WEB_HEAD_MAX 8192 /* bytes */
#define WEB_BODY_MAX 2048 /* bytes, of a form */
#define WEB_PATH_MAX 512 /* bytes, with the query */
#define WEB_FIELDS_MAX 64

enum web_method { WEB_GET, WEB_HEAD, WEB_POST };

struct web_request { /* all strings are within the head; NULL: not there */
	enum web_method method;
	const char *path; /* as it was sent, from '/' on */
	const char *query; /* what follows the '?' */
	const char *host, *origin;
	const char *authorization, *content_type, *none_match;
	const char *socket_key, *socket_version;
	size_t content_length;
	bool upgrade; /* to a WebSocket */
	bool gzip; /* is accepted */
	bool close; /* the connection after the answer */
};

enum web_request_verdict { WEB_REQUEST_SHORT, WEB_REQUEST_WHOLE, WEB_REQUEST_BAD };

/* `bytes` holds the first `count` bytes that came. WHOLE: they are cut into strings, the first
 * *size of them. BAD: *status is what HTTP has for it, *error a static string. */
enum web_request_verdict web_request_parse(struct web_request *request, char *bytes, size_t count,
	size_t *size, int *status, const char **error);

/* One value of "a=1&b=2", decoded into `value` of `size` bytes. False if it isn't there, doesn't
 * fit, or is malformed. */
bool web_form_get(const char *form, size_t length, const char *name, char *value, size_t size);

/* Has the client come to `host`, and from a page of it? `secure`: over TLS. */
bool web_origin_is_own(const struct web_request *request, bool secure);
/* An address or "localhost", which no stranger's name server can answer for. */
bool web_host_is_literal(const char *host);

#endif
