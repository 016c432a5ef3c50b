/* A stream's bytes within WebSocket frames, after the handshake. */
#ifndef REMOTE_WEB_STREAM_H
#define REMOTE_WEB_STREAM_H

#include <stddef.h>

#include "remote/stream.h"

/* Takes the stream below. `bytes`: what was already read of it, WEB_STREAM_EARLY_MAX at most. What
 * breaks the protocol is logged with the client's name, which is copied. */
#define WEB_STREAM_EARLY_MAX 8192
struct stream *web_stream_create(
	struct stream *below, const char *peer, const void *bytes, size_t count);

#endif
