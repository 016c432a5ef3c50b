/* Packets between a listener and a session that may be hostile. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "remote/packet.h"

struct fixture {
	int ends[2], before; /* open fds */
	char bytes[8];
	int passed;
};

static int count_fds(void) {
	DIR *folder = opendir("/proc/self/fd");
	int count = 0;
	while (readdir(folder)) {
		count++;
	}
	closedir(folder);
	return count;
}

static void begin(struct fixture *f) {
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, f->ends), 0);
	f->before = count_fds();
}

static enum packet_result receive(struct fixture *f) {
	return packet_receive(f->ends[1], f->bytes, sizeof(f->bytes), &f->passed);
}

static void end(struct fixture *f) {
	assert_int_equal(count_fds(), f->before);
	close(f->ends[0]);
	close(f->ends[1]);
}

static void test_round_trip(void **state) {
	struct fixture f;
	begin(&f);
	assert_int_equal(receive(&f), PACKET_NONE);
	assert_true(packet_send(f.ends[0], "1234567", 8, -1));
	assert_int_equal(receive(&f), PACKET_READ);
	assert_string_equal(f.bytes, "1234567");
	assert_int_equal(f.passed, -1);
	assert_true(packet_send(f.ends[0], "7654321", 8, f.ends[0]));
	assert_int_equal(receive(&f), PACKET_READ);
	assert_true(f.passed >= 0 && (fcntl(f.passed, F_GETFD) & FD_CLOEXEC));
	close(f.passed);
	shutdown(f.ends[0], SHUT_WR);
	assert_int_equal(receive(&f), PACKET_ENDED);
	end(&f);
}

static void test_sizes(void **state) {
	struct fixture f;
	begin(&f);
	for (size_t size = 1; size < 20; size++) {
		if (size != sizeof(f.bytes)) {
			assert_true(packet_send(f.ends[0], "1234567890123456789", size, f.ends[0]));
			assert_int_equal(receive(&f), PACKET_ENDED);
			assert_int_equal(f.passed, -1);
		}
	}
	end(&f);
}

static void send_fds(int channel, size_t count) {
	union {
		char bytes[CMSG_SPACE(16 * sizeof(int))];
		struct cmsghdr header;
	} control = {0};
	struct iovec iov = {.iov_base = "1234567", .iov_len = 8};
	struct msghdr message = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = CMSG_SPACE(count * sizeof(int))};
	control.header = (struct cmsghdr){.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS,
		.cmsg_len = CMSG_LEN(count * sizeof(int))};
	for (size_t i = 0; i < count; i++) {
		memcpy(CMSG_DATA(&control.header) + i * sizeof(int), &channel, sizeof(int));
	}
	assert_int_equal(sendmsg(channel, &message, 0), 8);
}

static void test_many_fds(void **state) {
	struct fixture f;
	begin(&f);
	for (size_t count = 2; count <= 16; count++) {
		send_fds(f.ends[0], count);
		assert_int_equal(receive(&f), PACKET_ENDED);
		assert_int_equal(f.passed, -1);
	}
	end(&f);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_many_fds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
