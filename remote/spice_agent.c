#include "remote/spice_agent.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "remote/spice_input.h"
#include "util/log.h"
#include "util/mem.h"

#define MESSAGE_MAX (sizeof(VDAgentMessage) + 8 + SPICE_AGENT_TEXT_MAX)
#define SELECTION_SIZE 4 /* bytes: one that tells, three of padding */

/* To the clients */

static void append(struct spice_agent *agent, const void *bytes, size_t size) {
	memcpy(agent->queue + agent->queued, bytes, size);
	agent->queued += size;
}

static bool reserve(struct spice_agent *agent, size_t size) {
	size_t chunks = size / VD_AGENT_MAX_DATA_SIZE + 1;
	size_t more = size + chunks * sizeof(VDIChunkHeader);
	if (agent->queued - agent->taken + more > SPICE_AGENT_QUEUE_MAX) {
		log_debug("the clients don't read what the agent says");
		return false;
	}
	if (agent->taken > 0) {
		memmove(agent->queue, agent->queue + agent->taken, agent->queued - agent->taken);
		agent->queued -= agent->taken;
		agent->taken = 0;
	}
	agent->queue = xreallocarray(agent->queue, 1, agent->queued + more);
	return true;
}

/* One message, of two parts, cut into chunks. */
static void say(struct spice_agent *agent, uint32_t type, const void *head, size_t head_size,
	const void *body, size_t body_size) {
	VDAgentMessage message = {.protocol = htole32(VD_AGENT_PROTOCOL),
		.type = htole32(type),
		.size = htole32(head_size + body_size)};
	size_t size = sizeof(message) + head_size + body_size;
	if (!reserve(agent, size)) {
		return;
	}
	uint8_t *bytes = xcalloc(1, size);
	memcpy(bytes, &message, sizeof(message));
	memcpy(bytes + sizeof(message), head, head_size);
	if (body_size > 0) {
		memcpy(bytes + sizeof(message) + head_size, body, body_size);
	}
	for (size_t at = 0; at < size; at += VD_AGENT_MAX_DATA_SIZE) {
		size_t left = size - at;
		left = left < VD_AGENT_MAX_DATA_SIZE ? left : VD_AGENT_MAX_DATA_SIZE;
		VDIChunkHeader chunk = {.port = VDP_CLIENT_PORT, .size = left};
		append(agent, &chunk, sizeof(chunk));
		append(agent, bytes + at, left);
	}
	free(bytes);
	if (agent->is_added) {
		spice_server_char_device_wakeup(&agent->device);
	}
}

int spice_agent_read(struct spice_agent *agent, uint8_t *bytes, int size) {
	size_t left = agent->queued - agent->taken;
	size_t count = size < 0 ? 0 : (size_t)size < left ? (size_t)size : left;
	if (count == 0) {
		return 0;
	}
	memcpy(bytes, agent->queue + agent->taken, count);
	agent->taken += count;
	if (agent->taken == agent->queued) {
		free(agent->queue);
		agent->queue = NULL;
		agent->queued = agent->taken = 0;
	}
	return count;
}

static void add_capability(uint32_t *capabilities, unsigned int number) {
	*capabilities |= htole32(1u << number);
}

static void announce(struct spice_agent *agent, bool ask) {
	uint32_t answer[2] = {htole32(ask)};
	if (agent->options.resize) {
		add_capability(&answer[1], VD_AGENT_CAP_MONITORS_CONFIG);
		add_capability(&answer[1], VD_AGENT_CAP_SPARSE_MONITORS_CONFIG);
	}
	if (agent->options.clipboard) {
		add_capability(&answer[1], VD_AGENT_CAP_CLIPBOARD_BY_DEMAND);
		add_capability(&answer[1], VD_AGENT_CAP_CLIPBOARD_SELECTION);
	}
	if (agent->options.pointed) {
		add_capability(&answer[1], VD_AGENT_CAP_MOUSE_STATE);
	}
	add_capability(&answer[1], VD_AGENT_CAP_GUEST_LINEEND_LF);
	say(agent, VD_AGENT_ANNOUNCE_CAPABILITIES, answer, sizeof(answer), NULL, 0);
}

