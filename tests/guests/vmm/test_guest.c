/* The life of guests with real QEMU. */
#include "world.h"

#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/log.h"
#include "util/mem.h"

static void test_life(void **state) {
	struct world *world = *state;
	create(world, SMALL MEMTEST);
	check_refused(world, guest_pause, "it is off");
	check_refused(world, guest_power_off, "it is off");
	check_refused(world, guest_open_display, "it is off");
	start(world);
	assert_string_equal(guest_accel(world->guest), "tcg");
	char *error = NULL;
	assert_false(guest_start(world->guest, 0, 0, &error));
	assert_string_equal(error, "it runs already");
	free(error);
	do_it(world, guest_pause);
	WAIT_FOR(world, guest_state(world->guest) == GUEST_PAUSED);
	check_refused(world, guest_shut_down,
		"it stands still and can't shut down; resume it or power off");
	do_it(world, guest_resume);
	WAIT_FOR(world, guest_state(world->guest) == GUEST_RUNNING);
	do_it(world, guest_reset);
	WAIT_FOR(world, strstr(world->events, "RESET "));
	/* Memtest86+ knows no ACPI button: it stays, and a reset forgets the wish. */
	do_it(world, guest_shut_down);
	assert_int_equal(guest_state(world->guest), GUEST_STOPPING);
	WAIT_FOR(world, strstr(world->events, "POWERDOWN "));
	do_it(world, guest_reset);
	WAIT_FOR(world, guest_state(world->guest) == GUEST_RUNNING);
	power_off(world);
	check_off(world, "powered off");
	assert_non_null(strstr(world->events, "STOP RESUME "));
	assert_non_null(strstr(world->events, "SHUTDOWN "));
}

static void test_start_again(void **state) {
	struct world *world = *state;
	create(world, SMALL);
	start(world);
	pid_t first = guest_pid(world->guest);
	power_off(world);
	world->ready = 0;
	start(world);
	assert_int_not_equal(guest_pid(world->guest), first);
	assert_string_equal(guest_reason(world->guest), "");
	power_off(world);
}

static void test_killed_from_outside(void **state) {
	struct world *world = *state;
	create(world, SMALL);
	start(world);
	assert_int_equal(kill(guest_pid(world->guest), SIGKILL), 0);
	check_off(world, "killed by signal 9");
	world->ready = 0;
	start(world);
	assert_int_equal(kill(guest_pid(world->guest), SIGTERM), 0);
	WAIT_FOR(world, guest_state(world->guest) == GUEST_OFF);
	assert_non_null(strstr(guest_reason(world->guest), "terminating on signal 15"));
}

/* As a QEMU does that finds itself in a state that can't be. */
static void test_abort(void **state) {
	struct world *world = *state;
	char script[128];
	snprintf(script, sizeof(script), "%s/qemu", world->folder);
	FILE *file = fopen(script, "w");
	assert_non_null(file);
	fputs("#!/bin/sh\necho \"qemu: warning: x\" >&2\necho \"qemu: no way\" >&2\nkill -ABRT "
	      "$$\n",
		file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(script, 0755), 0);
	assert_int_equal(chmod(world->folder, 0755), 0);
	create(world, "[guest]\nname = small\n[machine]\nqemu = ./qemu\n");
	char *error = NULL;
	assert_true(guest_start(world->guest, 0, 0, &error));
	check_off(world, "killed by signal 6: no way");
}

/* Debian has the one of its own release. */
#define IMAGES "/usr/lib/debian-installer/images/"
#define INSTALLER (access(IMAGES "13", F_OK) == 0 ? "debian-13-installer" : "debian-12-installer")

static void test_examples(void **state) {
	struct world *world = *state;
	const char *const names[] = {INSTALLER, "uefi-shell", "memtest86", "grub", "aarch64-uefi"};
	const char *data = getenv("MULLION_DATA");
	assert_non_null(data);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(world->file, sizeof(world->file), "%s/guests/%s.ini", data, names[i]);
		world->guest = make_guest(world);
		assert_non_null(world->guest);
		world->ready = 0;
		start(world);
		power_off(world);
		guest_destroy(world->guest);
		world->guest = NULL;
	}
}

/* A QEMU that is stopped dead doesn't answer `quit`; it is killed after a while. */
static void test_power_off_of_a_stopped_process(void **state) {
	struct world *world = *state;
	create(world, SMALL);
	start(world);
	assert_int_equal(kill(guest_pid(world->guest), SIGSTOP), 0);
	power_off(world);
	assert_string_equal(guest_reason(world->guest), "powered off");
}

static void test_power_off_at_once(void **state) {
	struct world *world = *state;
	create(world, SMALL);
	char *error = NULL;
	assert_true(guest_start(world->guest, 0, 0, &error));
	check_refused(world, guest_pause, "it isn't ready yet");
	check_refused(world, guest_open_display, "it isn't ready yet");
	power_off(world);
	assert_string_equal(guest_reason(world->guest), "powered off");
}

static void test_display(void **state) {
	struct world *world = *state;
	create(world, SMALL);
	start(world);
	check_display(world, "small");
	check_display(world, "small");
	power_off(world);
	/* Asked for, and gone before the answer. */
	world->ready = 0;
	start(world);
	world->displays = 0;
	assert_int_equal(kill(guest_pid(world->guest), SIGKILL), 0);
	do_it(world, guest_open_display);
	WAIT_FOR(world, world->displays);
	assert_int_equal(world->display_fd, -1);
	assert_string_not_equal(world->display_error, "");
	WAIT_FOR(world, guest_state(world->guest) == GUEST_OFF);
}

