/* Continuous updates and fences: who may be sent an update without asking, and how many of these
 * may be on the way. Source: the community's rfbproto. */
#ifndef REMOTE_RFB_FLOW_H
#define REMOTE_RFB_FLOW_H

#include <rfb/rfb.h>
#include <stdbool.h>
#include <stdint.h>

#include "remote/rfb_wishes.h"

#define RFB_FENCE_PAYLOAD_MAX 64 /* bytes */
#define RFB_FLOW_UNANSWERED_MAX 3 /* updates on the way to a client that takes them unasked */

struct rfb_buffer;

struct rfb_flow {
	bool fence, continuous_updates; /* the client was told that we have them */
	bool is_continuous; /* now */
	rfbRectangle area; /* px, of continuous updates; not clipped */
	unsigned int unanswered; /* fences of ours behind updates */
};

/* The client named its encodings: tells it what it may use. */
void rfb_flow_offer(struct rfb_flow *flow, const struct rfb_wishes *wishes, struct rfb_buffer *out);

/* Whole messages of the client. False if it may not send them. */
bool rfb_flow_handle_fence(struct rfb_flow *flow, const uint8_t *message, struct rfb_buffer *out);
bool rfb_flow_handle_continuous(
	struct rfb_flow *flow, const uint8_t *message, struct rfb_buffer *out);

/* False: the client has enough to read. */
bool rfb_flow_is_open(const struct rfb_flow *flow);
/* An update was added to `out`. */
void rfb_flow_note_update(struct rfb_flow *flow, struct rfb_buffer *out);

#endif
