/* Four guests that draw out of step, faster than the output: it is composed once a refresh, for all
 * of them, and its listener follows. */
/* cmocka.h needs these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <wlr/types/wlr_output.h>

#include "compositor/guest_view.h"
#include "compositor/guests.h"
#include "compositor/output.h"
#include "compositor/publish.h"
#include "tests/unit/vm-display/harness.h"
#include "world.h"

#define GUESTS 4
#define UPDATES 1200 /* of all guests, about 3 s */

static const int rates[GUESTS] = {97, 101, 103, 107}; /* pictures a second */
static const char *program; /* the synthetic guest */
static pid_t pids[GUESTS]; /* of guests that would outlive a test that fails */

struct files { /* whom root's guests run as reads them, too */
	char folder[32], program[64];
	char guests[GUESTS][64];
	char *paths[GUESTS + 1];
};

struct counter {
	struct wl_listener commit;
	int frames; /* that the output was composed for */
};

static void copy_program(const char *from, const char *to) {
	char buffer[65536];
	FILE *in = fopen(from, "re"), *out = fopen(to, "we");
	assert_non_null(in);
	assert_non_null(out);
	for (size_t size; (size = fread(buffer, 1, sizeof(buffer), in)) > 0;) {
		assert_int_equal(fwrite(buffer, 1, size, out), size);
	}
	fclose(in);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(chmod(to, 0755), 0);
}

static void write_files(struct files *files) {
	*files = (struct files){.folder = "/tmp/mullion-test-pace-XXXXXX"};
	assert_non_null(mkdtemp(files->folder));
	assert_int_equal(chmod(files->folder, 0755), 0);
	snprintf(files->program, sizeof(files->program), "%s/guest", files->folder);
	copy_program(program, files->program);
	for (int i = 0; i < GUESTS; i++) {
		snprintf(
			files->guests[i], sizeof(files->guests[i]), "%s/g%d.ini", files->folder, i);
		FILE *file = fopen(files->guests[i], "we");
		assert_non_null(file);
		fprintf(file,
			"[guest]\nname = g%d\n[machine]\nqemu = %s\n[network]\nmode = none\n"
			"[qemu]\nextra = -synthetic pattern=full,mode=160x100,fps=%d\n",
			i, files->program, rates[i]);
		assert_int_equal(fclose(file), 0);
		files->paths[i] = files->guests[i];
	}
}

static void remove_files(struct files *files) {
	for (int i = 0; i < GUESTS; i++) {
		unlink(files->guests[i]);
	}
	unlink(files->program);
	assert_int_equal(rmdir(files->folder), 0);
}

static struct console *console_of(struct server *server, int index) {
	char name[8];
	snprintf(name, sizeof(name), "g%d", index);
	struct managed_guest *guest = guests_find(server->guests, name);
	struct guest_view *view = wl_container_of(guest->views.next, view, link);
	return view->console;
}

static bool all_paint(struct server *server) {
	for (int i = 0; i < GUESTS; i++) {
		struct console *console = console_of(server, i);
		if (!console || !console->screen.frame) {
			return false;
		}
	}
	return true;
}

static void note_guests(struct server *server) {
	for (int i = 0; i < GUESTS; i++) {
		char name[8];
		snprintf(name, sizeof(name), "g%d", i);
		pids[i] = guest_pid(guests_find(server->guests, name)->vmm);
	}
}

static void kill_guests(void) {
	for (int i = 0; i < GUESTS; i++) {
		if (pids[i] > 0) {
			kill(pids[i], SIGKILL);
		}
	}
}

static void handle_commit(struct wl_listener *listener, void *data) {
	struct counter *counter = wl_container_of(listener, counter, commit);
	const struct wlr_output_event_commit *event = data;
	counter->frames += (event->state->committed & WLR_OUTPUT_STATE_BUFFER) != 0;
}

static double now(void) {
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int sum(const struct watch *watches) {
	int updates = 0;
	for (int i = 0; i < GUESTS; i++) {
		updates += watches[i].damages;
	}
	return updates;
}

static void count(sd_event *event, struct server *server, struct watch *remote) {
	struct output *output = output_by_name(server->outputs, "LEFT");
	struct counter counter = {.commit.notify = handle_commit};
	struct watch watches[GUESTS] = {0};
	for (int i = 0; i < GUESTS; i++) {
		watch_begin(&watches[i], &console_of(server, i)->screen);
	}
	wl_signal_add(&output->wlr->events.commit, &counter.commit);
	remote->damages = 0;
	double start = now();
	WAIT_FOR(event, sum(watches) >= UPDATES);
	double seconds = now() - start;
	int updates = sum(watches);
	printf("%d updates of guests, %d frames, %d updates for the listener in %.1f s\n", updates,
		counter.frames, remote->damages, seconds);
	wl_list_remove(&counter.commit.link);
	for (int i = 0; i < GUESTS; i++) {
		assert_true(watches[i].damages > UPDATES / GUESTS / 4); /* none is left behind */
		watch_end(&watches[i]);
	}
	double refresh = output->wlr->refresh > 0 ? output->wlr->refresh / 1000.0 : 60;
	assert_true(counter.frames > 10);
	assert_true(counter.frames <= refresh * seconds * 1.2 + 2);
	assert_true(updates > 2 * counter.frames);
	assert_true(remote->damages > 10);
}

static void test_one_frame_for_all(void **state) {
	struct files files;
	write_files(&files);
	sd_event *event;
	assert_true(sd_event_new(&event) >= 0);
	struct options options = world_options();
	options.output_count = 1;
	options.fresh = true;
	options.guests = files.paths;
	struct server *server = world_start(event, &options);
	note_guests(server);
	WAIT_FOR(event, all_paint(server));

	struct peer peer;
	char *error = NULL;
	peer_open(
		&peer, event, publish_open(server->publish, "output:LEFT", PUBLISHER_VIEW, &error));
	struct console *console = peer_console(&peer, 0);
	assert_non_null(console);
	console_listen(console, true);
	WAIT_FOR(event, console->screen.frame);
	struct watch remote = {0};
	watch_begin(&remote, &console->screen);
	count(event, server, &remote);
	watch_end(&remote);
	peer_close(&peer);

	guests_end(server->guests);
	assert_true(sd_event_loop(event) >= 0);
	memset(pids, 0, sizeof(pids));
	server_destroy(server);
	sd_event_unref(event);
	remove_files(&files);
}

int main(int argc, char **argv) {
	program = argv[1];
	atexit(kill_guests);
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_one_frame_for_all)};
	return argc == 2 ? cmocka_run_group_tests(tests, world_set_up, world_tear_down) : 2;
}
