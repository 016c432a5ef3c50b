#include "remote/rfb_flow.h"

#include "remote/rfb_buffer.h"
#include "remote/rfb_message.h"

enum fence_flag { /* those that we keep to: messages are handled one after the other */
	FENCE_BLOCK_BEFORE = 1 << 0,
	FENCE_BLOCK_AFTER = 1 << 1,
	FENCE_SYNC_NEXT = 1 << 2,
};
#define FENCE_REQUEST (1u << 31)
#define UPDATE_MARK 1 /* the payload of fences behind updates */

static uint16_t read_u16(const uint8_t *bytes) {
	return bytes[0] << 8 | bytes[1];
}

static void add_fence(
	struct rfb_buffer *out, uint32_t flags, const uint8_t *payload, uint8_t length) {
	rfb_buffer_add_u32(out, (uint32_t)RFB_MESSAGE_FENCE << 24);
	rfb_buffer_add_u32(out, flags);
	rfb_buffer_add_u8(out, length);
	rfb_buffer_add(out, payload, length);
}

void rfb_flow_offer(
	struct rfb_flow *flow, const struct rfb_wishes *wishes, struct rfb_buffer *out) {
	if (wishes->fence && !flow->fence) {
		add_fence(out, FENCE_REQUEST, NULL, 0);
		flow->fence = true;
	}
	if (wishes->continuous_updates && flow->fence && !flow->continuous_updates) {
		rfb_buffer_add_u8(out, RFB_MESSAGE_CONTINUOUS);
		flow->continuous_updates = true;
	}
}

bool rfb_flow_handle_fence(struct rfb_flow *flow, const uint8_t *message, struct rfb_buffer *out) {
	uint32_t flags = (uint32_t)message[4] << 24 | message[7];
	uint8_t length = message[8];
	if (!flow->fence) {
		return false;
	}
	if (flags & FENCE_REQUEST) {
		flags &= FENCE_BLOCK_BEFORE | FENCE_BLOCK_AFTER | FENCE_SYNC_NEXT;
		add_fence(out, flags, message + 9, length);
	} else if (length == 1 && message[9] == UPDATE_MARK && flow->unanswered > 0) {
		flow->unanswered--;
	}
	return true;
}

bool rfb_flow_handle_continuous(
	struct rfb_flow *flow, const uint8_t *message, struct rfb_buffer *out) {
	if (!flow->continuous_updates) {
		return false;
	}
	if (flow->is_continuous && !message[1]) {
		rfb_buffer_add_u8(out, RFB_MESSAGE_CONTINUOUS);
	}
	flow->is_continuous = message[1];
	flow->area = (rfbRectangle){read_u16(message + 2), read_u16(message + 4),
		read_u16(message + 6), read_u16(message + 8)};
	return true;
}

bool rfb_flow_is_open(const struct rfb_flow *flow) {
	return flow->unanswered < RFB_FLOW_UNANSWERED_MAX;
}

void rfb_flow_note_update(struct rfb_flow *flow, struct rfb_buffer *out) {
	static const uint8_t mark = UPDATE_MARK;
	if (flow->is_continuous) {
		add_fence(out, FENCE_REQUEST | FENCE_BLOCK_BEFORE, &mark, sizeof(mark));
		flow->unanswered++;
	}
}
