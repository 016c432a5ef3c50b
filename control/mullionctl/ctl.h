/* What the commands of mullionctl share: the connection to mullion, made when it is first needed,
 * and the ways to fail. */
#ifndef MULLIONCTL_CTL_H
#define MULLIONCTL_CTL_H

#include <json-c/json.h>
#include <stdbool.h>
#include <systemd/sd-bus.h>

enum ctl_exit { /* docs/mullionctl.1.scd */
	CTL_OK,
	CTL_FAILED, /* mullion said no, or the result can't be written */
	CTL_USAGE,
	CTL_TIMEOUT,
	CTL_NOT_RUNNING,
};

struct ctl {
	sd_bus *bus; /* NULL until ctl_connect */
};

/* One line on standard error, after "mullionctl: "; returns `code`. */
enum ctl_exit ctl_fail(enum ctl_exit code, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Idempotent; CTL_OK, or a line was written. */
enum ctl_exit ctl_connect(struct ctl *ctl);
void ctl_finish(struct ctl *ctl);
/* Does mullion run? Without a word. */
bool ctl_is_there(void);

/* Calls a method of org.mullion.Control1 and waits for the answer, into *reply unless NULL. */
enum ctl_exit ctl_call(
	struct ctl *ctl, sd_bus_message **reply, const char *method, const char *types, ...);
/* Sends a call made by ctl_new_call; takes `call`. */
enum ctl_exit ctl_send(struct ctl *ctl, sd_bus_message *call, sd_bus_message **reply);
enum ctl_exit ctl_new_call(struct ctl *ctl, const char *method, sd_bus_message **call);

/* Calls "ListGuests" and the like: an array of objects, owned by the caller. */
enum ctl_exit ctl_list(struct ctl *ctl, const char *method, struct json_object **list);

/* Indented, on standard output. */
void ctl_print_json(struct json_object *object);

/* Of an object in such a list; "" and 0 if it isn't there. */
const char *ctl_string(struct json_object *object, const char *key);
int ctl_int(struct json_object *object, const char *key);
double ctl_double(struct json_object *object, const char *key);
bool ctl_bool(struct json_object *object, const char *key);
/* The object whose `key` is `value`; NULL if there is none. */
struct json_object *ctl_find(struct json_object *list, const char *key, const char *value);

#endif
