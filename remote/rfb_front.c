#include "remote/rfb_front.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define VERSION_SIZE 12 /* bytes */

enum { SECURITY_INVALID = 0, SECURITY_NONE = 1, SECURITY_VNC = 2, SECURITY_VENCRYPT = 19 };
enum { VENCRYPT_X509_VNC = 261, VENCRYPT_X509_PLAIN = 262 };

static const uint8_t vencrypt_version[] = {0, 2};

/* The handshake fits into any socket buffer: a client for which it doesn't is given up. */
static bool send_all(struct rfb_front *front, const void *bytes, size_t size) {
	return stream_write(front->stream, bytes, size) == (ssize_t)size;
}

static void put_u32(uint8_t *bytes, uint32_t value) {
	bytes[0] = value >> 24;
	bytes[1] = value >> 16;
	bytes[2] = value >> 8;
	bytes[3] = value;
}

static uint32_t get_u32(const uint8_t *bytes) {
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
		bytes[3];
}

static bool send_u32(struct rfb_front *front, uint32_t value) {
	uint8_t bytes[4];
	put_u32(bytes, value);
	return send_all(front, bytes, sizeof(bytes));
}

bool rfb_front_greet(int fd) {
	return send(fd, "RFB 003.008\n", VERSION_SIZE, MSG_NOSIGNAL | MSG_DONTWAIT) == VERSION_SIZE;
}

void rfb_front_init(
	struct rfb_front *front, struct stream *stream, const struct rfb_front_terms *terms) {
	*front = (struct rfb_front){.stream = stream, .terms = *terms};
}

void rfb_front_forget(struct rfb_front *front) {
	explicit_bzero(front->buffer, sizeof(front->buffer));
}

void rfb_front_finish(struct rfb_front *front) {
	rfb_front_forget(front);
	stream_destroy(front->stream);
	front->stream = NULL;
}

/* Version and security type */

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

static uint8_t security_type(const struct rfb_front *front) {
	switch (front->terms.kind) {
	case RFB_FRONT_OPEN:
		return SECURITY_NONE;
	case RFB_FRONT_PASSWORD:
		return SECURITY_VNC;
	case RFB_FRONT_USERS:
		break;
	}
	return SECURITY_VENCRYPT;
}

static bool send_reason(struct rfb_front *front, const char *reason) {
	return send_u32(front, strlen(reason)) && send_all(front, reason, strlen(reason));
}

static bool begin_response(struct rfb_front *front) {
	front->state = RFB_FRONT_RESPONSE;
	return send_all(front, front->terms.challenge, sizeof(front->terms.challenge));
}

static bool begin_security(struct rfb_front *front) {
	switch (front->terms.kind) {
	case RFB_FRONT_OPEN:
		front->state = RFB_FRONT_VERDICT;
		return true;
	case RFB_FRONT_PASSWORD:
		return begin_response(front);
	case RFB_FRONT_USERS:
		break;
	}
	front->state = RFB_FRONT_VENCRYPT_VERSION;
	return send_all(front, vencrypt_version, sizeof(vencrypt_version));
}

static bool handle_version(struct rfb_front *front, const char **error) {
	front->minor = parse_version(front->buffer);
	if (front->minor < 0) {
		*error = "it doesn't speak RFB 3";
		return false;
	}
	uint8_t type = security_type(front);
	if (front->minor == 3 && type == SECURITY_VENCRYPT) {
		*error = "its version of RFB, 3.3, can't encrypt";
		(void)(send_u32(front, SECURITY_INVALID) &&
			send_reason(front, "this server asks for encryption: RFB 3.7 or later"));
		return false;
	}
	if (front->minor == 3) {
		return send_u32(front, type) && begin_security(front);
	}
	uint8_t list[] = {1, type};
	front->state = RFB_FRONT_SECURITY;
	return send_all(front, list, sizeof(list));
}

static bool handle_security(struct rfb_front *front, const char **error) {
	if (front->buffer[0] != security_type(front)) {
		*error = "it chose a security type that wasn't offered";
		return false;
	}
	return begin_security(front);
}

/* VeNCrypt */

static bool handle_vencrypt_version(struct rfb_front *front, const char **error) {
	static const uint8_t wrong = 255;
	uint8_t answer[2 + 2 * 4] = {0, front->terms.x509_vnc ? 2 : 1};
	if (memcmp(front->buffer, vencrypt_version, sizeof(vencrypt_version)) != 0) {
		*error = "it chose another version of VeNCrypt than 0.2";
		send_all(front, &wrong, 1);
		return false;
	}
	put_u32(answer + 2, VENCRYPT_X509_PLAIN);
	put_u32(answer + 6, VENCRYPT_X509_VNC);
	front->state = RFB_FRONT_VENCRYPT_TYPE;
	return send_all(front, answer, front->terms.x509_vnc ? 10 : 6);
}

/* What came in the clear with its choice may be an attacker's, who hopes that it is taken for the
 * client's. */
static bool is_quiet(const struct rfb_front *front) {
	int available = 0;
	return ioctl(front->stream->fd, FIONREAD, &available) == 0 && available == 0;
}