static void test_who_runs_it(void **state) {
	struct world *world = *state;
	create(world, SMALL);
	start(world);
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d", guest_pid(world->guest));
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	struct passwd *nobody = getpwnam("nobody");
	assert_non_null(nobody);
	assert_int_equal(st.st_uid, geteuid() == 0 ? nobody->pw_uid : geteuid());
	assert_int_equal(getsid(guest_pid(world->guest)), guest_pid(world->guest));
	power_off(world);
}

static void test_unreadable_file(void **state) {
	struct world *world = *state;
	if (geteuid() != 0) {
		skip();
	}
	char *text = xasprintf(SMALL "[disk]\npath = %s\nformat = raw\n", world->file);
	create(world, text);
	char *error = NULL;
	assert_false(guest_start(world->guest, 0, 0, &error));
	char *wanted =
		xasprintf("can't write to %s as user nobody: Permission denied", world->file);
	assert_string_equal(error, wanted);
	assert_string_equal(guest_reason(world->guest), wanted);
	assert_int_equal(guest_state(world->guest), GUEST_OFF);
	free(error);
	free(wanted);
	free(text);
}

static void test_missing_qemu(void **state) {
	struct world *world = *state;
	create(world, "[guest]\nname = none\n[machine]\narch = nosuch\n");
	char *error = NULL;
	assert_false(guest_start(world->guest, 0, 0, &error));
	char *wanted = xasprintf("can't find qemu-system-nosuch; install it, or name the program "
				 "by `qemu =` in %s",
		world->file);
	assert_string_equal(error, wanted);
	assert_string_equal(guest_reason(world->guest), wanted);
	assert_int_equal(guest_state(world->guest), GUEST_OFF);
	free(wanted);
	free(error);
}

static void check_dies(struct world *world, const char *reason) {
	char *error = NULL;
	assert_true(guest_start(world->guest, 0, 0, &error));
	check_off(world, reason);
	assert_int_equal(world->ready, 0);
}

static void test_refused_argument(void **state) {
	struct world *world = *state;
	create(world, SMALL "[qemu]\nextra = -device no-such-device\n");
	check_dies(world,
		"-device no-such-device: 'no-such-device' is not a valid device model "
		"name");
}

static void test_refused_machine(void **state) {
	struct world *world = *state;
	create(world, "[guest]\nname = small\n[machine]\narch = x86_64\nmachine = vax\n");
	/* A hint follows in QEMU's own output; the message is what counts. */
	char *error = NULL;
	assert_true(guest_start(world->guest, 0, 0, &error));
	WAIT_FOR(world, guest_state(world->guest) == GUEST_OFF);
	assert_non_null(strstr(guest_reason(world->guest), "nsupported machine type"));
}

static void test_program_that_is_no_qemu(void **state) {
	struct world *world = *state;
	create(world, "[guest]\nname = small\n[machine]\nqemu = /bin/false\n");
	check_dies(world, "QEMU ended with status 1");
}

static void check_vars(struct world *world, const char *name) {
	char *path = xasprintf("%s/%s/uefi-vars.fd", world->folder, name);
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	free(path);
}

static void test_uefi(void **state) {
	struct world *world = *state;
	create(world,
		"[guest]\nname = uefi\n[machine]\narch = x86_64\naccel = tcg\n"
		"memory = 128\nfirmware = uefi\n[network]\nmode = none\n");
	start(world);
	check_vars(world, "uefi");
	check_display(world, "uefi");
	power_off(world);
	world->ready = 0;
	start(world); /* with the variables of the first time */
	power_off(world);
}

static void test_aarch64_uefi(void **state) {
	struct world *world = *state;
	create(world,
		"[guest]\nname = arm\n[machine]\narch = aarch64\nmemory = 256\n"
		"[network]\nmode = none\n[display]\nheads = 2\n");
	start(world);
	assert_string_equal(guest_accel(world->guest), "tcg");
	check_vars(world, "arm");
	check_display(world, "arm");
	power_off(world);
}

/* All that a guest file can ask for, together, is a command line that QEMU takes. */
static void test_all_devices(void **state) {
	struct world *world = *state;
	static const char *const devices[] = {"virtio-vga", "virtio-gpu", "VGA", "bochs-display",
		"cirrus-vga", "vmware-svga", "ramfb", "none"};
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		char *text = xasprintf("[guest]\nname = all\n[machine]\narch = x86_64\n"
				       "memory = 64\naccel = tcg\ncpus = 2\n"
				       "[disk 1]\npath = /usr/lib/memtest86+/memtest86+x64.iso\n"
				       "readonly = yes\n" MEMTEST
				       "[network]\nmode = restricted\n[input]\ntablet = %s\n"
				       "[display]\ndevice = %s\n",
			i % 2 ? "yes" : "no", devices[i]);
		create(world, text);
		start(world);
		power_off(world);
		guest_destroy(world->guest);
		world->guest = NULL;
		world->ready = 0;
		free(text);
		char *folder = xasprintf("%s/guests", world->folder);
		empty_folder(folder);
		free(folder);
	}
}

int main(void) {
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(test_life),
		CASE(test_start_again),
		CASE(test_killed_from_outside),
		CASE(test_abort),
		CASE(test_examples),
		CASE(test_power_off_of_a_stopped_process),
		CASE(test_power_off_at_once),
		CASE(test_display),
		CASE(test_who_runs_it),
		CASE(test_unreadable_file),
		CASE(test_missing_qemu),
		CASE(test_refused_argument),
		CASE(test_refused_machine),
		CASE(test_program_that_is_no_qemu),
		CASE(test_uefi),
		CASE(test_aarch64_uefi),
		CASE(test_all_devices),
	};
	log_init("test", LOG_LEVEL_INFO);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
