/* What a web session asks its listener, in notes of kind VNC_NOTE_WEB_ASK; each is answered by one
 * VNC_NOTE_WEB_ANSWER, whose number is a status of HTTP, and whose text, if that isn't 200, says
 * why. One question at a time. */
#ifndef REMOTE_WEB_ASKS_H
#define REMOTE_WEB_ASKS_H

enum web_ask { /* the note's number */
	/* text: user, secret: password. Answer: text: a key, secret: the user's name,
	   VNC_FLAG_VIEW_ONLY */
	WEB_ASK_LOGIN = 1,
	/* text: a key. Answer: a file of JSON */
	WEB_ASK_TARGETS,
	/* text: a key, secret: a target. Answer: text: a token */
	WEB_ASK_TOKEN,
	/* text: a token. After the yes the session makes its client a WebSocket's, and sends
	 * VNC_NOTE_RESPONSE */
	WEB_ASK_ENTER,
	/* text: a key, which is none any more */
	WEB_ASK_LOGOUT,
};

#define WEB_AUTH_USERS "users" /* by name and password */
#define WEB_AUTH_PASSWORD "password" /* the same for all */
#define WEB_AUTH_NONE "none"

#endif
