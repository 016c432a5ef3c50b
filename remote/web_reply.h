/* One HTTP answer, and how far it is sent. */
#ifndef REMOTE_WEB_REPLY_H
#define REMOTE_WEB_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#define WEB_REPLY_HEAD_MAX 2048 /* bytes */

struct stream;
struct web_file;
struct web_request;
struct web_site;

struct web_reply {
	char head[WEB_REPLY_HEAD_MAX];
	size_t head_size;
	const void *body; /* the site's, or `text` */
	size_t body_size;
	char *text; /* NULL, or allocated */
	bool close; /* the connection, when it is sent */
	/* private */
	size_t sent;
};

/* Each sets all of a reply that is zero or finished. */
void web_reply_set_file(struct web_reply *reply, const struct web_request *request,
	const struct web_site *site, const struct web_file *file);
/* Takes `text`. */
void web_reply_set_json(
	struct web_reply *reply, const struct web_request *request, int status, char *text);
/* {"error": message}; closes the connection if `close` is set. */
void web_reply_set_error(struct web_reply *reply, int status, const char *message, bool close);
/* 101; `accept` as web_socket_accept writes it. */
void web_reply_set_upgrade(struct web_reply *reply, const char *accept);
void web_reply_finish(struct web_reply *reply);

enum web_reply_progress { WEB_REPLY_SENT, WEB_REPLY_WAITS, WEB_REPLY_GONE };
enum web_reply_progress web_reply_send(struct web_reply *reply, struct stream *stream);

#endif
