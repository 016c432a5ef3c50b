/* A mullion under measurement, headless at 1920x1080 on pixman, with synthetic guests. */
#ifndef TESTS_BENCH_DESKTOP_H
#define TESTS_BENCH_DESKTOP_H

#include <stddef.h>

#include "tests/bench/process.h"

struct bench_tools { /* paths of programs */
	char *mullion, *mullionctl;
	char *guest; /* in QEMU's place, or NULL for QEMU itself */
};

struct bench_desktop {
	const struct bench_tools *tools;
	struct process process;
	int guest_count;
};

/* Starts it with `layout` and guests g0, g1 ...; each of `guests` is what follows its name in the
 * guest file. Returns when all of them have painted. */
void bench_desktop_start(struct bench_desktop *desktop, const struct bench_tools *tools,
	const char *layout, const char *const *guests, int guest_count);
/* Ends the guests too. */
void bench_desktop_finish(struct bench_desktop *desktop);

/* Runs mullionctl with at most six words, up to NULL; false if it fails. */
bool bench_desktop_command(const struct bench_desktop *desktop, char *const words[]);
pid_t bench_desktop_guest_pid(const struct bench_desktop *desktop, int index); /* 0: none */

/* A guest file's text for a synthetic guest that draws so. Valid until the next call. */
const char *bench_synthetic_guest(const struct bench_tools *tools, const char *synthetic);

#endif
