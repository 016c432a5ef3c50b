/* The handshake with a client, of which the first byte says on which terms, and the second how much
 * comes at once. TLS is left out: what it would carry follows in the clear. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "remote/rfb_front.h"
#include "tests/fuzz/vmm/fuzz.h"
#include "util/mem.h"

struct input {
	struct stream base;
	const uint8_t *bytes;
	size_t size, piece;
	bool paused;
};

static void check(bool ok) {
	if (!ok) {
		abort();
	}
}

static ssize_t handle_read(struct stream *stream, void *bytes, size_t size) {
	struct input *input = (struct input *)stream;
	check(size > 0);
	input->paused = !input->paused;
	if (!input->paused || input->size == 0) {
		errno = input->size > 0 ? EAGAIN : EPROTO;
		return input->size > 0 ? -1 : 0;
	}
	size_t n = size < input->piece ? size : input->piece;
	n = n < input->size ? n : input->size;
	memcpy(bytes, input->bytes, n);
	input->bytes += n;
	input->size -= n;
	return n;
}

static ssize_t handle_write(struct stream *stream, const void *bytes, size_t size) {
	const uint8_t *byte = bytes;
	unsigned int sum = 0;
	for (size_t i = 0; i < size; i++) {
		sum += byte[i]; /* reads them */
	}
	check(size > 0 && size < 1024 && sum <= 255 * size);
	return size;
}

static bool handle_has_more(struct stream *stream) {
	return false;
}

static void handle_destroy(struct stream *stream) {
	free(stream);
}

static const struct stream_impl input_impl = {
	.read = handle_read,
	.write = handle_write,
	.has_more = handle_has_more,
	.destroy = handle_destroy,
};

/* In place of the true ones. */
struct stream *tls_stream_create(
	struct stream *below, const char *chain, const struct tls_signer *signer) {
	return below;
}

enum tls_progress tls_stream_shake_hands(struct stream *stream, const char **error) {
	return TLS_DONE;
}

static struct stream *make_input(const uint8_t *bytes, size_t size) {
	static int pipe_ends[2] = {-1, -1};
	if (pipe_ends[0] < 0) {
		check(pipe(pipe_ends) == 0);
	}
	struct input *input = xcalloc(1, sizeof(*input));
	input->base = (struct stream){.impl = &input_impl, .fd = pipe_ends[0]};
	input->bytes = bytes + 2;
	input->size = size - 2;
	input->piece = bytes[1] % 32 + 1;
	return &input->base;
}

static void check_verdict(struct rfb_front *front) {
	if (!front->by_name) {
		rfb_front_accept(front);
		return;
	}
	size_t name = strlen(rfb_front_name(front)), password = strlen(rfb_front_password(front));
	check(front->terms.kind == RFB_FRONT_USERS && front->encrypted);
	check(name > 0 && name <= RFB_NAME_MAX && password <= RFB_PASSWORD_MAX);
	rfb_front_refuse(front, "no");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	struct rfb_front front;
	if (size < 2) {
		return 0;
	}
	struct rfb_front_terms terms = {
		.kind = bytes[0] % 3, .x509_vnc = bytes[0] & 4, .chain = ""};
	const char *error = NULL;
	rfb_front_init(&front, make_input(bytes, size), &terms);
	while (front.state < RFB_FRONT_VERDICT && rfb_front_dispatch(&front, &error)) {
	}
	if (front.state == RFB_FRONT_VERDICT) {
		check_verdict(&front);
	} else {
		check(error && error[0]);
	}
	rfb_front_finish(&front);
	return 0;
}
