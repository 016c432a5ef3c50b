/* A Wayland client that opens one small window and waits until it was composed. */
#ifndef TESTS_BENCH_WINDOW_H
#define TESTS_BENCH_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

struct window;

struct window_times { /* bench_now */
	uint64_t answered; /* the first round trip */
	uint64_t composed; /* the first frame callback */
};

/* `fd` is connected and taken. NULL if the compositor refuses or goes away. */
struct window *window_create(int fd, struct window_times *times);
void window_destroy(struct window *window); /* NULL is legal */

#endif
