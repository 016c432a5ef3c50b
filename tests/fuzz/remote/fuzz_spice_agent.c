/* What SPICE clients say to the agent; the first byte says in which pieces it comes. */
#include <stdlib.h>
#include <string.h>

#include "remote/spice_agent.h"
#include "remote/spice_input.h"
#include "tests/fuzz/vmm/fuzz.h"

static void check(bool ok) {
	if (!ok) {
		abort();
	}
}

static void handle_text(void *data, const char *text, size_t size) {
	check(size <= SPICE_AGENT_TEXT_MAX && strlen(text) == size);
}

static void handle_pointed(
	void *data, uint32_t head, uint32_t x, uint32_t y, uint32_t buttons, int wheel) {
	check(wheel >= -1 && wheel <= 1 && buttons < 256);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	struct spice_agent agent = {.options = {.resize = true,
					    .clipboard = true,
					    .got_text = handle_text,
					    .pointed = handle_pointed}};
	struct spice_input input = {0};
	uint8_t out[1000];
	bool pressed;
	size_t most = size > 0 && bytes[0] > 0 ? bytes[0] : 1000;
	spice_agent_set_text(&agent, "ours", 4);
	for (size_t at = 1; at < size; at += most) {
		size_t count = size - at < most ? size - at : most;
		check(spice_agent_write(&agent, bytes + at, count) == (int)count);
		check(agent.queued <= SPICE_AGENT_QUEUE_MAX);
	}
	while (spice_agent_read(&agent, out, sizeof(out)) > 0) {
	}
	spice_agent_finish(&agent);
	for (size_t at = 0; at < size; at++) {
		check(spice_input_decode(&input, bytes[at], &pressed) < 256);
	}
	return 0;
}
