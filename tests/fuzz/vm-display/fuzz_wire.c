/* Bytes on the wire: what comes on a listener's socket behind the handshake, message or not. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/fuzz/vm-display/listener_peer.h"
#include "tests/fuzz/vmm/fuzz.h"

static const char handshake[] = "DATA\r\nOK 0123456789abcdef0123456789abcdef\r\nAGREE_UNIX_FD\r\n";

/* libsystemd 257 forgets 64 bytes with each invalid message (docs/security.md). */
const char *__lsan_default_suppressions(void);
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void) {
	return "leak:libsystemd.so";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct listener_peer peer;
	listener_peer_begin(&peer);
	listener_peer_settle(&peer);
	if (send(peer.fd, handshake, sizeof(handshake) - 1, MSG_NOSIGNAL) > 0) {
		listener_peer_settle(&peer);
	}
	while (size > 0 && !peer.has_ended) {
		ssize_t n = send(peer.fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n <= 0) {
			break;
		}
		data += n;
		size -= (size_t)n;
		listener_peer_settle(&peer);
	}
	close(peer.fd);
	listener_peer_settle(&peer);
	listener_peer_end(&peer);
	return 0;
}