/* Says which clipboard is meant, if clients know of several, and a number. */
static void say_of_clipboard(struct spice_agent *agent, uint32_t type, const uint32_t *number,
	const void *body, size_t body_size) {
	uint8_t head[SELECTION_SIZE + sizeof(uint32_t)] = {VD_AGENT_CLIPBOARD_SELECTION_CLIPBOARD};
	size_t size = agent->has_selection ? SELECTION_SIZE : 0;
	if (number) {
		uint32_t value = htole32(*number);
		memcpy(head + size, &value, sizeof(value));
		size += sizeof(value);
	}
	say(agent, type, head, size, body, body_size);
}

static const uint32_t text_type = VD_AGENT_CLIPBOARD_UTF8_TEXT;

static void offer(struct spice_agent *agent) {
	if (agent->text) {
		say_of_clipboard(agent, VD_AGENT_CLIPBOARD_GRAB, &text_type, NULL, 0);
	} else {
		say_of_clipboard(agent, VD_AGENT_CLIPBOARD_RELEASE, NULL, NULL, 0);
	}
}

static void set_text(struct spice_agent *agent, const char *text, size_t size) {
	if (agent->text) {
		explicit_bzero(agent->text, agent->text_size);
	}
	free(agent->text);
	agent->text = NULL;
	agent->text_size = text ? size : 0;
	if (text) {
		agent->text = xcalloc(1, size + 1);
		memcpy(agent->text, text, size);
	}
}

void spice_agent_set_text(struct spice_agent *agent, const char *text, size_t size) {
	bool fits = text && size <= SPICE_AGENT_TEXT_MAX;
	if (agent->options.clipboard && (fits || agent->text)) {
		set_text(agent, fits ? text : NULL, size);
		offer(agent);
	}
}

/* From them */

static uint32_t read_number(const uint8_t *bytes) {
	uint32_t number;
	memcpy(&number, bytes, sizeof(number));
	return le32toh(number);
}

static void handle_capabilities(struct spice_agent *agent, const uint8_t *bytes, size_t size) {
	if (size < 2 * sizeof(uint32_t)) {
		return;
	}
	agent->has_selection = read_number(bytes + 4) & 1u << VD_AGENT_CAP_CLIPBOARD_SELECTION;
	if (read_number(bytes)) {
		announce(agent, false);
	}
	if (agent->text) {
		offer(agent); /* to whoever has just come */
	}
}

static void handle_grab(struct spice_agent *agent, const uint8_t *types, size_t size) {
	for (size_t at = 0; at + sizeof(uint32_t) <= size; at += sizeof(uint32_t)) {
		if (read_number(types + at) == text_type) {
			set_text(agent, NULL, 0); /* the clipboard is a client's now */
			say_of_clipboard(agent, VD_AGENT_CLIPBOARD_REQUEST, &text_type, NULL, 0);
			return;
		}
	}
}

static void handle_request(struct spice_agent *agent, const uint8_t *bytes, size_t size) {
	static const uint32_t nothing = VD_AGENT_CLIPBOARD_NONE;
	bool known = size >= sizeof(uint32_t) && read_number(bytes) == text_type && agent->text;
	say_of_clipboard(agent, VD_AGENT_CLIPBOARD, known ? &text_type : &nothing,
		known ? agent->text : NULL, known ? agent->text_size : 0);
}

static void handle_text(struct spice_agent *agent, const uint8_t *bytes, size_t size) {
	if (size < sizeof(uint32_t) || read_number(bytes) != text_type) {
		return;
	}
	size_t length = size - sizeof(uint32_t);
	if (length > SPICE_AGENT_TEXT_MAX ||
		memchr(bytes + sizeof(uint32_t), '\0', length) != NULL) {
		log_info("a client's clipboard is too long, or no text");
		return;
	}
	char *text = xcalloc(1, length + 1);
	memcpy(text, bytes + sizeof(uint32_t), length);
	agent->options.got_text(agent->options.data, text, length);
	free(text);
}

