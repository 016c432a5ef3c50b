/* What a user may choose from: asks mullion for its outputs and guests, and writes those down, as
 * JSON, that the user may see. */
#ifndef REMOTE_WEB_TARGETS_H
#define REMOTE_WEB_TARGETS_H

#include <stdbool.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#define WEB_TARGETS_MAX 256

struct web_targets;

struct web_targets_filter {
	/* `target` as OpenDisplay has it. */
	bool (*may_see)(void *data, const char *target);
	void *data;
};

/* `socket`: mullion's control bus. Calls back once, never from within this call: a text, which
 * holds in the call only, or NULL with the reason. The request is gone after that. What the filter
 * is called with must stay until then. */
struct web_targets *web_targets_ask(sd_event *event, const char *socket,
	const struct web_targets_filter *filter,
	void (*done)(void *data, const char *json, const char *error), void *data);
void web_targets_cancel(struct web_targets *targets); /* NULL is legal; no call back */

#endif
