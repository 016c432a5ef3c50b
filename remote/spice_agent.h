/* The agent that SPICE clients expect within a guest, answered by ourselves: it carries their
 * clipboard's text, and by being there makes them ask for sizes (spice_head.h). All clients talk
 * with the same agent, and what it says goes to all. */
#ifndef REMOTE_SPICE_AGENT_H
#define REMOTE_SPICE_AGENT_H

#include <spice.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SPICE_AGENT_TEXT_MAX 65536 /* bytes; longer texts are dropped */
#define SPICE_AGENT_QUEUE_MAX 262144 /* bytes that clients haven't read; then we say no more */

struct spice_agent_options {
	bool resize, clipboard;
	/* A client copied this; UTF-8, without a NUL in it, and terminated. May be NULL without a
	 * clipboard. */
	void (*got_text)(void *data, const char *text, size_t size);
	/* Where the pointer is on which head, with the buttons as struct spice_input has them; NULL
	 * if a tablet does that (the library has one for one head only). */
	void (*pointed)(
		void *data, uint32_t head, uint32_t x, uint32_t y, uint32_t buttons, int wheel);
	void *data;
};

/* What is said to one of two ports, in pieces. */
struct spice_agent_port {
	uint8_t *bytes; /* of the message, as far as it came */
	size_t size;
	uint64_t skip; /* bytes to come of a message that is too long */
};

struct spice_agent {
	struct spice_agent_options options;
	SpiceCharDeviceInstance device;
	bool is_added;
	/* private */
	VDIChunkHeader chunk; /* being read */
	size_t chunk_read; /* bytes of its head */
	struct spice_agent_port ports[2]; /* the clients', the server's */
	uint8_t *queue; /* what the library hasn't read yet */
	size_t queued, taken; /* bytes; from `taken` on */
	char *text; /* ours, to be pasted by clients; NULL: none */
	size_t text_size; /* bytes */
	uint32_t wheel; /* the buttons of its steps that are down */
	bool has_selection; /* clients name which of X's clipboards they mean */
};

/* Adds the agent to the server; nothing happens if it would have nothing to do. False after a log
 * line. */
bool spice_agent_init(
	struct spice_agent *agent, SpiceServer *server, const struct spice_agent_options *options);
void spice_agent_finish(struct spice_agent *agent);

/* What clients can paste from now on; copied. NULL: nothing. */
void spice_agent_set_text(struct spice_agent *agent, const char *text, size_t size);

/* The library's calls: bytes from clients, and to them. */
int spice_agent_write(struct spice_agent *agent, const uint8_t *bytes, int size);
int spice_agent_read(struct spice_agent *agent, uint8_t *bytes, int size);

#endif
