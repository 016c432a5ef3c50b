/* What a session can't do any more, each tried in a process of its own. */
#include <errno.h>
#include <fcntl.h>
#include <linux/input-event-codes.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "keys/layout.h"
#include "remote/layout_file.h"
#include "remote/sandbox.h"

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

static void try_to_leave(void) {
	HOLDS(sandbox_enter());
	check_common();
}

static void try_files(void) {
	HOLDS(can_open(secret, O_RDONLY) && can_open("/proc/self/environ", O_RDONLY));
	HOLDS(sandbox_enter());
	HOLDS(!can_open(secret, O_RDONLY) && !can_open("/proc/self/environ", O_RDONLY));
	HOLDS(!can_open("/usr/share/X11/xkb", O_RDONLY));
}

static bool is_refused(int result) {
	return result < 0 && errno == EPERM;
}

/* Whatever has the same user. */
static void try_others(void) {
	struct rlimit own, limit = {.rlim_cur = 1, .rlim_max = RLIM_INFINITY};
	int ends[2];
	HOLDS(sandbox_enter());
	HOLDS(getrlimit(RLIMIT_NOFILE, &own) == 0);
	HOLDS(is_refused(prlimit(getppid(), RLIMIT_CPU, &limit, NULL)));
	HOLDS(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	HOLDS(is_refused(fcntl(ends[0], F_SETOWN, getppid())));
	HOLDS(is_refused(fcntl(ends[0], F_SETSIG, SIGTERM)));
}

/* Into which it could type. */
static void try_terminal(void) {
	int ends[2], count;
	HOLDS(sandbox_enter());
	HOLDS(is_refused(ioctl(STDERR_FILENO, TIOCSTI, "x")));
	HOLDS(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	HOLDS(ioctl(ends[0], FIONREAD, &count) == 0 && count == 0);
}

static void try_layout(void) {
	int file = layout_file_make("de");
	struct layout_keys keys[2];
	HOLDS(sandbox_enter());
	struct layout *layout = layout_file_read(file);
	HOLDS(layout && layout_find_character(layout, 'z', keys) == 1);
	HOLDS(keys[0].key == KEY_Y);
	layout_destroy(layout);
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

static void test_leaving(void **state) {
	run(try_to_leave);
}

static void test_files(void **state) {
	run(try_files);
}

static void test_others(void **state) {
	run(try_others);
}

static void test_terminal(void **state) {
	run(try_terminal);
}

static void test_layout(void **state) {
	run(try_layout);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_leaving),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_terminal),
		cmocka_unit_test(test_layout),
	};
	int fd = mkstemp(secret);
	int failed = fd < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
	close(fd);
	unlink(secret);
	return failed;
}
