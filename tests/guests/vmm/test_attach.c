/* Who owns a guest, and what becomes of it without its owner, with real QEMU. */
#include "world.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/log.h"

static void test_one_owner(void **state) {
	struct world *world = *state;
	create(world, SMALL);
	assert_null(make_guest(world));
	start(world);
	assert_null(make_guest(world));
	/* QEMU doesn't hold the lock: without us another owner comes, and attaches. */
	pid_t pid = guest_pid(world->guest);
	guest_destroy(world->guest);
	world->ready = 0;
	world->guest = make_guest(world);
	assert_non_null(world->guest);
	assert_int_equal(guest_pid(world->guest), pid);
	WAIT_FOR(world, world->ready);
	power_off(world);
}

/* In a process of its own: starts the guest, says its pid, stays. */
static int own(const char *folder, const char *file) {
	struct world world = {.display_fd = -1};
	snprintf(world.folder, sizeof(world.folder), "%s", folder);
	snprintf(world.file, sizeof(world.file), "%s", file);
	char *error = NULL;
	if (sd_event_new(&world.event) < 0 || !(world.guest = make_guest(&world)) ||
		!guest_start(world.guest, 0, 0, &error)) {
		return 1;
	}
	while (!world.ready) {
		sd_event_run(world.event, UINT64_MAX);
	}
	if (!guest_open_display(world.guest, &error)) {
		return 1;
	}
	while (!world.displays) {
		sd_event_run(world.event, UINT64_MAX);
	}
	pid_t pid = guest_pid(world.guest);
	return write(1, &pid, sizeof(pid)) == sizeof(pid) && sd_event_loop(world.event) >= 0 ? 0
											     : 1;
}

static pid_t fork_owner(struct world *world, int *answer) {
	int fds[2];
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid_t owner = fork();
	if (owner == 0) {
		dup2(fds[1], 1);
		execl("/proc/self/exe", "owner", world->folder, world->file, NULL);
		_exit(1);
	}
	close(fds[1]);
	*answer = fds[0];
	return owner;
}

/* Starts the guest in another process, kills that, and attaches. */
static pid_t lose_owner(struct world *world) {
	int answer;
	pid_t owner = fork_owner(world, &answer), pid = 0;
	struct pollfd poll_fd = {answer, POLLIN, 0};
	assert_int_equal(poll(&poll_fd, 1, PATIENCE / 1000), 1);
	assert_int_equal(read(answer, &pid, sizeof(pid)), sizeof(pid));
	close(answer);
	assert_null(make_guest(world)); /* while the owner lives */
	assert_int_equal(kill(owner, SIGKILL), 0);
	assert_int_equal(waitpid(owner, NULL, 0), owner);
	return pid;
}

static void test_attach_after_a_kill(void **state) {
	struct world *world = *state;
	write_guest_file(world, SMALL MEMTEST);
	pid_t pid = lose_owner(world);
	uint64_t begin = now();
	world->guest = make_guest(world);
	assert_non_null(world->guest);
	assert_int_equal(guest_state(world->guest), GUEST_STARTING);
	assert_int_equal(guest_pid(world->guest), pid);
	WAIT_FOR(world, world->ready);
	print_message("attached after %.1f ms\n", (now() - begin) / 1000.0);
	assert_true(now() - begin < 1000000);
	assert_int_equal(guest_state(world->guest), GUEST_RUNNING);
	assert_string_equal(guest_accel(world->guest), "tcg");
	check_display(world, "small");
	power_off(world);
	assert_string_equal(guest_reason(world->guest), "powered off");
}

static void test_killed_after_attaching(void **state) {
	struct world *world = *state;
	write_guest_file(world, SMALL);
	pid_t pid = lose_owner(world);
	world->guest = make_guest(world);
	assert_non_null(world->guest);
	WAIT_FOR(world, world->ready);
	assert_int_equal(kill(pid, SIGKILL), 0);
	WAIT_FOR(world, guest_state(world->guest) == GUEST_OFF);
	/* Not our child: how it ended is known if the kernel is new enough, or init slow. */
	const char *reason = guest_reason(world->guest);
	assert_true(!strcmp(reason, "killed by signal 9") || !strcmp(reason, "QEMU ended"));
	world->ready = 0;
	start(world);
	power_off(world);
}

static void test_killed_while_away(void **state) {
	struct world *world = *state;
	write_guest_file(world, SMALL);
	pid_t pid = lose_owner(world);
	assert_int_equal(kill(pid, SIGTERM), 0);
	while (kill(pid, 0) == 0) { /* init reaps it */
		char path[64], text[256] = "";
		snprintf(path, sizeof(path), "/proc/%d/stat", pid);
		FILE *file = fopen(path, "r");
		if (!file || !fgets(text, sizeof(text), file) || strstr(text, ") Z")) {
			if (file) {
				fclose(file);
			}
			break;
		}
		fclose(file);
	}
	world->guest = make_guest(world);
	assert_non_null(world->guest);
	WAIT_FOR(world, guest_state(world->guest) == GUEST_OFF);
	assert_non_null(strstr(guest_reason(world->guest), "terminating on signal 15"));
}

int main(int argc, char **argv) {
	if (strcmp(argv[0], "owner") == 0 && argc == 3) {
		return own(argv[1], argv[2]);
	}
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(test_one_owner),
		CASE(test_attach_after_a_kill),
		CASE(test_killed_after_attaching),
		CASE(test_killed_while_away),
	};
	log_init("test", LOG_LEVEL_INFO);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
