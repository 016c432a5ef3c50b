/* Who is who: asks the users' file, in a process of its own for each question, since a modern hash
 * takes its time. Few run at once; the others wait in turn. */
#ifndef REMOTE_VNC_LOGINS_H
#define REMOTE_VNC_LOGINS_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "remote/vnc_channel.h"

#define VNC_LOGINS_AT_ONCE 2
#define VNC_LOGIN_SECONDS 20 /* then the answer is no */

struct account;
struct vnc_login;
struct vnc_logins;

struct vnc_credentials {
	bool by_name; /* else by VNC's challenge and response, against all users' VNC passwords */
	char name[VNC_NOTE_TEXT_MAX + 1], password[VNC_NOTE_TEXT_MAX + 1];
	uint8_t challenge[VNC_CHALLENGE_SIZE], response[VNC_CHALLENGE_SIZE];
};

/* `path` of the users' file, which is read again for each question; copied. */
struct vnc_logins *vnc_logins_create(sd_event *event, const char *path);
void vnc_logins_destroy(struct vnc_logins *logins); /* no question may be open; NULL is legal */

/* Calls back once, never from within this call: `account`, which holds in the call only, or NULL if
 * there is no such user or the password is wrong. The login is gone after that. The credentials
 * are copied. */
struct vnc_login *vnc_logins_ask(struct vnc_logins *logins,
	const struct vnc_credentials *credentials,
	void (*done)(void *data, const struct account *account), void *data);
void vnc_login_cancel(struct vnc_login *login); /* NULL is legal; no call back */

#endif
