#include "remote/rfb_front.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define VERSION_SIZE 12 /* bytes */

enum { SECURITY_NONE = 1, SECURITY_VNC = 2 };

/* The handshake fits into any socket buffer: a client for which it doesn't is given up. */
static bool send_all(struct rfb_front *front, const void *bytes, size_t size) {
	return send(front->fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)size;
}

static bool send_u32(struct rfb_front *front, uint32_t value) {
	uint8_t bytes[] = {value >> 24, value >> 16, value >> 8, value};
	return send_all(front, bytes, sizeof(bytes));
}

bool rfb_front_init(struct rfb_front *front, int fd, bool password, const uint8_t *challenge) {
	*front = (struct rfb_front){.fd = fd, .state = RFB_FRONT_VERSION, .password = password};
	memcpy(front->challenge, challenge, sizeof(front->challenge));
	return send_all(front, "RFB 003.008\n", VERSION_SIZE);
}

static bool is_digit(uint8_t c) {
	return c >= '0' && c <= '9';
}

/* The minor version; -1 if these bytes are none of protocol 3. */
static int parse_version(const uint8_t *bytes) {
	if (memcmp(bytes, "RFB 003.", 8) != 0 || bytes[11] != '\n' || !is_digit(bytes[8]) ||
		!is_digit(bytes[9]) || !is_digit(bytes[10])) {
		return -1;
	}
	int minor = (bytes[8] - '0') * 100 + (bytes[9] - '0') * 10 + bytes[10] - '0';
	return minor >= 8 ? 8 : minor == 7 ? 7 : 3;
}

static bool begin_security(struct rfb_front *front) {
	front->state = front->password ? RFB_FRONT_RESPONSE : RFB_FRONT_VERDICT;
	return !front->password || send_all(front, front->challenge, sizeof(front->challenge));
}

static bool handle_version(struct rfb_front *front, const char **error) {
	front->minor = parse_version(front->buffer);
	if (front->minor < 0) {
		*error = "it doesn't speak RFB 3";
		return false;
	}
	uint8_t type = front->password ? SECURITY_VNC : SECURITY_NONE;
	if (front->minor == 3) {
		return send_u32(front, type) && begin_security(front);
	}
	uint8_t list[] = {1, type};
	front->state = RFB_FRONT_SECURITY;
	return send_all(front, list, sizeof(list));
}

static bool handle_security(struct rfb_front *front, const char **error) {
	if (front->buffer[0] != (front->password ? SECURITY_VNC : SECURITY_NONE)) {
		*error = "it chose a security type that wasn't offered";
		return false;
	}
	return begin_security(front);
}

static size_t step_size(enum rfb_front_state state) {
	switch (state) {
	case RFB_FRONT_VERSION:
		return VERSION_SIZE;
	case RFB_FRONT_SECURITY:
		return 1;
	case RFB_FRONT_RESPONSE:
		return VNC_CHALLENGE_SIZE;
	case RFB_FRONT_VERDICT:
	case RFB_FRONT_DONE:
		break;
	}
	return 0;
}

static bool handle_step(struct rfb_front *front, const char **error) {
	front->count = 0;
	switch (front->state) {
	case RFB_FRONT_VERSION:
		return handle_version(front, error);
	case RFB_FRONT_SECURITY:
		return handle_security(front, error);
	case RFB_FRONT_RESPONSE:
		front->state = RFB_FRONT_VERDICT;
		return true;
	case RFB_FRONT_VERDICT:
	case RFB_FRONT_DONE:
		break;
	}
	return true;
}

bool rfb_front_dispatch(struct rfb_front *front, const char **error) {
	*error = "it is gone";
	while (step_size(front->state) > 0) {
		ssize_t n = recv(front->fd, front->buffer + front->count,
			step_size(front->state) - front->count, MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			return true;
		}
		if (n <= 0) {
			return false;
		}
		front->count += n;
		if (front->count == step_size(front->state) && !handle_step(front, error)) {
			return false;
		}
	}
	return true;
}

bool rfb_front_accept(struct rfb_front *front) {
	front->state = RFB_FRONT_DONE;
	bool has_result = front->password || front->minor == 8;
	return !has_result || send_u32(front, 0);
}

void rfb_front_refuse(struct rfb_front *front, const char *reason) {
	front->state = RFB_FRONT_DONE;
	bool has_result = front->password || front->minor == 8;
	if (has_result && send_u32(front, 1) && front->minor == 8 &&
		send_u32(front, strlen(reason))) {
		send_all(front, reason, strlen(reason));
	}
}
