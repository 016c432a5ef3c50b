/* Whether it is noticed that a peer keeps its end of a connection. */
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/vm-display/harness.h"
#include "vm-display/parting.h"

enum outcome { UNDECIDED, LET_GO, KEPT };

static void handle_done(bool let_go, void *data) {
	*(enum outcome *)data = let_go ? LET_GO : KEPT;
}

static void test_end(bool peer_closes, enum outcome expected) {
	sd_event *event;
	int fds[2];
	char byte = 0;
	enum outcome outcome = UNDECIDED;
	CHECK(sd_event_new(&event) >= 0);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
	/* What the peer sent before is no answer. */
	CHECK(write(fds[1], &byte, 1) == 1);
	struct parting *parting = parting_create(event, fds[0], handle_done, &outcome);
	CHECK(parting && read(fds[1], &byte, 1) == 0);
	if (peer_closes) {
		close(fds[1]);
	}
	WAIT_FOR(event, outcome != UNDECIDED);
	CHECK(outcome == expected);
	parting_destroy(parting);
	if (!peer_closes) {
		close(fds[1]);
	}
	sd_event_unref(event);
}

int main(void) {
	test_end(true, LET_GO);
	test_end(false, KEPT);
	return 0;
}
