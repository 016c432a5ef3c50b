#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmm/qmp.h"

#define GREETING "{\"QMP\": {\"version\": {}, \"capabilities\": []}}\r\n"

struct peer { /* the test plays QEMU at the other end */
	sd_event *event;
	struct qmp *qmp;
	int fd;
	char lost[128], event_name[64], event_data[128];
	int ready, lost_count, replies;
	bool violation;
	char reply[256]; /* "ok JSON" or "error TEXT" */
};

static void handle_ready(void *data) {
	((struct peer *)data)->ready++;
}

static void handle_event(void *data, const char *name, struct json_object *payload) {
	struct peer *peer = data;
	snprintf(peer->event_name, sizeof(peer->event_name), "%s", name);
	snprintf(peer->event_data, sizeof(peer->event_data), "%s",
		payload ? json_object_to_json_string_ext(payload, JSON_C_TO_STRING_PLAIN) : "none");
}

static void handle_lost(void *data, const char *reason, bool violation) {
	struct peer *peer = data;
	peer->violation = violation;
	peer->lost_count++;
	snprintf(peer->lost, sizeof(peer->lost), "%s", reason);
	qmp_destroy(peer->qmp); /* as a guest does */
	peer->qmp = NULL;
}

static const struct qmp_impl impl = {handle_ready, handle_event, handle_lost};

static void handle_reply(void *data, struct json_object *result, const char *error) {
	struct peer *peer = data;
	peer->replies++;
	if (error) {
		snprintf(peer->reply, sizeof(peer->reply), "error %s", error);
	} else {
		snprintf(peer->reply, sizeof(peer->reply), "ok %s",
			json_object_to_json_string_ext(result, JSON_C_TO_STRING_PLAIN));
	}
}

/* Runs the loop until nothing is to be done. */
static void settle(struct peer *peer) {
	while (sd_event_run(peer->event, 0) > 0) {
	}
}

static void say(struct peer *peer, const char *text) {
	size_t len = strlen(text);
	while (len > 0) {
		ssize_t n = send(peer->fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0) {
			break;
		}
		text += n;
		len -= n;
		settle(peer);
	}
	settle(peer);
}

static void expect(struct peer *peer, const char *text) {
	char got[512] = "";
	ssize_t n = recv(peer->fd, got, sizeof(got) - 1, MSG_DONTWAIT);
	got[n > 0 ? n : 0] = '\0';
	assert_string_equal(got, text);
}

static int set_up(void **state) {
	struct peer *peer = calloc(1, sizeof(*peer));
	int fds[2];
	if (!peer || sd_event_new(&peer->event) < 0 ||
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0) {
		return -1;
	}
	peer->fd = fds[0];
	peer->qmp = qmp_create(peer->event, fds[1], "test", &impl, peer);
	*state = peer;
	return peer->qmp ? 0 : -1;
}

static int tear_down(void **state) {
	struct peer *peer = *state;
	qmp_destroy(peer->qmp);
	sd_event_unref(peer->event);
	close(peer->fd);
	free(peer);
	return 0;
}

static void greet(struct peer *peer) {
	say(peer, GREETING);
	expect(peer, "{\"execute\":\"qmp_capabilities\",\"id\":1}\n");
	assert_int_equal(peer->ready, 0);
	say(peer, "{\"return\": {}, \"id\": 1}\r\n");
	assert_int_equal(peer->ready, 1);
	assert_true(qmp_is_ready(peer->qmp));
}

static bool ask(struct peer *peer, const char *command) {
	return qmp_execute(peer->qmp, command, NULL, -1, handle_reply, peer);
}

static void test_commands(void **state) {
	struct peer *peer = *state;
	assert_false(ask(peer, "too-early"));
	greet(peer);
	struct json_object *arguments = json_object_new_object();
	json_object_object_add(arguments, "a", json_object_new_string("b\"\n"));
	assert_true(qmp_execute(peer->qmp, "one", arguments, -1, handle_reply, peer));
	assert_true(ask(peer, "two"));
	settle(peer);
	/* The second one waits for the answer to the first. */
	expect(peer, "{\"execute\":\"one\",\"arguments\":{\"a\":\"b\\\"\\n\"},\"id\":2}\n");
	say(peer, "{\"return\": {\"x\": 1}, \"id\": 2}\r\n");
	assert_string_equal(peer->reply, "ok {\"x\":1}");
	expect(peer, "{\"execute\":\"two\",\"id\":3}\n");
	say(peer, "{\"error\": {\"class\": \"C\", \"desc\": \"no way\"}, \"id\": 3}\r\n");
	assert_string_equal(peer->reply, "error no way");
	assert_int_equal(peer->replies, 2);
	assert_int_equal(peer->lost_count, 0);
}

static void test_events(void **state) {
	struct peer *peer = *state;
	greet(peer);
	say(peer, "{\"timestamp\": {}, \"event\": \"STOP\"}\r\n");
	assert_string_equal(peer->event_name, "STOP");
	assert_string_equal(peer->event_data, "none");
	const char *text = "{\"event\":\"SHUTDOWN\",\"data\":{\"guest\":true}}\n\n\r\n";
	for (const char *c = text; *c; c++) {
		say(peer, (char[]){*c, '\0'});
	}
	assert_string_equal(peer->event_name, "SHUTDOWN");
	assert_string_equal(peer->event_data, "{\"guest\":true}");
	assert_int_equal(peer->lost_count, 0);
}