static void handle_clipboard(
	struct spice_agent *agent, uint32_t type, const uint8_t *bytes, size_t size) {
	if (agent->has_selection) {
		if (size < SELECTION_SIZE || bytes[0] != VD_AGENT_CLIPBOARD_SELECTION_CLIPBOARD) {
			return;
		}
		bytes += SELECTION_SIZE;
		size -= SELECTION_SIZE;
	}
	if (type == VD_AGENT_CLIPBOARD_GRAB) {
		handle_grab(agent, bytes, size);
	} else if (type == VD_AGENT_CLIPBOARD_REQUEST) {
		handle_request(agent, bytes, size);
	} else {
		handle_text(agent, bytes, size);
	}
}

/* Of the server's port: the library's own words for what a client's pointer did. */
static void handle_mouse(struct spice_agent *agent, const uint8_t *bytes, size_t size) {
	static const struct {
		uint32_t mask, button;
	} buttons[] = {{VD_AGENT_LBUTTON_MASK, SPICE_INPUT_LEFT},
		{VD_AGENT_MBUTTON_MASK, SPICE_INPUT_MIDDLE},
		{VD_AGENT_RBUTTON_MASK, SPICE_INPUT_RIGHT},
		{VD_AGENT_SBUTTON_MASK, SPICE_INPUT_SIDE},
		{VD_AGENT_EBUTTON_MASK, SPICE_INPUT_EXTRA}};
	VDAgentMouseState state;
	uint32_t pressed = 0, wheel;
	if (size < sizeof(state) || !agent->options.pointed) {
		return;
	}
	memcpy(&state, bytes, sizeof(state));
	for (size_t i = 0; i < sizeof(buttons) / sizeof(buttons[0]); i++) {
		pressed |= state.buttons & buttons[i].mask ? buttons[i].button : 0;
	}
	wheel = state.buttons & (VD_AGENT_UBUTTON_MASK | VD_AGENT_DBUTTON_MASK);
	uint32_t turned = wheel & ~agent->wheel;
	agent->wheel = wheel;
	agent->options.pointed(agent->options.data, state.display_id, state.x, state.y, pressed,
		turned & VD_AGENT_UBUTTON_MASK           ? -1
			: turned & VD_AGENT_DBUTTON_MASK ? 1
							 : 0);
}

static void handle_message(
	struct spice_agent *agent, uint32_t type, const uint8_t *bytes, size_t size) {
	switch (type) {
	case VD_AGENT_ANNOUNCE_CAPABILITIES:
		handle_capabilities(agent, bytes, size);
		break;
	case VD_AGENT_CLIPBOARD_GRAB:
	case VD_AGENT_CLIPBOARD_REQUEST:
	case VD_AGENT_CLIPBOARD:
		if (agent->options.clipboard) {
			handle_clipboard(agent, type, bytes, size);
		}
		break;
	}
}

static void forget_message(struct spice_agent_port *port) {
	free(port->bytes);
	*port = (struct spice_agent_port){0};
}

/* Takes what belongs to the message at hand; returns the number of bytes. */
static size_t take(struct spice_agent *agent, struct spice_agent_port *port, const uint8_t *bytes,
	size_t size) {
	VDAgentMessage message;
	size_t wanted = sizeof(message);
	if (port->skip > 0) {
		size = size < port->skip ? size : port->skip;
		port->skip -= size;
		return size;
	}
	if (port->size >= sizeof(message)) {
		memcpy(&message, port->bytes, sizeof(message));
		wanted += le32toh(message.size);
	}
	size = size < wanted - port->size ? size : wanted - port->size;
	port->bytes = xreallocarray(port->bytes, 1, port->size + size + 1);
	memcpy(port->bytes + port->size, bytes, size);
	port->size += size;
	if (port->size < sizeof(message)) {
		return size;
	}
	memcpy(&message, port->bytes, sizeof(message));
	size_t body = le32toh(message.size);
	if (body > MESSAGE_MAX - sizeof(message)) {
		log_info("a client's message to the agent is too long: %zu bytes", body);
		forget_message(port);
		port->skip = body;
	} else if (port->size == sizeof(message) + body) {
		uint32_t type = le32toh(message.type);
		if (port == &agent->ports[0]) {
			handle_message(agent, type, port->bytes + sizeof(message), body);
		} else if (type == VD_AGENT_MOUSE_STATE) {
			handle_mouse(agent, port->bytes + sizeof(message), body);
		}
		forget_message(port);
	}
	return size;
}

