/* What a session can't do any more, each tried in a process of its own. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "keys/layout.h"
#include "remote/sandbox.h"
#include "remote/sandbox_files.h"

static char secret[] = "/tmp/mullion-test-sandbox-XXXXXX";

/* Ends the process with the line's number if it doesn't hold. */
#define HOLDS(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s: errno %d\n", #condition, errno);                      \
			_exit(__LINE__ % 250 + 1);                                                 \
		}                                                                                  \
	} while (0)

static bool can_open(const char *path, int flags) {
	int fd = open(path, flags | O_CLOEXEC);
	if (fd >= 0) {
		close(fd);
	}
	return fd >= 0;
}

static void *do_nothing(void *data) {
	return data;
}

static void check_common(void) {
	pthread_t thread;
	void *result;
	HOLDS(pthread_create(&thread, NULL, do_nothing, secret) == 0);
	HOLDS(pthread_join(thread, &result) == 0 && result == secret);
	HOLDS(fork() < 0);
	HOLDS(socket(AF_INET, SOCK_STREAM, 0) < 0 && socket(AF_UNIX, SOCK_STREAM, 0) < 0);
	HOLDS(!can_open(secret, O_WRONLY) && !can_open("/tmp", O_TMPFILE | O_RDWR));
	HOLDS(kill(getppid(), 0) < 0);
	HOLDS(execl("/bin/true", "true", (char *)NULL) < 0);
	HOLDS(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
		MAP_FAILED);
}

static void try_before_the_handshake(void) {
	bool limited = sandbox_can_limit_files();
	HOLDS(can_open(secret, O_RDONLY));
	HOLDS(sandbox_enter());
	check_common();
	HOLDS(can_open(secret, O_RDONLY) == !limited);
	HOLDS(can_open("/proc/self/environ", O_RDONLY) == !limited);
	struct layout *layout = layout_create("de");
	HOLDS(layout);
	layout_destroy(layout);
}

static void try_after_the_handshake(void) {
	HOLDS(sandbox_enter() && sandbox_close());
	check_common();
	HOLDS(!can_open(secret, O_RDONLY) && !can_open("/usr/share/X11/xkb", O_RDONLY));
}

static void run(void (*what)(void)) {
	int status;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		what();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void test_before(void **state) {
	run(try_before_the_handshake);
}

static void test_after(void **state) {
	run(try_after_the_handshake);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_before),
		cmocka_unit_test(test_after),
	};
	if (getenv("SANITIZED")) {
		return 77; /* a sanitizer can't live in there */
	}
	int fd = mkstemp(secret);
	int failed = fd < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
	close(fd);
	unlink(secret);
	return failed;
}
