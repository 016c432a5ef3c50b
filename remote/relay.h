/* Carries bytes between a stream and a socket, for those who want a socket: a thread with 16 KiB
 * for each direction. It stops reading where the other side doesn't take any, so that nobody's
 * slowness is hidden, and nobody waits for anybody but the reader of these bytes. */
#ifndef REMOTE_RELAY_H
#define REMOTE_RELAY_H

struct relay;
struct stream;

/* Takes the stream on every path: from now on only the thread uses it. *inner is the socket, the
 * caller's; its end of file ends the stream, once what was written before is sent, and the other
 * way round. NULL after a log line. */
struct relay *relay_create(struct stream *stream, int *inner);
/* Waits for the thread, which leaves unsent what can't be sent now. NULL is legal. */
void relay_destroy(struct relay *relay);

#endif