static size_t take_chunk_head(struct spice_agent *agent, const uint8_t *bytes, size_t size) {
	size_t left = sizeof(agent->chunk) - agent->chunk_read;
	size = size < left ? size : left;
	memcpy((uint8_t *)&agent->chunk + agent->chunk_read, bytes, size);
	agent->chunk_read += size;
	return size;
}

int spice_agent_write(struct spice_agent *agent, const uint8_t *bytes, int size) {
	int at = 0;
	while (at < size) {
		if (agent->chunk_read < sizeof(agent->chunk)) {
			at += take_chunk_head(agent, bytes + at, size - at);
		} else {
			uint32_t left = agent->chunk.size;
			left = left < (uint32_t)(size - at) ? left : (uint32_t)(size - at);
			left = take(agent, &agent->ports[agent->chunk.port != VDP_CLIENT_PORT],
				bytes + at, left);
			agent->chunk.size -= left;
			at += left;
		}
		if (agent->chunk_read == sizeof(agent->chunk) && agent->chunk.size == 0) {
			agent->chunk_read = 0;
		}
	}
	return size;
}

/* The device */

static struct spice_agent *agent_of(SpiceCharDeviceInstance *device) {
	return (struct spice_agent *)((char *)device - offsetof(struct spice_agent, device));
}

static void forget_all(struct spice_agent *agent) {
	agent->chunk_read = 0;
	forget_message(&agent->ports[0]);
	forget_message(&agent->ports[1]);
	free(agent->queue);
	agent->queue = NULL;
	agent->queued = agent->taken = 0;
}

static void device_state(SpiceCharDeviceInstance *device, int connected) {
	if (!connected) {
		forget_all(agent_of(device));
	}
}

static int device_write(SpiceCharDeviceInstance *device, const uint8_t *bytes, int size) {
	return spice_agent_write(agent_of(device), bytes, size);
}

static int device_read(SpiceCharDeviceInstance *device, uint8_t *bytes, int size) {
	return spice_agent_read(agent_of(device), bytes, size);
}

static void device_event(SpiceCharDeviceInstance *device, uint8_t event) {
	/* for ports, which this isn't */
}

static const SpiceCharDeviceInterface device_interface = {
	.base.type = SPICE_INTERFACE_CHAR_DEVICE,
	.base.description = "mullion",
	.base.major_version = SPICE_INTERFACE_CHAR_DEVICE_MAJOR,
	.base.minor_version = SPICE_INTERFACE_CHAR_DEVICE_MINOR,
	.state = device_state,
	.write = device_write,
	.read = device_read,
	.event = device_event,
};

bool spice_agent_init(
	struct spice_agent *agent, SpiceServer *server, const struct spice_agent_options *options) {
	*agent = (struct spice_agent){.options = *options};
	agent->device.base.sif = &device_interface.base;
	agent->device.subtype = "vdagent";
	if (!options->resize && !options->clipboard && !options->pointed) {
		return true;
	}
	if (spice_server_add_interface(server, &agent->device.base) != 0) {
		log_error("can't add an agent to the SPICE server");
		return false;
	}
	agent->is_added = true;
	return true;
}

void spice_agent_finish(struct spice_agent *agent) {
	forget_all(agent);
	set_text(agent, NULL, 0);
}
