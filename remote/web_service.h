/* What is answered to which request. No input or output of its own: it fills in the answer, or the
 * question that has to be put to the listener first. */
#ifndef REMOTE_WEB_SERVICE_H
#define REMOTE_WEB_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "remote/web_reply.h"
#include "remote/web_request.h"
#include "remote/web_site.h"

struct vnc_note;

struct web_service {
	struct web_site site;
	char auth[16]; /* WEB_AUTH_USERS … */
	bool secure; /* over TLS */
	bool any_host; /* a unix socket: whoever forwards to it knows its names */
};

/* `body` is of request->content_length bytes. True: the reply is set; false: `ask` is. */
bool web_service_handle(const struct web_service *service, const struct web_request *request,
	const char *body, struct web_reply *reply, struct vnc_note *ask);

/* The reply to a request that was asked about. Doesn't take `passed`. An upgrade that was agreed to
 * is a reply of status 101. */
void web_service_answer(const struct web_request *request, const struct vnc_note *ask,
	const struct vnc_note *answer, int passed, struct web_reply *reply);

#endif
