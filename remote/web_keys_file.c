#include <arpa/inet.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "remote/web_keys.h"
#include "util/mem.h"
#include "util/runtime.h"

/* A line for each: digest, address, proof, whether it may only look, until when, user. */
#define LINE_FORMAT "%64s %45s %64s %1d %20" SCNu64 " %63s"
#define LINE_MAX_SIZE 320 /* bytes */

static bool read_digest(uint8_t digest[WEB_DIGEST_SIZE], const char *text) {
	for (size_t i = 0; i < WEB_DIGEST_SIZE; i++) {
		unsigned int byte;
		if (sscanf(text + 2 * i, "%2x", &byte) != 1) {
			return false;
		}
		digest[i] = byte;
	}
	return strlen(text) == 2 * WEB_DIGEST_SIZE;
}

static void load_line(struct web_keys *keys, const char *line) {
	struct web_key model = {.kind = WEB_KEY}, *key;
	char digest[65], address[46];
	int view_only;
	if (sscanf(line, LINE_FORMAT, digest, address, model.proof, &view_only, &model.until,
		    model.user) != 6 ||
		!read_digest(model.digest, digest) ||
		inet_pton(AF_INET6, address, &model.address) != 1) {
		return;
	}
	model.view_only = view_only;
	key = xcalloc(1, sizeof(*key));
	*key = model;
	TAILQ_INSERT_TAIL(&keys->list, key, link);
}

static FILE *open_own(const char *path) {
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == getuid() &&
		!(st.st_mode & 077)) {
		return fdopen(fd, "r");
	}
	if (fd >= 0) {
		close(fd);
	}
	return NULL;
}

void web_keys_load(struct web_keys *keys, const char *path) {
	FILE *file = open_own(path);
	char line[LINE_MAX_SIZE];
	for (int i = 0; file && i < WEB_KEYS_MAX && fgets(line, sizeof(line), file); i++) {
		load_line(keys, line);
	}
	if (file) {
		fclose(file);
	}
}

static void save_key(const struct web_key *key, FILE *out) {
	char address[INET6_ADDRSTRLEN];
	if (key->kind != WEB_KEY || !key->proof[0] || !key->user[0]) {
		return;
	}
	for (size_t i = 0; i < WEB_DIGEST_SIZE; i++) {
		fprintf(out, "%02x", key->digest[i]);
	}
	fprintf(out, " %s %s %d %" PRIu64 " %s\n",
		inet_ntop(AF_INET6, &key->address, address, sizeof(address)), key->proof,
		key->view_only, key->until, key->user);
}

void web_keys_save(const struct web_keys *keys, const char *path) {
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	const struct web_key *key;
	if (!out) {
		return;
	}
	TAILQ_FOREACH (key, &keys->list, link) {
		save_key(key, out);
	}
	fclose(out);
	write_file_atomically(path, text);
	free(text);
}
