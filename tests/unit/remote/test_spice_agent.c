/* cmocka.h needs these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "remote/spice_agent.h"
#include "remote/spice_input.h"

#define SELECTION "\0\0\0\0" /* the clipboard, with its padding */
#define TEXT SELECTION "\1\0\0\0"
#define TEXT_SIZE 8

static struct spice_agent agent;
static char *got; /* the last text; NULL: none since */
static size_t got_size;
static char pointed[64];

static void handle_text(void *data, const char *text, size_t size) {
	free(got);
	got = strdup(text);
	got_size = size;
}

static void handle_pointed(
	void *data, uint32_t head, uint32_t x, uint32_t y, uint32_t buttons, int wheel) {
	snprintf(pointed, sizeof(pointed), "%u: %u,%u %u %d", head, x, y, buttons, wheel);
}

static int setup(void **state) {
	agent = (struct spice_agent){.options = {.resize = true,
					     .clipboard = true,
					     .got_text = handle_text,
					     .pointed = handle_pointed}};
	pointed[0] = '\0';
	return 0;
}

static int teardown(void **state) {
	spice_agent_finish(&agent);
	free(got);
	got = NULL;
	return 0;
}

struct piece {
	uint8_t bytes[100000];
	size_t size;
};

/* A message in chunks of `most` bytes. */
static void chunk(struct piece *out, uint32_t port, uint32_t type, const void *body, size_t size,
	size_t claimed, size_t most) {
	static uint8_t message[sizeof(VDAgentMessage) + 90000];
	VDAgentMessage head = {.protocol = VD_AGENT_PROTOCOL, .type = type, .size = claimed};
	memcpy(message, &head, sizeof(head));
	memcpy(message + sizeof(head), body, size);
	size += sizeof(head);
	for (size_t at = 0; at < size; at += most) {
		VDIChunkHeader header = {.port = port, .size = size - at < most ? size - at : most};
		memcpy(out->bytes + out->size, &header, sizeof(header));
		memcpy(out->bytes + out->size + sizeof(header), message + at, header.size);
		out->size += sizeof(header) + header.size;
	}
}

static void tell(uint32_t port, uint32_t type, const void *body, size_t size) {
	struct piece *piece = calloc(1, sizeof(*piece));
	chunk(piece, port, type, body, size, size, VD_AGENT_MAX_DATA_SIZE);
	assert_int_equal(spice_agent_write(&agent, piece->bytes, piece->size), piece->size);
	free(piece);
}

/* The next message to the clients, put together; its size, -1 if there is none. */
static int hear(uint32_t *type, uint8_t *body) {
	uint8_t message[sizeof(VDAgentMessage) + 90000];
	VDAgentMessage head;
	size_t size = 0;
	do {
		VDIChunkHeader header;
		if (spice_agent_read(&agent, (uint8_t *)&header, sizeof(header)) == 0) {
			return -1;
		}
		assert_int_equal(header.port, VDP_CLIENT_PORT);
		assert_in_range(header.size, 1, VD_AGENT_MAX_DATA_SIZE);
		assert_int_equal(
			spice_agent_read(&agent, message + size, header.size), header.size);
		size += header.size;
		memcpy(&head, message, sizeof(head));
	} while (size < sizeof(head) + head.size);
	*type = head.type;
	memcpy(body, message + sizeof(head), head.size);
	return head.size;
}

static void expect(uint32_t wanted, const void *bytes, size_t size) {
	static uint8_t body[90000];
	uint32_t type = 0;
	assert_int_equal(hear(&type, body), size);
	assert_int_equal(type, wanted);
	assert_memory_equal(body, bytes, size);
}

static void introduce(void) {
	uint32_t words[2] = {1, 1 << VD_AGENT_CAP_CLIPBOARD_SELECTION};
	uint32_t answer[2] = {0,
		1 << VD_AGENT_CAP_MONITORS_CONFIG | 1 << VD_AGENT_CAP_SPARSE_MONITORS_CONFIG |
			1 << VD_AGENT_CAP_CLIPBOARD_BY_DEMAND |
			1 << VD_AGENT_CAP_CLIPBOARD_SELECTION | 1 << VD_AGENT_CAP_MOUSE_STATE |
			1 << VD_AGENT_CAP_GUEST_LINEEND_LF};
	tell(VDP_CLIENT_PORT, VD_AGENT_ANNOUNCE_CAPABILITIES, words, sizeof(words));
	expect(VD_AGENT_ANNOUNCE_CAPABILITIES, answer, sizeof(answer));
}

