/* A browser's bytes: requests until one asks for a WebSocket, then frames. */
#include "tests/fuzz/vmm/fuzz.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "remote/web_frames.h"
#include "remote/web_request.h"

static void check(bool condition) {
	if (!condition) {
		abort();
	}
}

static void read_frames(uint8_t *bytes, size_t count) {
	struct web_frames frames = {0};
	enum web_frames_event event = WEB_FRAMES_SHORT;
	while (count > 0 && event != WEB_FRAMES_BAD && event != WEB_FRAMES_CLOSE) {
		uint8_t *data = NULL;
		uint16_t code = 0;
		size_t used, size = 0, step = count < 7 ? count : 7;
		const char *error = NULL;
		event = web_frames_next(&frames, bytes, step, &used, &data, &size, &code, &error);
		check(event == WEB_FRAMES_BAD || used > 0);
		check(used <= step && frames.control_count <= WEB_CONTROL_MAX);
		check(event != WEB_FRAMES_BAD || (code >= 1002 && error));
		check(event != WEB_FRAMES_DATA || (data >= bytes && data + size <= bytes + step));
		check(frames.message <= WEB_MESSAGE_MAX);
		bytes += used;
		count -= used;
	}
}

/* How many bytes it took; 0: no more is to be read. */
static size_t read_request(char *bytes, size_t count, bool *upgrade) {
	struct web_request request;
	size_t size = 0;
	int status = 0;
	const char *error = NULL;
	char value[64];
	enum web_request_verdict verdict =
		web_request_parse(&request, bytes, count, &size, &status, &error);
	if (verdict != WEB_REQUEST_WHOLE) {
		check(verdict != WEB_REQUEST_BAD || (status >= 400 && error));
		return 0;
	}
	check(size <= count && request.content_length <= WEB_BODY_MAX);
	check(request.path[0] == '/' && request.host[0]);
	web_origin_is_own(&request, true);
	web_host_is_literal(request.host);
	if (request.socket_key) {
		char accept[WEB_ACCEPT_SIZE];
		web_socket_accept(request.socket_key, accept);
	}
	size_t body = count - size;
	body = body < request.content_length ? body : request.content_length;
	if (web_form_get(bytes + size, body, "user", value, sizeof(value))) {
		check(strlen(value) < sizeof(value));
	}
	*upgrade = request.upgrade;
	return size + body;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	char *copy = malloc(size + 1), *rest = copy;
	bool upgrade = false;
	size_t used = 1;
	if (!copy) {
		return 0;
	}
	memcpy(copy, bytes, size);
	if (size > 0 && (copy[0] & 0x70) == 0) { /* a frame without the requests */
		upgrade = true;
	}
	while (!upgrade && used > 0) {
		used = read_request(rest, size, &upgrade);
		rest += used;
		size -= used;
	}
	if (upgrade) {
		read_frames((uint8_t *)rest, size);
	}
	free(copy);
	return 0;
}