static void test_fd_goes_along(void **state) {
	struct peer *peer = *state;
	greet(peer);
	int pipe_fds[2];
	assert_int_equal(pipe(pipe_fds), 0);
	struct stat sent, got;
	assert_int_equal(fstat(pipe_fds[0], &sent), 0);
	assert_true(qmp_execute(peer->qmp, "getfd", NULL, pipe_fds[0], handle_reply, peer));
	char text[64], control[CMSG_SPACE(sizeof(int))];
	struct iovec part = {text, sizeof(text)};
	struct msghdr message = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control)};
	assert_int_equal(recvmsg(peer->fd, &message, MSG_DONTWAIT), 27);
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	assert_non_null(header);
	int fd;
	memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	assert_int_equal(fstat(fd, &got), 0);
	assert_int_equal(sent.st_ino, got.st_ino);
	close(fd); /* which may have got the number of ours */
	assert_int_equal(fcntl(pipe_fds[0], F_GETFD), -1);
	close(pipe_fds[1]);
}

static void test_peer_ends(void **state) {
	struct peer *peer = *state;
	greet(peer);
	assert_true(ask(peer, "one"));
	shutdown(peer->fd, SHUT_WR);
	settle(peer);
	assert_string_equal(peer->lost, "QEMU closed it");
	assert_string_equal(peer->reply, "error QEMU closed it");
	assert_int_equal(peer->lost_count, 1);
	assert_false(peer->violation);
	assert_false(ask(peer, "two"));
}

static void test_destroy_answers_all(void **state) {
	struct peer *peer = *state;
	greet(peer);
	unsigned int taken = 0;
	while (taken < 1000 && ask(peer, "again")) {
		taken++;
	}
	assert_int_equal(taken, QMP_QUEUE_MAX);
	qmp_destroy(peer->qmp);
	peer->qmp = NULL;
	assert_int_equal(peer->replies, QMP_QUEUE_MAX);
	assert_string_equal(peer->reply, "error the connection was closed");
	assert_int_equal(peer->lost_count, 0);
}

static void test_drain(void **state) {
	struct peer *peer = *state;
	greet(peer);
	static const char last[] = "{\"event\":\"SHUTDOWN\",\"data\":{\"reason\":\"x\"}}\r\n";
	assert_int_equal(send(peer->fd, last, strlen(last), 0), strlen(last));
	shutdown(peer->fd, SHUT_WR);
	qmp_drain(peer->qmp);
	assert_string_equal(peer->event_data, "{\"reason\":\"x\"}");
	assert_int_equal(peer->lost_count, 1);
}

static const struct {
	bool greeted;
	const char *text, *reason;
} violations[] = {
	{false, "{}\n", "no greeting"},
	{false, "{\"return\":{}}\n", "no greeting"},
	{true, "{\"a\"\n", "bad JSON"},
	{true, "{\"return\":{}} x\n", "bad JSON"},
	{true, "{\"event\":\"\xff\"}\n", "bad JSON"},
	{true, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n",
		"bad JSON"},
	{true, "[]\n", "a message that is no object"},
	{true, "1\n", "bad JSON"},
	{true, "{\"return\":{},\"id\":7}\n", "an answer to nothing"},
	{true, "{\"return\":{},\"id\":2}\n{\"return\":{},\"id\":2}\n", "an answer to nothing"},
	{true, "{\"return\":{}}\n", "an answer to nothing"},
	{true, "{\"return\":{},\"id\":\"2\"}\n", "an answer to nothing"},
	{true, "{\"event\":1}\n", "an event of a wrong shape"},
	{true, "{\"event\":\"X\",\"data\":1}\n", "an event of a wrong shape"},
	{true, "{\"hello\":1}\n", "a message of an unknown kind"},
};

static void test_violations(void **state) {
	for (size_t i = 0; i < sizeof(violations) / sizeof(violations[0]); i++) {
		void *own;
		assert_int_equal(set_up(&own), 0);
		struct peer *peer = own;
		if (violations[i].greeted) {
			greet(peer);
			assert_true(ask(peer, "one"));
			settle(peer);
		}
		say(peer, violations[i].text);
		assert_string_equal(peer->lost, violations[i].reason);
		assert_int_equal(peer->lost_count, 1);
		assert_true(peer->violation);
		assert_int_equal(peer->replies, violations[i].greeted);
		tear_down(&own);
	}
}

/* As after "quit": an answer, and nobody who reads the next command. */
static void test_peer_answers_and_ends(void **state) {
	struct peer *peer = *state;
	greet(peer);
	assert_true(ask(peer, "quit"));
	assert_true(ask(peer, "query-status"));
	settle(peer);
	const char answer[] = "{\"return\": {}, \"id\": 2}\n";
	assert_int_equal(
		send(peer->fd, answer, strlen(answer), MSG_NOSIGNAL), (ssize_t)strlen(answer));
	shutdown(peer->fd, SHUT_RDWR);
	settle(peer);
	assert_int_equal(peer->lost_count, 1);
	assert_int_equal(peer->replies, 2);
	assert_false(peer->violation);
}

static void test_endless_message(void **state) {
	struct peer *peer = *state;
	greet(peer);
	char *text = malloc(QMP_MESSAGE_MAX + 1);
	memset(text, 'a', QMP_MESSAGE_MAX);
	text[QMP_MESSAGE_MAX] = '\0';
	say(peer, text);
	free(text);
	assert_string_equal(peer->lost, "a message over 256 KiB");
}

int main(void) {
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(test_commands),
		CASE(test_events),
		CASE(test_fd_goes_along),
		CASE(test_peer_ends),
		CASE(test_destroy_answers_all),
		CASE(test_drain),
		cmocka_unit_test(test_violations),
		CASE(test_peer_answers_and_ends),
		CASE(test_endless_message),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
