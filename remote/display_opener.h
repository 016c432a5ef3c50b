/* Asks a running mullion, on its control bus, for Display1 connections. Where
 * no mullion runs, waits for one by watching the runtime folder. */
#ifndef REMOTE_DISPLAY_OPENER_H
#define REMOTE_DISPLAY_OPENER_H

#include <stdint.h>
#include <systemd/sd-event.h>

struct display_opener;
struct display_request;

#define DISPLAY_SESSION_ID_SIZE 9 /* bytes, with the NUL */

struct display_wish {
	const char *target; /* as org.mullion.Control1.OpenDisplay has it */
	uint32_t rights; /* enum publisher_right */
	/* NULL: OpenDisplay; else a session, of which OpenSession says who it is; "" where nothing
	 * is known. */
	const char *protocol;
	const char *server, *user, *address;
	/* The session's: the one to be renewed, or empty. Filled in before the call back; stays for
	 * that long. */
	char *id;
};

/* NULL after a log line. */
struct display_opener *display_opener_create(sd_event *event, const char *runtime);
void display_opener_destroy(
	struct display_opener *opener); /* no request may be left; NULL is legal */

/* Calls back once, never from within this call: fd is the callee's, or -1 with the reason. `layout`
 * is the guest's keyboard layout, NULL if the target isn't a guest or has none. The request is gone
 * after that. The wish is copied. `patience`, in us: how long to wait for a mullion. */
struct display_request *display_opener_open(struct display_opener *opener,
	const struct display_wish *wish, uint64_t patience,
	void (*done)(void *data, int fd, const char *layout, const char *error), void *data);
void display_request_cancel(struct display_request *request); /* NULL is legal; no call back */

#endif
