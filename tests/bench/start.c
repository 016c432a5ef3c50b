/* How long mullion takes from exec to an accepting Wayland socket and to the first composed frame
 * of a client, and how much memory it has then, beside cage and sway, all headless on pixman at
 * wlroots' own headless size. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/bench/process.h"
#include "tests/bench/samples.h"
#include "tests/bench/window.h"

#define ROUNDS 15
#define TIMEOUT 20000000000u /* ns */
#define SETTLE 300000000u /* ns: until memory is read */

struct contestant {
	const char *name;
	char *const *argv;
	const char *const *environment;
	bool missing;
	struct samples accepting, answered, composed, cpu; /* ms */
	struct samples total, own, private; /* MiB */
};

static char *const cage_argv[] = {"cage", "--", "sleep", "1000", NULL};
static char *const sway_argv[] = {"sway", "-c", "/dev/null", NULL};
static const char *const environment[] = {"WLR_BACKENDS=headless", "WLR_RENDERER=pixman", NULL};
static const char *const no_environment[] = {NULL};

/* -1 while nobody accepts there. */
static int try_connect(const struct process *process) {
	for (int i = 0; i < 2; i++) {
		struct sockaddr_un address = {.sun_family = AF_UNIX};
		snprintf(address.sun_path, sizeof(address.sun_path), "%s/wayland-%d",
			process->folder, i);
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
			return fd;
		}
		close(fd);
	}
	return -1;
}

/* Sleeps until something appears in the folder, so that we don't take the CPU from the one who is
 * measured; only between bind and listen it tries again and again. */
static int wait_for_socket(struct process *process, int inotify) {
	char events[4096];
	uint64_t deadline = bench_now() + TIMEOUT;
	int fd = -1;
	while (fd < 0 && bench_now() < deadline && process_is_running(process)) {
		struct pollfd item = {.fd = inotify, .events = POLLIN};
		if (poll(&item, 1, 20) > 0 && read(inotify, events, sizeof(events)) < 0) {
			return -1;
		}
		for (int i = 0; i < 4 && (fd = try_connect(process)) < 0; i++) {
			bench_sleep(50000);
		}
	}
	return fd;
}

static bool measure(struct contestant *contestant, struct process *process) {
	int inotify = inotify_init1(IN_CLOEXEC);
	inotify_add_watch(inotify, process->folder, IN_CREATE);
	uint64_t start = bench_now();
	process_start(process, contestant->name, contestant->argv, contestant->environment);
	int fd = wait_for_socket(process, inotify);
	uint64_t accepting = bench_now();
	close(inotify);
	struct window_times times;
	struct window *window = fd >= 0 ? window_create(fd, &times) : NULL;
	if (!window) {
		return false;
	}
	samples_add(&contestant->accepting, (double)(accepting - start) / 1e6);
	samples_add(&contestant->answered, (double)(times.answered - start) / 1e6);
	samples_add(&contestant->composed, (double)(times.composed - start) / 1e6);
	samples_add(&contestant->cpu, (double)process_usage(process->pid).cpu / 1e6);
	bench_sleep(SETTLE);
	struct process_memory memory = process_memory(process->pid);
	samples_add(&contestant->total, (double)memory.total / 1024);
	samples_add(&contestant->own, (double)memory.own / 1024);
	samples_add(&contestant->private, (double)memory.private / 1024);
	window_destroy(window);
	return true;
}

static void run(struct contestant *contestant) {
	if (contestant->missing) {
		return;
	}
	struct process process;
	process_init(&process);
	if (!measure(contestant, &process)) {
		fprintf(stderr, "%s doesn't start here; it is left out\n", contestant->name);
		process_print_output(&process, contestant->name);
		contestant->missing = true;
	}
	process_finish(&process);
}

static void print_row(const struct contestant *contestant) {
	if (contestant->missing) {
		return;
	}
	printf("%-8s %9.1f %9.1f %9.1f %9.1f %9.1f %9.1f\n", contestant->name,
		samples_median(&contestant->accepting), samples_median(&contestant->answered),
		samples_median(&contestant->composed), samples_median(&contestant->cpu),
		samples_median(&contestant->own), samples_median(&contestant->private));
}

static void print_ratios(const struct contestant *ours, const struct contestant *other) {
	if (other->missing) {
		return;
	}
	printf("mullion / %-5s  socket %.2f  answer %.2f  frame %.2f  cpu %.2f  memory %.2f  "
	       "private %.2f\n",
		other->name, samples_ratio(&ours->accepting, &other->accepting),
		samples_ratio(&ours->answered, &other->answered),
		samples_ratio(&ours->composed, &other->composed),
		samples_ratio(&ours->cpu, &other->cpu), samples_ratio(&ours->own, &other->own),
		samples_ratio(&ours->private, &other->private));
}

int main(int argc, char **argv) {
	if (argc < 2) {
		bench_fail("usage: bench-start MULLION [ROUNDS]");
	}
	int rounds = argc > 2 ? atoi(argv[2]) : ROUNDS;
	/* In the grid a window has its frame and name, for which the font is loaded. */
	char *const mullion_argv[] = {argv[1], "--backend", "headless", "--renderer", "pixman",
		"--output", "1280x720", "--layout", "grid", NULL};
	struct contestant contestants[] = {
		{.name = "mullion", .argv = mullion_argv, .environment = no_environment},
		{.name = "cage", .argv = cage_argv, .environment = environment},
		{.name = "sway", .argv = sway_argv, .environment = environment},
	};
	for (int round = 0; round < rounds; round++) {
		for (int i = 0; i < 3; i++) {
			run(&contestants[(round + i) % 3]);
		}
	}
	if (contestants[0].missing) {
		return EXIT_FAILURE;
	}
	printf("repeat with: %s %s %d\n", argv[0], argv[1], rounds);
	printf("medians of %d interleaved rounds, headless 1280x720, pixman\n", rounds);
	printf("%-8s %9s %9s %9s %9s %9s %9s\n", "", "socket ms", "answer ms", "frame ms", "cpu ms",
		"memory MB", "private");
	for (int i = 0; i < 3; i++) {
		print_row(&contestants[i]);
	}
	print_ratios(&contestants[0], &contestants[1]);
	print_ratios(&contestants[0], &contestants[2]);
	return EXIT_SUCCESS;
}
