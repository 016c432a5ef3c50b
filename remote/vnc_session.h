/* One client of mullion-vnc, in a process of its own: the client's socket, a channel to the
 * listener, and one Display1 connection that shows exactly what this client may see. */
#ifndef REMOTE_VNC_SESSION_H
#define REMOTE_VNC_SESSION_H

#define VNC_STEP_SECONDS 10 /* for each step of the handshake */
#define VNC_TYPING_SECONDS 60 /* for one that a person's typing may hold up */
#define VNC_RETURN_SECONDS 10 /* how long a client is kept when mullion goes away */

/* How the listener starts one: mullion-vnc with this option alone and these fds. */
#define VNC_SESSION_OPTION "--session"
#define VNC_SESSION_CLIENT 3
#define VNC_SESSION_CHANNEL 4

/* Runs until the client or the listener is gone; returns the exit status. Takes both fds. */
int vnc_session_run(int client, int channel);

#endif
