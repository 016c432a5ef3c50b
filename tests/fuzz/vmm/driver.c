/* driver ROUNDS FOLDER: runs the target on each file of the folder and on ROUNDS variations of it,
 * the same ones every time. A finding ends the program, by way of the sanitizers. */
#include "fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INPUT_MAX (70 * 1024) // bytes

static uint64_t random_state = 1;

static uint32_t next_random(uint32_t limit) {
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 11) % limit;
}

/* Removes, doubles, or moves a part. */
static size_t shuffle(uint8_t *bytes, size_t size) {
	size_t from = next_random(size), len = next_random(size - from) + 1;
	size_t to = next_random(size);
	if (next_random(2)) {
		memmove(bytes + from, bytes + from + len, size - from - len);
		return size - len;
	}
	len = len > INPUT_MAX - size ? INPUT_MAX - size : len;
	memmove(bytes + to + len, bytes + to, size - to);
	memmove(bytes + to, bytes + from, len);
	return size + len;
}

static size_t vary(uint8_t *bytes, size_t size) {
	static const char special[] = "\n\r\t []{}=:;#\"'\\,\0\x7f\x80\xff";
	for (uint32_t i = next_random(6) + 1; i > 0 && size > 0; i--) {
		switch (next_random(4)) {
		case 0:
			bytes[next_random(size)] ^= 1u << next_random(8);
			break;
		case 1:
			bytes[next_random(size)] = special[next_random(sizeof(special))];
			break;
		case 2:
			bytes[next_random(size)] = next_random(256);
			break;
		case 3:
			size = shuffle(bytes, size);
			break;
		}
	}
	return size;
}

static size_t read_seed(int folder, const char *name, uint8_t *bytes) {
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, bytes, INPUT_MAX);
	if (fd >= 0) {
		close(fd);
	}
	return n > 0 ? n : 0;
}

static void run_seed(const uint8_t *seed, size_t size, unsigned long rounds) {
	uint8_t *bytes = malloc(INPUT_MAX);
	LLVMFuzzerTestOneInput(seed, size);
	for (unsigned long i = 0; bytes && i < rounds; i++) {
		memcpy(bytes, seed, size);
		LLVMFuzzerTestOneInput(bytes, vary(bytes, size));
	}
	free(bytes);
}

int main(int argc, char **argv) {
	DIR *folder = argc == 3 ? opendir(argv[2]) : NULL;
	uint8_t *seed = malloc(INPUT_MAX);
	unsigned int count = 0;
	if (!folder || !seed) {
		fputs("usage: driver ROUNDS FOLDER\n", stderr);
		return 2;
	}
	for (struct dirent *entry; (entry = readdir(folder));) {
		size_t size = read_seed(dirfd(folder), entry->d_name, seed);
		if (entry->d_name[0] != '.' && size > 0) {
			run_seed(seed, size, strtoul(argv[1], NULL, 10));
			count++;
		}
	}
	closedir(folder);
	free(seed);
	printf("%u seeds\n", count);
	return count > 0 ? 0 : 1;
}
