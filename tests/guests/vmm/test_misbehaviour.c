/* What a QEMU may do that ours never does, with a stand-in for it. */
#include "world.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/log.h"
#include "util/mem.h"

/* Into the test's folder, where any user may run it. */
static void copy_program(struct world *world) {
	const char *source = getenv("FAKE_QEMU");
	assert_non_null(source);
	char *target = xasprintf("%s/qemu", world->folder);
	int from = open(source, O_RDONLY | O_CLOEXEC);
	int to = open(target, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	assert_true(from >= 0 && to >= 0);
	assert_true(sendfile(to, from, NULL, 1 << 20) > 0);
	assert_int_equal(fchmod(to, 0755), 0);
	close(from);
	close(to);
	free(target);
	assert_int_equal(chmod(world->folder, 0755), 0);
}

static void create_fake(struct world *world, const char *mode) {
	copy_program(world);
	char *text =
		xasprintf("[guest]\nname = fake\n[machine]\nqemu = ./qemu\naccel = tcg\n[qemu]\n"
			  "extra = %s\n",
			mode);
	create(world, text);
	free(text);
}

static void test_panic(void **state) {
	struct world *world = *state;
	create_fake(world, "panic");
	start(world);
	assert_string_equal(guest_accel(world->guest), "kvm"); /* as it says itself */
	do_it(world, guest_resume);
	WAIT_FOR(world, guest_state(world->guest) == GUEST_CRASHED);
	assert_true(guest_pid(world->guest) > 0);
	check_refused(world, guest_shut_down,
		"it stands still and can't shut down; resume it or power off");
	do_it(world, guest_reset);
	WAIT_FOR(world, guest_state(world->guest) == GUEST_RUNNING);
	power_off(world);
	check_off(world, "powered off");
}

static bool takes_commands(struct world *world) {
	char *error = NULL;
	bool done = guest_resume(world->guest, &error);
	free(error);
	return done;
}

static void test_garbage(void **state) {
	struct world *world = *state;
	create_fake(world, "garbage");
	start(world);
	do_it(world, guest_pause);
	WAIT_FOR(world, !takes_commands(world));
	check_refused(world, guest_pause, "QEMU takes no commands");
	assert_true(guest_pid(world->guest) > 0);
	power_off(world);
	check_off(world, "powered off");
}

static void test_flood(void **state) {
	struct world *world = *state;
	create_fake(world, "flood");
	start(world);
	do_it(world, guest_pause);
	WAIT_FOR(world, guest_state(world->guest) == GUEST_PAUSED);
	power_off(world);
}

static void test_shapeless_answers(void **state) {
	struct world *world = *state;
	create_fake(world, "shapeless");
	char *error = NULL;
	assert_true(guest_start(world->guest, 0, 0, &error));
	WAIT_FOR(world, takes_commands(world));
	assert_int_equal(guest_state(world->guest), GUEST_STARTING);
	assert_string_equal(guest_accel(world->guest), "tcg");
	power_off(world);
	assert_int_equal(world->ready, 0);
}

static void test_deaf(void **state) {
	struct world *world = *state;
	create_fake(world, "deaf");
	start(world);
	power_off(world); /* after five seconds */
	check_off(world, "powered off");
}

int main(void) {
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(test_panic),
		CASE(test_garbage),
		CASE(test_flood),
		CASE(test_shapeless_answers),
		CASE(test_deaf),
	};
	log_init("test", LOG_LEVEL_INFO);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
