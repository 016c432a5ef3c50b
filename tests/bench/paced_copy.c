/* The measure of composing: copies a rectangle of a picture into destinations that rotate, so that
 * they are never in the cache, at a fixed pace, until it is killed.
 *
 * usage: bench-paced-copy STRIDE WIDTH HEIGHT RATE, the first two in pixels of four bytes */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/bench/process.h"
#include "util/mem.h"

#define DESTINATIONS 24

int main(int argc, char **argv) {
	if (argc != 5) {
		bench_fail("usage: bench-paced-copy STRIDE WIDTH HEIGHT RATE");
	}
	size_t stride = strtoul(argv[1], NULL, 10) * 4, width = strtoul(argv[2], NULL, 10) * 4;
	size_t height = strtoul(argv[3], NULL, 10), rate = strtoul(argv[4], NULL, 10);
	if (width == 0 || width > stride || height == 0 || height > 16384 || rate == 0) {
		bench_fail("bench-paced-copy: bad numbers");
	}
	uint8_t *pictures[DESTINATIONS + 1];
	for (int i = 0; i <= DESTINATIONS; i++) {
		pictures[i] = xcalloc(height, stride);
		memset(pictures[i], i, height * stride);
	}
	uint64_t next = bench_now();
	for (unsigned int number = 0;; number++) {
		uint8_t *to = pictures[1 + number % DESTINATIONS];
		size_t rows = width == stride ? 1 : height;
		for (size_t y = 0; y < rows; y++) {
			memcpy(to + y * stride, pictures[0] + y * stride,
				rows == 1 ? height * stride : width);
		}
		next += 1000000000u / rate;
		uint64_t now = bench_now();
		if (next > now) {
			bench_sleep(next - now);
		}
	}
}