static void test_client_copies(void **state) {
	introduce();
	tell(VDP_CLIENT_PORT, VD_AGENT_CLIPBOARD_GRAB, TEXT, TEXT_SIZE);
	expect(VD_AGENT_CLIPBOARD_REQUEST, TEXT, TEXT_SIZE);
	tell(VDP_CLIENT_PORT, VD_AGENT_CLIPBOARD, TEXT "gr\303\274n", TEXT_SIZE + 5);
	assert_string_equal(got, "gr\303\274n");
	assert_int_equal(got_size, 5);
	/* Pictures, and X's other selection, are of no interest. */
	tell(VDP_CLIENT_PORT, VD_AGENT_CLIPBOARD_GRAB, SELECTION "\2\0\0\0", TEXT_SIZE);
	tell(VDP_CLIENT_PORT, VD_AGENT_CLIPBOARD_GRAB, "\1\0\0\0\1\0\0\0", TEXT_SIZE);
	uint32_t type;
	uint8_t body[64];
	assert_int_equal(hear(&type, body), -1);
}

static void test_client_pastes(void **state) {
	static uint8_t text[TEXT_SIZE + SPICE_AGENT_TEXT_MAX];
	memset(text, 'x', sizeof(text));
	memcpy(text, TEXT, TEXT_SIZE);
	introduce();
	tell(VDP_CLIENT_PORT, VD_AGENT_CLIPBOARD_REQUEST, TEXT, TEXT_SIZE);
	expect(VD_AGENT_CLIPBOARD, SELECTION SELECTION, TEXT_SIZE); /* there is none */
	spice_agent_set_text(&agent, (char *)text + TEXT_SIZE, SPICE_AGENT_TEXT_MAX);
	expect(VD_AGENT_CLIPBOARD_GRAB, TEXT, TEXT_SIZE);
	tell(VDP_CLIENT_PORT, VD_AGENT_CLIPBOARD_REQUEST, TEXT, TEXT_SIZE);
	expect(VD_AGENT_CLIPBOARD, text, sizeof(text));
	spice_agent_set_text(&agent, (char *)text, SPICE_AGENT_TEXT_MAX + 1); /* too long */
	expect(VD_AGENT_CLIPBOARD_RELEASE, SELECTION, 4);
}

static void test_queue_is_bounded(void **state) {
	static char text[SPICE_AGENT_TEXT_MAX];
	memset(text, 'x', sizeof(text));
	introduce();
	spice_agent_set_text(&agent, text, sizeof(text));
	for (int i = 0; i < 100; i++) {
		tell(VDP_CLIENT_PORT, VD_AGENT_CLIPBOARD_REQUEST, TEXT, TEXT_SIZE);
		assert_in_range(agent.queued, 1, SPICE_AGENT_QUEUE_MAX);
	}
}

static void test_any_cut(void **state) {
	struct piece *piece = calloc(1, sizeof(*piece));
	introduce();
	chunk(piece, VDP_CLIENT_PORT, VD_AGENT_CLIPBOARD, TEXT "hello", TEXT_SIZE + 5,
		TEXT_SIZE + 5, 7);
	for (size_t cut = 1; cut < piece->size; cut++) {
		free(got);
		got = NULL;
		spice_agent_write(&agent, piece->bytes, cut);
		assert_null(got);
		spice_agent_write(&agent, piece->bytes + cut, piece->size - cut);
		assert_string_equal(got, "hello");
	}
	free(piece);
}