static bool begin_tls(struct rfb_front *front, const char **error) {
	static const uint8_t yes = 1;
	if (!is_quiet(front)) {
		*error = "it sent bytes in the clear before TLS";
		return false;
	}
	if (!send_all(front, &yes, 1)) {
		return false;
	}
	front->stream = tls_stream_create(front->stream, front->terms.chain, &front->terms.signer);
	front->encrypted = true;
	front->state = RFB_FRONT_TLS;
	if (!front->stream) {
		*error = "TLS isn't to be had";
	}
	return front->stream;
}

static bool handle_vencrypt_type(struct rfb_front *front, const char **error) {
	static const uint8_t no = 0;
	uint32_t type = get_u32(front->buffer);
	front->by_name = type == VENCRYPT_X509_PLAIN;
	if (!front->by_name && (type != VENCRYPT_X509_VNC || !front->terms.x509_vnc)) {
		*error = "it chose a type of VeNCrypt that wasn't offered";
		send_all(front, &no, 1);
		return false;
	}
	return begin_tls(front, error);
}

static bool handle_lengths(struct rfb_front *front, const char **error) {
	front->name_length = get_u32(front->buffer);
	front->password_length = get_u32(front->buffer + 4);
	if (front->name_length == 0 || front->name_length > RFB_NAME_MAX ||
		front->password_length > RFB_PASSWORD_MAX) {
		*error = "its name or password is longer than 255 bytes, or it gave no name";
		return false;
	}
	front->state = RFB_FRONT_LOGIN;
	return true;
}

/* Puts a NUL behind each. */
static bool handle_login(struct rfb_front *front, const char **error) {
	char *name = (char *)front->buffer, *password = name + front->name_length;
	memmove(password + 1, password, front->password_length);
	*password++ = '\0';
	password[front->password_length] = '\0';
	if (strlen(name) != front->name_length || strlen(password) != front->password_length) {
		*error = "its name or password holds a NUL";
		return false;
	}
	front->state = RFB_FRONT_VERDICT;
	return true;
}

const char *rfb_front_name(const struct rfb_front *front) {
	return (const char *)front->buffer;
}

const char *rfb_front_password(const struct rfb_front *front) {
	return (const char *)front->buffer + front->name_length + 1;
}

/* Steps */

static size_t step_size(const struct rfb_front *front) {
	switch (front->state) {
	case RFB_FRONT_VERSION:
		return VERSION_SIZE;
	case RFB_FRONT_SECURITY:
		return 1;
	case RFB_FRONT_VENCRYPT_VERSION:
		return sizeof(vencrypt_version);
	case RFB_FRONT_VENCRYPT_TYPE:
		return 4;
	case RFB_FRONT_LENGTHS:
		return 8;
	case RFB_FRONT_LOGIN:
		return front->name_length + front->password_length;
	case RFB_FRONT_RESPONSE:
		return VNC_CHALLENGE_SIZE;
	case RFB_FRONT_TLS:
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
	case RFB_FRONT_VENCRYPT_VERSION:
		return handle_vencrypt_version(front, error);
	case RFB_FRONT_VENCRYPT_TYPE:
		return handle_vencrypt_type(front, error);
	case RFB_FRONT_LENGTHS:
		return handle_lengths(front, error);
	case RFB_FRONT_LOGIN:
		return handle_login(front, error);
	case RFB_FRONT_RESPONSE:
		front->state = RFB_FRONT_VERDICT;
		return true;
	case RFB_FRONT_TLS:
	case RFB_FRONT_VERDICT:
	case RFB_FRONT_DONE:
		break;
	}
	return true;
}

/* False, with *waits, when there is no more to do now. */
static bool read_step(struct rfb_front *front, bool *waits, const char **error) {
	ssize_t n = stream_read(
		front->stream, front->buffer + front->count, step_size(front) - front->count);
	*waits = n < 0 && errno == EAGAIN;
	if (n <= 0) {
		return false;
	}
	front->count += n;
	return front->count < step_size(front) || handle_step(front, error);
}

static bool shake_hands(struct rfb_front *front, bool *waits, const char **error) {
	enum tls_progress progress = tls_stream_shake_hands(front->stream, error);
	*waits = progress == TLS_WAITS;
	if (progress != TLS_DONE) {
		return false;
	}
	front->state = RFB_FRONT_LENGTHS;
	return front->by_name || begin_response(front);
}

bool rfb_front_dispatch(struct rfb_front *front, const char **error) {
	bool waits = false, goes_on = true;
	*error = "it is gone";
	while (goes_on && (front->state == RFB_FRONT_TLS || step_size(front) > 0)) {
		goes_on = front->state == RFB_FRONT_TLS ? shake_hands(front, &waits, error)
							: read_step(front, &waits, error);
	}
	return goes_on || waits;
}

static bool has_result(const struct rfb_front *front) {
	return front->terms.kind != RFB_FRONT_OPEN || front->minor == 8;
}

bool rfb_front_accept(struct rfb_front *front) {
	front->state = RFB_FRONT_DONE;
	return !has_result(front) || send_u32(front, 0);
}

void rfb_front_refuse(struct rfb_front *front, const char *reason) {
	front->state = RFB_FRONT_DONE;
	if (has_result(front) && send_u32(front, 1) && front->minor == 8) {
		send_reason(front, reason);
	}
}
