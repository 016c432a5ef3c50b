#include "world.h"

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <systemd/sd-bus.h>
#include <time.h>
#include <unistd.h>

#include "vmm/guest_process.h"

static void handle_state_changed(struct guest *guest, void *data) {
	((struct world *)data)->changes++;
}

static void handle_ready(struct guest *guest, void *data) {
	((struct world *)data)->ready++;
}

static void handle_display(struct guest *guest, int fd, const char *error, void *data) {
	struct world *world = data;
	world->displays++;
	world->display_fd = fd;
	snprintf(world->display_error, sizeof(world->display_error), "%s", error ? error : "");
}

static void handle_event(struct guest *guest, const char *name, const char *json, void *data) {
	struct world *world = data;
	size_t len = strlen(world->events);
	snprintf(world->events + len, sizeof(world->events) - len, "%s ", name);
}

static const struct guest_impl impl = {
	.state_changed = handle_state_changed,
	.ready = handle_ready,
	.display = handle_display,
	.event = handle_event,
};

uint64_t now(void) {
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000ull + time.tv_nsec / 1000;
}

void write_guest_file(struct world *world, const char *text) {
	FILE *file = fopen(world->file, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

struct guest *make_guest(struct world *world) {
	struct guest_config *config = guest_config_load(world->file, stderr);
	assert_non_null(config);
	struct guest_options options = {.runtime = world->folder, .state = world->folder};
	return guest_create(world->event, &options, config, &impl, world);
}

void create(struct world *world, const char *text) {
	write_guest_file(world, text);
	world->guest = make_guest(world);
	assert_non_null(world->guest);
	assert_int_equal(guest_state(world->guest), GUEST_OFF);
	assert_int_equal(guest_pid(world->guest), 0);
	assert_string_equal(guest_accel(world->guest), "");
	assert_string_equal(guest_reason(world->guest), "");
}

void start(struct world *world) {
	char *error = NULL;
	bool started = guest_start(world->guest, 800, 600, &error);
	assert_null(error);
	assert_true(started);
	assert_int_equal(guest_state(world->guest), GUEST_STARTING);
	WAIT_FOR(world, world->ready || guest_state(world->guest) == GUEST_OFF);
	assert_string_equal(guest_reason(world->guest), "");
	assert_int_equal(guest_state(world->guest), GUEST_RUNNING);
}

void do_it(struct world *world, guest_verb verb) {
	char *error = NULL;
	bool done = verb(world->guest, &error);
	assert_null(error);
	assert_true(done);
}

void check_refused(struct world *world, guest_verb verb, const char *wanted) {
	char *error = NULL;
	assert_false(verb(world->guest, &error));
	assert_string_equal(error, wanted);
	free(error);
}

void power_off(struct world *world) {
	do_it(world, guest_power_off);
	WAIT_FOR(world, guest_state(world->guest) == GUEST_OFF);
}

void check_off(struct world *world, const char *reason) {
	WAIT_FOR(world, guest_state(world->guest) == GUEST_OFF);
	assert_string_equal(guest_reason(world->guest), reason);
	assert_int_equal(guest_pid(world->guest), 0);
}

int set_up(void **state) {
	struct world *world = calloc(1, sizeof(*world));
	snprintf(world->folder, sizeof(world->folder), "/tmp/mullion-guest.XXXXXX");
	if (!mkdtemp(world->folder) || sd_event_new(&world->event) < 0) {
		return -1;
	}
	snprintf(world->file, sizeof(world->file), "%s/test.ini", world->folder);
	*state = world;
	return 0;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw) {
	return remove(path);
}

void empty_folder(const char *path) {
	nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* A test that fails leaves its guest running: guests outlive their owners. */
static void end_leftovers(struct world *world) {
	static const char *const names[] = {
		"small", "uefi", "arm", "all", "fake", "debian", "memtest", "grub"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct guest_folder folder;
		char path[160];
		snprintf(path, sizeof(path), "%s/guests/%s", world->folder, names[i]);
		if (access(path, F_OK) < 0) {
			continue;
		}
		int pidfd = -1;
		bool ended;
		if (guest_folder_init(&folder, world->folder, names[i]) &&
			guest_folder_find_process(&folder, &pidfd, &ended) > 0) {
			pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
			close(pidfd);
		}
		guest_folder_finish(&folder);
	}
}

int tear_down(void **state) {
	struct world *world = *state;
	guest_destroy(world->guest);
	end_leftovers(world);
	sd_event_unref(world->event);
	empty_folder(world->folder);
	free(world);
	return 0;
}

static char *display_name(int fd) {
	sd_bus *bus;
	char *name = NULL;
	assert_true(sd_bus_new(&bus) >= 0);
	assert_true(sd_bus_set_fd(bus, fd, fd) >= 0);
	assert_true(sd_bus_start(bus) >= 0);
	assert_true(sd_bus_get_property_string(bus, NULL, "/org/qemu/Display1/VM",
			    "org.qemu.Display1.VM", "Name", NULL, &name) >= 0);
	sd_bus_unref(bus);
	return name;
}

void check_display(struct world *world, const char *wanted) {
	world->displays = 0;
	do_it(world, guest_open_display);
	WAIT_FOR(world, world->displays);
	assert_string_equal(world->display_error, "");
	assert_true(world->display_fd >= 0);
	char *name = display_name(world->display_fd);
	assert_string_equal(name, wanted);
	free(name);
}
