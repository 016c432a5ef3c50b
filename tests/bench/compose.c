/* What composing a guest's update costs mullion, in CPU time of the whole process, beside a paced
 * memcpy of the same bytes: for updates of the whole 1920x1080 picture, of a tenth of it, and of a
 * few squares. The layout is "single", so that the guest fills the screen, pixel by pixel. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/desktop.h"
#include "tests/bench/samples.h"

#define WIDTH 1920
#define HEIGHT 1080
#define RATE 30 /* Hz */
#define ROUNDS 7
#define WINDOW 3000000000u /* ns: how long each is measured */
#define WARM_UP 500000000u /* ns */

struct load {
	const char *name;
	const char *pattern; /* of the synthetic guest */
	const char *copy_width, *copy_height; /* px, of the memcpy */
	struct samples composed, copied; /* ms of CPU time per update */
	struct samples wakeups; /* per update */
};

/* ms per update while it goes on for a while. */
static double measure(const struct process *process, struct samples *wakeups) {
	bench_sleep(WARM_UP);
	uint64_t start = bench_now();
	struct process_usage before = process_usage(process->pid);
	bench_sleep(WINDOW);
	struct process_usage after = process_usage(process->pid);
	double updates = (double)(bench_now() - start) / 1e9 * RATE;
	if (wakeups) {
		samples_add(wakeups, (double)(after.switches - before.switches) / updates);
	}
	return (double)(after.cpu - before.cpu) / 1e6 / updates;
}

static void run_copy(struct load *load, char *program) {
	char stride[8], rate[8];
	snprintf(stride, sizeof(stride), "%d", WIDTH);
	snprintf(rate, sizeof(rate), "%d", RATE);
	char *const argv[] = {
		program, stride, (char *)load->copy_width, (char *)load->copy_height, rate, NULL};
	static const char *const environment[] = {NULL};
	struct process process;
	process_init(&process);
	process_start(&process, "copy", argv, environment);
	samples_add(&load->copied, measure(&process, NULL));
	process_finish(&process);
}

static void run_compose(struct load *load, const struct bench_tools *tools) {
	char synthetic[128];
	snprintf(synthetic, sizeof(synthetic), "mode=%dx%d,fps=%d,pattern=%s", WIDTH, HEIGHT, RATE,
		load->pattern);
	const char *guest = bench_synthetic_guest(tools, synthetic);
	struct bench_desktop desktop;
	bench_desktop_start(&desktop, tools, "single", &guest, 1);
	samples_add(&load->composed, measure(&desktop.process, &load->wakeups));
	bench_desktop_finish(&desktop);
}

static void print_load(const struct load *load, const struct load *whole) {
	printf("%-8s %9.3f %9.3f %9.2f %11.3f %9.1f\n", load->name, samples_median(&load->composed),
		samples_median(&load->copied), samples_ratio(&load->composed, &load->copied),
		samples_ratio(&load->composed, &whole->composed), samples_median(&load->wakeups));
}

int main(int argc, char **argv) {
	if (argc < 5) {
		bench_fail("usage: bench-compose MULLION MULLIONCTL SYNTHETIC-GUEST PACED-COPY "
			   "[ROUNDS]");
	}
	int rounds = argc > 5 ? atoi(argv[5]) : ROUNDS;
	struct bench_tools tools = {.mullion = argv[1], .mullionctl = argv[2], .guest = argv[3]};
	struct load loads[] = {
		{.name = "whole", .pattern = "full", .copy_width = "1920", .copy_height = "1080"},
		{.name = "tenth", .pattern = "band", .copy_width = "1920", .copy_height = "108"},
		{.name = "squares", .pattern = "counter", .copy_width = "256", .copy_height = "16"},
	};
	for (int round = 0; round < rounds; round++) {
		for (int i = 0; i < 3; i++) {
			run_copy(&loads[i], argv[4]);
			run_compose(&loads[i], &tools);
		}
	}
	printf("repeat with: %s %s %s %s %s %d\n", argv[0], argv[1], argv[2], argv[3], argv[4],
		rounds);
	printf("CPU time per update, medians of %d interleaved rounds, %dx%d at %d a second\n",
		rounds, WIDTH, HEIGHT, RATE);
	printf("%-8s %9s %9s %9s %11s %9s\n", "update", "mullion", "memcpy", "ratio", "of a whole",
		"wake-ups");
	for (int i = 0; i < 3; i++) {
		print_load(&loads[i], &loads[0]);
	}
	return EXIT_SUCCESS;
}