static void test_wrong_messages(void **state) {
	static uint8_t long_text[TEXT_SIZE + SPICE_AGENT_TEXT_MAX + 1];
	struct piece *piece = calloc(1, sizeof(*piece));
	memset(long_text, 'x', sizeof(long_text));
	memcpy(long_text, TEXT, TEXT_SIZE);
	introduce();
	tell(VDP_CLIENT_PORT, VD_AGENT_CLIPBOARD, long_text, sizeof(long_text));
	tell(VDP_CLIENT_PORT, VD_AGENT_CLIPBOARD, TEXT "a\0b", TEXT_SIZE + 3);
	tell(VDP_CLIENT_PORT, VD_AGENT_CLIPBOARD, SELECTION "\2\0\0\0x", TEXT_SIZE + 1);
	for (size_t size = 0; size < TEXT_SIZE; size++) {
		tell(VDP_CLIENT_PORT, VD_AGENT_CLIPBOARD, TEXT, size);
		tell(VDP_CLIENT_PORT, VD_AGENT_CLIPBOARD_GRAB, TEXT, size);
		tell(VDP_CLIENT_PORT, VD_AGENT_ANNOUNCE_CAPABILITIES, TEXT, size);
		tell(VDP_SERVER_PORT, VD_AGENT_MOUSE_STATE, TEXT, size);
	}
	tell(VDP_CLIENT_PORT, 12345, "x", 1);
	assert_null(got);
	assert_string_equal(pointed, "");
	/* One that claims to be huge is passed over; the next one is heard. */
	chunk(piece, VDP_CLIENT_PORT, VD_AGENT_CLIPBOARD, long_text, 50000, 70000, 2048);
	spice_agent_write(&agent, piece->bytes, piece->size);
	assert_null(agent.ports[0].bytes);
	uint8_t rest[sizeof(VDIChunkHeader) + 20000] = {0};
	VDIChunkHeader header = {.port = VDP_CLIENT_PORT, .size = 20000};
	memcpy(rest, &header, sizeof(header));
	spice_agent_write(&agent, rest, sizeof(rest));
	introduce();
	tell(VDP_CLIENT_PORT, VD_AGENT_CLIPBOARD, TEXT "ok", TEXT_SIZE + 2);
	assert_string_equal(got, "ok");
	free(piece);
}

static void test_pointer(void **state) {
	VDAgentMouseState mouse = {.x = 5,
		.y = 7,
		.display_id = 2,
		.buttons = VD_AGENT_LBUTTON_MASK | VD_AGENT_EBUTTON_MASK | VD_AGENT_DBUTTON_MASK};
	tell(VDP_SERVER_PORT, VD_AGENT_MOUSE_STATE, &mouse, sizeof(mouse));
	assert_string_equal(pointed, "2: 5,7 129 1");
	tell(VDP_SERVER_PORT, VD_AGENT_MOUSE_STATE, &mouse, sizeof(mouse));
	assert_string_equal(pointed, "2: 5,7 129 0"); /* the wheel's step is the same one */
	pointed[0] = '\0';
	tell(VDP_CLIENT_PORT, VD_AGENT_MOUSE_STATE, &mouse, sizeof(mouse));
	assert_string_equal(pointed, ""); /* clients have no say in that */
}

static void test_keys(void **state) {
	static const struct {
		const char *bytes;
		size_t size;
		uint32_t qnum;
		bool pressed;
	} cases[] = {
		{"\x1e", 1, 0x1e, true},
		{"\x9e", 1, 0x1e, false},
		{"\xe0\x4b", 2, 0xcb, true},
		{"\xe0\xcb", 2, 0xcb, false},
		{"\xe1\x1d\x45", 3, 0xc6, true},
		{"\xe1\x9d\xc5", 3, 0xc6, false},
		{"\xe1\x1d\x1e", 3, 0, false},
		{"\xe1\x1e", 2, 0, false},
		{"\xe0\x2a", 2, 0, false},
		{"\xe0\xb6", 2, 0, false},
		{"\x80", 1, 0, false},
		{"\xe0\x80", 2, 0, false},
		{"\xe0\xe0\x1c", 3, 0x9c, true},
		{"\xe1\xe0\x1c", 3, 0x9c, true},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct spice_input input = {0};
		uint32_t qnum = 0;
		bool pressed = false;
		for (size_t at = 0; at < cases[i].size; at++) {
			assert_int_equal(qnum, 0);
			qnum = spice_input_decode(&input, cases[i].bytes[at], &pressed);
		}
		assert_int_equal(qnum, cases[i].qnum);
		if (qnum) {
			assert_int_equal(pressed, cases[i].pressed);
		}
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_client_copies, setup, teardown),
		cmocka_unit_test_setup_teardown(test_client_pastes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_queue_is_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_any_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrong_messages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pointer, setup, teardown),
		cmocka_unit_test(test_keys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
